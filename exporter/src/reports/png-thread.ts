/** Draws charts in a worker thread: drawing takes tens of milliseconds, in which nothing else could run. */
import { Worker } from 'node:worker_threads';
import { AppError, RETRY_AFTER } from '../errors.js';
import { workerProgram } from '../worker-program.js';

export interface DrawingAsk {
  id: number;
  svg: string;
  /** Pixels. */
  width: number;
}
export type DrawingReply = { id: number } & ({ png: Uint8Array } | { failure: string });

interface Waiting {
  resolve: (png: Buffer) => void;
  reject: (error: Error) => void;
}

const MAX_HEAP_MB = 256;
const MAX_WAITING = 100;

export class PngThread {
  /** Started with the first chart. */
  private worker: Worker | undefined;
  private closed = false;
  private readonly waiting = new Map<number, Waiting>();
  private asks = 0;

  /** @throws AppError UNAVAILABLE if too many wait, or the thread died */
  async draw(svg: string, width: number): Promise<Buffer> {
    if (this.closed) throw unavailable('the service is closing');
    if (this.waiting.size >= MAX_WAITING) throw unavailable('too many charts wait to be drawn');
    const worker = (this.worker ??= this.start());
    const id = (this.asks += 1);
    worker.ref();
    worker.postMessage({ id, svg, width } satisfies DrawingAsk);
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.worker?.terminate();
  }

  private start(): Worker {
    const worker = new Worker(...workerProgram(new URL(import.meta.url), 'png-worker', MAX_HEAP_MB));
    worker.on('message', (reply: DrawingReply) => {
      const waiting = this.end(reply.id);
      if ('png' in reply) waiting?.resolve(Buffer.from(reply.png));
      else waiting?.reject(new Error(`a chart could not be drawn: ${reply.failure}`));
    });
    let cause: unknown;
    worker.on('error', (error) => (cause = error));
    worker.on('exit', () => {
      // The next chart starts a new thread.
      this.worker = undefined;
      for (const id of [...this.waiting.keys()])
        this.end(id)!.reject(unavailable('the thread that draws charts has ended', cause));
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

const unavailable = (message: string, cause?: unknown): AppError =>
  new AppError('UNAVAILABLE', message, { retryAfter: RETRY_AFTER.failure, cause });
