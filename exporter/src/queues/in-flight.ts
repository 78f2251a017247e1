/**
 * Tracks running tasks, so that a shutdown can wait for them. It counts them rather than keeping them: V8 keeps the tables
 * that a Set has outgrown until the next full collection, and with them the memory of tasks that have long settled.
 */
export class InFlight {
  private running = 0;
  private waiting: (() => void)[] = [];

  get size(): number {
    return this.running;
  }

  /** Settles like the task. */
  async track<T>(task: Promise<T>): Promise<T> {
    this.running += 1;
    try {
      return await task;
    } finally {
      this.running -= 1;
      const { waiting } = this;
      this.waiting = [];
      for (const resume of waiting) resume();
    }
  }

  /** Resolves when one of the tasks has settled, or if there are none. */
  async nextSettled(): Promise<void> {
    if (this.running > 0) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Resolves when no task is running any more, whether the tasks succeeded or failed. */
  async drain(): Promise<void> {
    while (this.running > 0) await this.nextSettled();
  }
}
