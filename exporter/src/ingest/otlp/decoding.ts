/** Requests of spans are decoded in a thread of their own: a large one takes a second, in which all others would wait. */
import { Worker } from 'node:worker_threads';
import { AppError, errorCode, RETRY_AFTER } from '../../errors.js';
import type { Bounds } from '../../facts/refusal.js';
import { FairSemaphore } from '../../queues/fair-semaphore.js';
import type { Encoding, Refused, SentTrace } from './sent.js';

/** What the thread is asked for: the first part of a request, its next one, or none any more. */
export type Ask =
  | { id: number; body: Uint8Array; encoding: Encoding; bounds: Bounds }
  | { id: number }
  | { id: number; drop: true };

interface Part {
  part: SentTrace[];
  hasMore: boolean;
  /** Of the whole request. */
  refused: Refused;
}

export type Reply = { id: number } & (Part | { notARequest: string } | { failure: string });

interface Waiting {
  isLarge: boolean;
  resolve: (part: Part) => void;
  reject: (error: Error) => void;
}

/** Heap of the thread. */
const MAX_HEAP_MB = 1024;
/** Bodies that are decoded at the same time. Decoded they are many times as large, and stay until all parts are written. */
const MAX_DECODED_BYTES = 20 * 1024 * 1024;
/** Smaller requests have a single part, whatever they contain, and do not wait for memory. */
const SMALL_BYTES = 64 * 1024;

export interface SpanRequest {
  tenantId: string;
  /** Not to be used afterwards. */
  body: Uint8Array;
  encoding: Encoding;
  bounds: Bounds;
}

export class Decoding {
  /** Started with the first request: most commands have none. */
  private worker: Worker | undefined;
  private closed = false;
  /** In the order in which they were asked, which is that of the answers. */
  private readonly waiting = new Map<number, Waiting>();
  private readonly memory = new FairSemaphore(MAX_DECODED_BYTES);
  private requests = 0;

  /** @param workerFile for tests: another program of the thread */
  constructor(private readonly workerFile = () => decodingWorker()) {}

  /**
   * @param take is given the spans in parts, one after the other
   * @returns what is refused of the request
   * @throws AppError VALIDATION_ERROR for what is no ExportTraceServiceRequest; PAYLOAD_TOO_LARGE for what the thread's
   *   memory is too small for; UNAVAILABLE where the thread has died of something else; and what `take` throws
   */
  read(request: SpanRequest, take: (part: SentTrace[]) => Promise<void>): Promise<Refused> {
    const { tenantId, body } = request;
    const decode = (): Promise<Refused> => this.readParts(request, take);
    return isLarge(body) ? this.memory.run(tenantId, body.length, decode) : decode();
  }

  /** Ends the thread for good; who waits still is refused. */
  async close(): Promise<void> {
    this.closed = true;
    await this.worker?.terminate();
  }

  private async readParts(
    { body, encoding, bounds }: SpanRequest,
    take: (part: SentTrace[]) => Promise<void>,
  ): Promise<Refused> {
    const worker = this.running();
    const id = (this.requests += 1);
    const large = isLarge(body);
    const bytes = ownBytes(body);
    let reply = await this.ask(worker, { id, body: bytes, encoding, bounds }, large, [bytes.buffer]);
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
    // Another one knows nothing of the request.
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
      // The next request starts another one.
      this.worker = undefined;
      // The first was decoded at the time. Where nothing else was, it alone was too large, and would be again.
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
    // Idle, it keeps no process alive.
    if (this.waiting.size === 0) this.worker?.unref();
    return waiting;
  }
}

const isLarge = (body: Uint8Array): boolean => body.length > SMALL_BYTES;

/** A small buffer of Node.js is part of a larger one, which cannot change hands. */
function ownBytes(body: Uint8Array): Uint8Array<ArrayBuffer> {
  const isOwn = body.buffer instanceof ArrayBuffer && body.byteLength === body.buffer.byteLength;
  return isOwn ? (body as Uint8Array<ArrayBuffer>) : new Uint8Array(body);
}

const DIED = 'the thread that decodes spans has ended';
const tooLarge = (): AppError =>
  new AppError('PAYLOAD_TOO_LARGE', 'the spans of this request do not fit into memory; send fewer a request');

const errorOf = (reply: { notARequest: string } | { failure: string }): Error =>
  'notARequest' in reply
    ? new AppError('VALIDATION_ERROR', `the body is no ExportTraceServiceRequest: ${reply.notARequest}`)
    : new Error(`spans could not be decoded: ${reply.failure}`);

const unavailable = (what: string, cause?: unknown): AppError =>
  new AppError('UNAVAILABLE', `${what}; nothing was acknowledged`, {
    retryAfter: RETRY_AFTER.failure,
    cause,
  });

const isOutOfMemory = (cause: unknown): boolean => errorCode(cause) === 'ERR_WORKER_OUT_OF_MEMORY';

/** Compiled it runs as it is; from the sources by way of tsx, as the command line does. */
export function decodingWorker(maxHeapMb = MAX_HEAP_MB): ConstructorParameters<typeof Worker> {
  const here = new URL(import.meta.url);
  // Options of the process's own start may not be meant for a thread.
  const options = { execArgv: [], resourceLimits: { maxOldGenerationSizeMb: maxHeapMb } };
  if (!here.pathname.endsWith('.ts')) return [new URL('./decoding-worker.js', here), options];
  const source = JSON.stringify(new URL('./decoding-worker.ts', here).href);
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  return [
    `import(${tsx}).then(({ tsImport }) => tsImport(${source}, ${source}))`,
    { ...options, eval: true },
  ];
}
