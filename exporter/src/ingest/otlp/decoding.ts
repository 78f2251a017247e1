/** Decodes requests of spans in a worker thread: a large one takes a second, which would block the event loop. */
import { Worker } from 'node:worker_threads';
import { AppError, errorCode, RETRY_AFTER } from '../../errors.js';
import type { Bounds } from '../../facts/refusal.js';
import { FairSemaphore } from '../../queues/fair-semaphore.js';
import { type WorkerProgram, workerProgram } from '../../worker-program.js';
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

export type Reply = { id: number } & (Part | { notARequest: string } | { failure: string });

interface Waiting {
  isLarge: boolean;
  resolve: (part: Part) => void;
  reject: (error: Error) => void;
}

/** Heap limit of the thread. */
const MAX_HEAP_MB = 1024;
/** Size of the bodies decoded at the same time. Decoded, they are much larger, and stay until all parts are written. */
const MAX_DECODED_BYTES = 20 * 1024 * 1024;
/** Smaller requests have a single part, whatever they contain, and do not wait for memory. */
const SMALL_BYTES = 64 * 1024;

/** What the thread makes a `Content` of. */
export type KeptContent = Pick<Content, 'capture' | 'patterns'>;

export interface SpanRequest {
  tenantId: string;
  /** Must not be used afterwards. */
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
  private requests = 0;

  /** @param workerFile the thread's program; replaced in tests */
  constructor(private readonly workerFile = () => decodingWorker()) {}

  /**
   * @param take called with the spans in parts, one after the other
   * @returns which spans are rejected
   * @throws AppError VALIDATION_ERROR if the body is not an ExportTraceServiceRequest; PAYLOAD_TOO_LARGE if it does not fit
   *   into the thread's memory; UNAVAILABLE if the thread died for another reason. Also throws errors of `take`.
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
    { body, encoding, bounds, content }: SpanRequest,
    take: (part: SentTrace[]) => Promise<void>,
  ): Promise<Refused> {
    const worker = this.running();
    const id = (this.requests += 1);
    const large = isLarge(body);
    const bytes = ownBytes(body);
    let reply = await this.ask(worker, { id, body: bytes, encoding, bounds, content }, large, [bytes.buffer]);
    for (;;) {
      try {
        if (reply.part.length > 0) await take(reply.part);
      } catch (error) {
        if (reply.hasMore) worker.postMessage({ id, drop: true } satisfies Ask);
        throw error;
      }
      if (!reply.hasMore) return reply.refused;
      reply = await this.ask(worker, { id }, large);
    }
  }

  private ask(worker: Worker, ask: Ask, isLarge: boolean, transfer: ArrayBuffer[] = []): Promise<Part> {
    // A new thread does not know this request.
    if (worker !== this.worker) throw unavailable(DIED);
    worker.ref();
    worker.postMessage(ask, transfer);
    return new Promise((resolve, reject) => this.waiting.set(ask.id, { isLarge, resolve, reject }));
  }

  private running(): Worker {
    if (this.closed) throw unavailable('the service is closing');
    try {
      return (this.worker ??= this.start());
    } catch (error) {
      throw unavailable('the thread that decodes spans cannot be started', error);
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
      // The first request was being decoded. If it was the only one in memory, it was too large by itself.
      const [first] = this.waiting.keys();
      const alone = first !== undefined && this.memory.running === (this.waiting.get(first)!.isLarge ? 1 : 0);
      for (const id of [...this.waiting.keys()]) {
        const isTooLarge = id === first && alone && isOutOfMemory(cause);
        this.end(id)!.reject(isTooLarge ? tooLarge() : unavailable(DIED, cause));
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

/** Node.js allocates small buffers from a shared pool, which cannot be transferred to the thread. */
function ownBytes(body: Uint8Array): Uint8Array<ArrayBuffer> {
  const isOwn = body.buffer instanceof ArrayBuffer && body.byteLength === body.buffer.byteLength;
  return isOwn ? (body as Uint8Array<ArrayBuffer>) : new Uint8Array(body);
}

const DIED = 'the thread that decodes spans has ended';
const tooLarge = (): AppError =>
  new AppError(
    'PAYLOAD_TOO_LARGE',
    'the spans of this request do not fit into memory; send fewer per request',
  );

const errorOf = (reply: { notARequest: string } | { failure: string }): Error =>
  'notARequest' in reply
    ? new AppError('VALIDATION_ERROR', `the body is not an ExportTraceServiceRequest: ${reply.notARequest}`)
    : new Error(`spans could not be decoded: ${reply.failure}`);

const unavailable = (what: string, cause?: unknown): AppError =>
  new AppError('UNAVAILABLE', `${what}; nothing was acknowledged`, {
    retryAfter: RETRY_AFTER.failure,
    cause,
  });

const isOutOfMemory = (cause: unknown): boolean => errorCode(cause) === 'ERR_WORKER_OUT_OF_MEMORY';

export const decodingWorker = (maxHeapMb = MAX_HEAP_MB): WorkerProgram =>
  workerProgram(new URL(import.meta.url), 'decoding-worker', maxHeapMb);
