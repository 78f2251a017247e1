/** Requests of spans are decoded in a thread of their own: a large one takes a second, in which all others would wait. */
import { Worker } from 'node:worker_threads';
import { AppError } from '../../errors.js';
import type { Bounds, Encoding, Sent } from './sent.js';

export interface DecodeRequest {
  id: number;
  body: Uint8Array;
  encoding: Encoding;
  bounds: Bounds;
}

/** One of both. */
export interface DecodeReply {
  id: number;
  sent?: Sent;
  /** Why the body is no request. */
  refusal?: string;
}

interface Waiting {
  bytes: number;
  resolve: (sent: Sent) => void;
  reject: (error: AppError) => void;
}

/** Bytes that may wait to be decoded, more than any one request has. */
export const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/** Seconds after which a sender may try again. */
const RETRY_AFTER = 5;

export class Decoding {
  /** Started with the first request: most commands have none. */
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private waitingBytes = 0;
  private requests = 0;

  /**
   * @param body left as it is
   * @throws AppError VALIDATION_ERROR for what is no ExportTraceServiceRequest; UNAVAILABLE where too much waits already,
   *   or the thread has died
   */
  read(body: Uint8Array, encoding: Encoding, bounds: Bounds): Promise<Sent> {
    return new Promise((resolve, reject) => {
      if (this.waitingBytes + body.length > MAX_WAITING_BYTES) {
        reject(unavailable('too many spans are waiting to be decoded'));
        return;
      }
      const id = (this.requests += 1);
      this.waiting.set(id, { bytes: body.length, resolve, reject });
      this.waitingBytes += body.length;
      this.worker ??= this.start();
      this.worker.ref();
      // A copy that changes hands: a buffer of Node.js may be part of a larger one.
      const copy = new Uint8Array(body);
      this.worker.postMessage({ id, body: copy, encoding, bounds } satisfies DecodeRequest, [copy.buffer]);
    });
  }

  /** Ends the thread; who waits still is refused. */
  async close(): Promise<void> {
    await this.worker?.terminate();
  }

  private start(): Worker {
    const worker = new Worker(...workerFile());
    worker.on('message', ({ id, sent, refusal }: DecodeReply) => {
      const waiting = this.end(id);
      if (sent !== undefined) waiting?.resolve(sent);
      else
        waiting?.reject(
          new AppError('VALIDATION_ERROR', `the body is no ExportTraceServiceRequest: ${refusal}`),
        );
    });
    let cause: unknown;
    worker.on('error', (error) => (cause = error));
    worker.on('exit', () => {
      this.worker = undefined;
      // The next request starts another one.
      for (const id of [...this.waiting.keys()])
        this.end(id)!.reject(unavailable('the decoding of spans has ended', cause));
    });
    return worker;
  }

  private end(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id);
    if (waiting === undefined) return undefined;
    this.waiting.delete(id);
    this.waitingBytes -= waiting.bytes;
    // Idle, it keeps no process alive.
    if (this.waiting.size === 0) this.worker?.unref();
    return waiting;
  }
}

const unavailable = (what: string, cause?: unknown): AppError =>
  new AppError('UNAVAILABLE', `${what}; nothing was acknowledged`, { retryAfter: RETRY_AFTER, cause });

/** Compiled it runs as it is; from the sources by way of tsx, as the command line does. */
function workerFile(): ConstructorParameters<typeof Worker> {
  const here = new URL(import.meta.url);
  // Options of the process's own start may not be meant for a thread.
  const options = { execArgv: [] };
  if (!here.pathname.endsWith('.ts')) return [new URL('./decoding-worker.js', here), options];
  const source = JSON.stringify(new URL('./decoding-worker.ts', here).href);
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  return [
    `import(${tsx}).then(({ tsImport }) => tsImport(${source}, ${source}))`,
    { ...options, eval: true },
  ];
}
