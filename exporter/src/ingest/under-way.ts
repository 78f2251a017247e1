/** Work that has begun, so that an end in order can wait for it. */
export class UnderWay {
  private readonly begun = new Set<Promise<unknown>>();

  /** Settles as the work does. */
  async track<T>(work: Promise<T>): Promise<T> {
    this.begun.add(work);
    try {
      return await work;
    } finally {
      this.begun.delete(work);
    }
  }

  /** Resolves when nothing is under way any more, whatever became of it. */
  async drain(): Promise<void> {
    while (this.begun.size > 0) await Promise.allSettled(this.begun);
  }
}
