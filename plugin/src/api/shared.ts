import { defer, finalize, of, share, tap, type Observable } from 'rxjs';

/** One request for all who ask for the same at the same time, or shortly after it was answered; a failed one is not kept. */
export class Shared<T> {
  private readonly received = new Map<string, { at: number; value: T }>();
  private readonly underWay = new Map<string, Observable<T>>();

  /**
   * @param keptMs how long an answer is taken for current
   * @param load sends the request when subscribed to
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

  /** As last received, however long ago, for the places where nobody can wait. */
  known(key: string): T | undefined {
    return this.received.get(key)?.value;
  }

  private request(key: string): Observable<T> {
    const running = this.underWay.get(key);
    if (running) {
      return running;
    }
    const started = this.load(key).pipe(
      tap((value) => this.keep(key, value)),
      finalize(() => this.underWay.delete(key)),
      share(),
    );
    this.underWay.set(key, started);
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
