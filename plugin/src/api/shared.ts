import { defer, finalize, of, share, tap, type Observable } from 'rxjs';

/** Shares requests: equal ones in flight are sent once, and responses are cached for a short time. Errors are not cached. */
export class Shared<T> {
  private readonly received = new Map<string, { at: number; value: T }>();
  private readonly inFlight = new Map<string, Observable<T>>();

  /**
   * @param keptMs how long a response is cached
   * @param load sends the request on subscription
   */
  constructor(
    private readonly keptMs: number,
    private readonly load: (key: string) => Observable<T>,
  ) {}

  get(key: string): Observable<T> {
    return defer(() => {
      const known = this.received.get(key);
      return known && this.isCurrent(known) ? of(known.value) : this.request(key);
    });
  }

  /** The last response, however old, for synchronous callers. */
  known(key: string): T | undefined {
    return this.received.get(key)?.value;
  }

  private request(key: string): Observable<T> {
    const running = this.inFlight.get(key);
    if (running) {
      return running;
    }
    const started = this.load(key).pipe(
      tap((value) => this.keep(key, value)),
      finalize(() => this.inFlight.delete(key)),
      share(),
    );
    this.inFlight.set(key, started);
    return started;
  }

  private keep(key: string, value: T): void {
    for (const [other, answer] of this.received) {
      if (!this.isCurrent(answer)) {
        this.received.delete(other);
      }
    }
    this.received.set(key, { at: Date.now(), value });
  }

  private isCurrent({ at }: { at: number }): boolean {
    return Date.now() - at < this.keptMs;
  }
}
