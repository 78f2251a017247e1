/** Tracks running tasks, so that a shutdown can wait for them. */
export class InFlight {
  private readonly tasks = new Set<Promise<unknown>>();

  get size(): number {
    return this.tasks.size;
  }

  /** Settles like the task. */
  async track<T>(task: Promise<T>): Promise<T> {
    this.tasks.add(task);
    try {
      return await task;
    } finally {
      this.tasks.delete(task);
    }
  }

  /** Resolves when one of the tasks has settled, or if there are none. */
  async nextSettled(): Promise<void> {
    if (this.tasks.size > 0) await Promise.race(this.tasks).catch(() => undefined);
  }

  /** Resolves when no task is running any more, whether the tasks succeeded or failed. */
  async drain(): Promise<void> {
    while (this.tasks.size > 0) await Promise.allSettled(this.tasks);
  }
}
