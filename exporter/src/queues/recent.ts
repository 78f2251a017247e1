/** A value that many ask for at the same time: it is read once for all of them, and then kept for a while. */
export class Recent<T> {
  private flight: Promise<T> | undefined;
  private kept: { value: T; at: number } | undefined;

  /**
   * @param read never runs twice at the same time
   * @param maxAgeMs how old an answer may be; 0: only callers that ask at the same time share one
   */
  constructor(
    private readonly read: () => Promise<T>,
    private readonly maxAgeMs = 0,
  ) {}

  async get(): Promise<T> {
    if (this.kept !== undefined && performance.now() - this.kept.at < this.maxAgeMs) return this.kept.value;
    this.flight ??= this.readAgain();
    return this.flight;
  }

  private async readAgain(): Promise<T> {
    try {
      const value = await this.read();
      this.kept = { value, at: performance.now() };
      return value;
    } finally {
      this.flight = undefined;
    }
  }
}
