/** Draws charts in a worker thread: drawing takes tens of milliseconds, in which nothing else could run. */
import { AppError, RETRY_AFTER } from '../errors.js';
import { WorkerThread } from '../worker-thread.js';

export interface Drawing {
  svg: string;
  /** Pixels. */
  width: number;
}

const MAX_HEAP_MB = 256;
const MAX_WAITING = 100;

export class PngThread {
  private readonly thread = new WorkerThread<Drawing, Uint8Array>({
    here: new URL(import.meta.url),
    name: 'png-worker',
    maxHeapMb: MAX_HEAP_MB,
    died: (cause) => unavailable('the thread that draws charts has ended', cause),
    closed: () => unavailable('the service is closing'),
  });

  /** @throws AppError UNAVAILABLE if too many wait, or the thread died */
  async draw(svg: string, width: number): Promise<Buffer> {
    if (this.thread.pending >= MAX_WAITING) throw unavailable('too many charts wait to be drawn');
    return Buffer.from(await this.thread.ask({ svg, width }));
  }

  close(): Promise<void> {
    return this.thread.close();
  }
}

const unavailable = (message: string, cause?: unknown): AppError =>
  new AppError('UNAVAILABLE', message, { retryAfter: RETRY_AFTER.failure, cause });
