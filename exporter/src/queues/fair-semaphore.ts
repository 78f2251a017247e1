/** A weighted semaphore, for example for memory. Keys take turns, so that a key with many tasks does not delay others. */
import { FairQueue } from './fair-queue.js';

interface Waiting {
  weight: number;
  start: () => void;
}

export class FairSemaphore {
  private readonly queue = new FairQueue<Waiting>();
  private held = 0;
  private active = 0;

  /** @param capacity total weight of the tasks that run at the same time; a heavier task runs alone */
  constructor(private readonly capacity: number) {}

  /** Number of tasks that are running. */
  get running(): number {
    return this.active;
  }

  /** Runs a task as soon as it is its turn and there is room. Settles like the task. */
  async run<T>(key: string, weight: number, task: () => Promise<T>): Promise<T> {
    await new Promise<void>((start) => {
      this.queue.push(key, { weight, start });
      this.startNext();
    });
    try {
      return await task();
    } finally {
      this.held -= weight;
      this.active -= 1;
      this.startNext();
    }
  }

  private startNext(): void {
    // A key that has had its turn is visited again by this loop, behind the others.
    for (const [key, [first]] of this.queue.entries()) {
      const { weight, start } = first!;
      // A task that does not fit yet is not overtaken. Otherwise a heavy one might never run.
      if (this.active > 0 && this.held + weight > this.capacity) return;
      this.queue.take(key, 1);
      this.held += weight;
      this.active += 1;
      start();
    }
  }
}
