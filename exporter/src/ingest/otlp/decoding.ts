/** Decodes requests of spans in a worker thread: a large one takes a second, which would block the event loop. */
import { Worker } from 'node:worker_threads';
import { AppError, errorCode } from '../../errors.js';
import type { Bounds } from '../../facts/refusal.js';
import { FairSemaphore } from '../../queues/fair-semaphore.js';
import { type WorkerProgram, workerProgram } from '../../worker-program.js';
import { notAcknowledged } from '../available.js';
import type { Content } from '../content.js';
import type { Encoding, Refused, SentTrace } from './sent.js';

/** A message to the thread: return the first part of a request, return the next part, or drop the request. */
export type Ask =
  | { id: number; body: Uint8Array; encoding: Encoding; bounds: Bounds; content?: KeptContent }
  | { id: number }
  | { id: number; drop: true };

interface Part {
  part: SentTrace[];
  hasMore: boolean;
  /** For the whole request. */
  refused: Refused;
}

export type Reply = { id: number } & (Part | Failure);
type Failure = { tooLarge: string } | { notARequest: string } | { failure: string };

interface Waiting {
  isLarge: boolean;
  resolve: (part: Part) => void;
  reject: (error: Error) => void;
}

/** Heap limit of the thread. */
const MAX_HEAP_MB = 1024;
/** Size of the bodies decoded at the same time. Decoded, they are much larger, and stay until all parts are written. */
const MAX_DECODED_BYTES = 20 * 1024 * 1024;
/** Requests that the thread has been given and has not answered yet: the next one waits there, not the thread for it. */
const MAX_GIVEN = 2;
/** How often a request is decoded again because the thread died with another one. */
const MAX_RESTARTS = 3;
/** Smaller requests have a single part, whatever they contain, and do not wait for memory. */
const SMALL_BYTES = 64 * 1024;

/** What the thread makes a `Content` of. */
export type KeptContent = Pick<Content, 'capture' | 'patterns'>;

export interface SpanRequest {
  tenantId: string;
  /** Kept until all of it has been taken: a thread that dies is replaced, and the request is decoded again. */
  body: Uint8Array;
  encoding: Encoding;
  bounds: Bounds;
  /** Default: everything is kept. */
  content?: KeptContent;
}

export class Decoding {
  /** Started with the first request, because most commands never decode spans. */
  private worker: Worker | undefined;
  private closed = false;
  /** In the order of the requests, which is also the order of the replies. */
  private readonly waiting = new Map<number, Waiting>();
  private readonly memory = new FairSemaphore(MAX_DECODED_BYTES);
  private readonly turns = new FairSemaphore(MAX_GIVEN);
  private requests = 0;

  /** @param workerFile the thread's program; replaced in tests */
  constructor(private readonly workerFile = () => decodingWorker()) {}

  /**
   * @param take called with the spans in parts, one after the other
   * @returns which spans are rejected
   * @throws AppError VALIDATION_ERROR if the body is not an ExportTraceServiceRequest; PAYLOAD_TOO_LARGE if it has too many
   *   parts or does not fit into the thread's memory; UNAVAILABLE if the thread died with it for another reason. Also
   *   throws errors of `take`.
   */
  read(request: SpanRequest, take: (part: SentTrace[]) => Promise<void>): Promise<Refused> {
    const { tenantId, body } = request;
    const decode = (): Promise<Refused> => this.readParts(request, take);
    return isLarge(body) ? this.memory.run(tenantId, body.length, decode) : decode();
  }

  /** Terminates the thread. Pending requests are refused. */
  async close(): Promise<void> {
    this.closed = true;
    await this.worker?.terminate();
  }

  private async readParts(
    request: SpanRequest,
    take: (part: SentTrace[]) => Promise<void>,
  ): Promise<Refused> {
    const reading = new Reading(request);
    for (;;) {
      const reply = await this.nextPart(reading);
      try {
        if (reply.part.length > 0) await take(reply.part);
      } catch (error) {
        if (reply.hasMore) this.drop(reading);
        throw error;
      }
      reading.taken += 1;
      if (!reply.hasMore) return reply.refused;
    }
  }

  /** The next part that has not been taken, from a new thread if the one before has died with another request. */
  private async nextPart(reading: Reading): Promise<Part> {
    for (let restarts = 0; ; restarts += 1) {
      try {
        if (reading.worker !== undefined && reading.worker === this.worker) {
          return await this.ask(reading.worker, { id: reading.id }, reading.isLarge);
        }
        let reply = await this.turns.run(reading.request.tenantId, 1, () => this.begin(reading));
        for (let skipped = 0; skipped < reading.taken; skipped += 1) {
          reply = await this.ask(reading.worker!, { id: reading.id }, reading.isLarge);
        }
        return reply;
      } catch (error) {
        if (!(error instanceof ThreadDied)) throw error;
        if (this.closed || restarts >= MAX_RESTARTS) throw notAcknowledged(DIED, error.cause);
      }
    }
  }

  /** Gives the request to the thread, which returns its first part. */
  private begin(reading: Reading): Promise<Part> {
    const { body, encoding, bounds, content } = reading.request;
    const worker = this.running();
    reading.worker = worker;
    reading.id = this.requests += 1;
    const bytes = new Uint8Array(body);
    return this.ask(worker, { id: reading.id, body: bytes, encoding, bounds, content }, reading.isLarge, [
      bytes.buffer,
    ]);
  }

  private drop({ worker, id }: Reading): void {
    if (worker === this.worker) worker?.postMessage({ id, drop: true } satisfies Ask);
  }

  private async ask(worker: Worker, ask: Ask, isLarge: boolean, transfer: ArrayBuffer[] = []): Promise<Part> {
    // A new thread does not know this request.
    if (worker !== this.worker) throw new ThreadDied();
    worker.ref();
    worker.postMessage(ask, transfer);
    return new Promise((resolve, reject) => this.waiting.set(ask.id, { isLarge, resolve, reject }));
  }

  private running(): Worker {
    if (this.closed) throw notAcknowledged('the service is closing');
    try {
      return (this.worker ??= this.start());
    } catch (error) {
      throw notAcknowledged('the thread that decodes spans cannot be started', error);
    }
  }

  private start(): Worker {
    const worker = new Worker(...this.workerFile());
    worker.on('message', (reply: Reply) => {
      const waiting = this.end(reply.id);
      if ('part' in reply) waiting?.resolve(reply);
      else waiting?.reject(errorOf(reply));
    });
    let cause: unknown;
    worker.on('error', (error) => (cause = error));
    worker.on('messageerror', (error) => {
      cause = error;
      void worker.terminate();
    });
    worker.on('exit', () => {
      // The next request starts a new thread.
      this.worker = undefined;
      // The first request was being decoded, and is the only one that fails. If it was the only one in memory, it was too
      // large by itself.
      const [first] = this.waiting.keys();
      const alone = first !== undefined && this.memory.running === (this.waiting.get(first)!.isLarge ? 1 : 0);
      for (const id of [...this.waiting.keys()]) {
        const waiting = this.end(id)!;
        if (id !== first) waiting.reject(new ThreadDied(cause));
        else waiting.reject(alone && isOutOfMemory(cause) ? tooLarge() : notAcknowledged(DIED, cause));
      }
    });
    return worker;
  }

  private end(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    // An idle thread must not keep the process alive.
    if (this.waiting.size === 0) this.worker?.unref();
    return waiting;
  }
}

const isLarge = (body: Uint8Array): boolean => body.length > SMALL_BYTES;

/** How far a request has been read. */
class Reading {
  /** The thread that has the request, and the id under which it has it. */
  worker: Worker | undefined;
  id = 0;
  /** Parts that have been taken. */
  taken = 0;
  readonly isLarge: boolean;

  constructor(readonly request: SpanRequest) {
    this.isLarge = isLarge(request.body);
  }
}

/** The thread died with another request. */
class ThreadDied extends Error {
  constructor(cause?: unknown) {
    super(DIED, { cause });
  }
}

const DIED = 'the thread that decodes spans has ended';
const tooLarge = (): AppError =>
  new AppError(
    'PAYLOAD_TOO_LARGE',
    'the spans of this request do not fit into memory; send fewer per request',
  );

function errorOf(reply: Failure): Error {
  if ('tooLarge' in reply) {
    return new AppError(
      'PAYLOAD_TOO_LARGE',
      `the request is too large: ${reply.tooLarge}; send fewer per request`,
    );
  }
  if ('notARequest' in reply) {
    return new AppError(
      'VALIDATION_ERROR',
      `the body is not an ExportTraceServiceRequest: ${reply.notARequest}`,
    );
  }
  return new Error(`spans could not be decoded: ${reply.failure}`);
}

const isOutOfMemory = (cause: unknown): boolean => errorCode(cause) === 'ERR_WORKER_OUT_OF_MEMORY';

export const decodingWorker = (maxHeapMb = MAX_HEAP_MB): WorkerProgram =>
  workerProgram(new URL(import.meta.url), 'decoding-worker', maxHeapMb);
