/** Work in the background that handles whatever is due. */

export interface KickedWorkOptions {
  run: () => Promise<void>;
  /** Called if `run` rejects. The next kick runs it again. */
  onError: (error: unknown) => void;
  /** Once it is aborted, nothing more starts. */
  signal: AbortSignal;
}

export class KickedWork {
  private working: Promise<void> | undefined;
  private again = false;

  constructor(private readonly options: KickedWorkOptions) {}

  /** Runs the work, and once more after a run under way, which may not have seen what is due since. */
  kick(): void {
    if (this.options.signal.aborted) return;
    this.again = true;
    this.working ??= this.work().finally(() => (this.working = undefined));
  }

  /** Resolves when the runs under way have ended; undefined if there are none. */
  get current(): Promise<void> | undefined {
    return this.working;
  }

  private async work(): Promise<void> {
    const { run, onError, signal } = this.options;
    while (this.again && !signal.aborted) {
      this.again = false;
      await run().catch(onError);
    }
  }
}
