/** Sends the queue, one request at a time. */
import { AnalyticsError } from './errors.js';
import { backoffMs, isRetryable, type Outcome, send } from './http.js';
import { type Item, type SentItem, sentItemOf, TARGETS } from './items.js';
import type { Settings } from './options.js';
import { bodyOf, Queue } from './queue.js';
import type { BatchAnswer } from './types.js';

/** Counts of items, except for `retries`. All counts but `sent` and `retries` add up to the recorded items. */
export interface Stats {
  /** Queued, or in the request in flight. */
  queued: number;
  /** Processed by the service. */
  sent: number;
  /** New or changed items, which the service has stored. */
  accepted: number;
  /** Items that the service already had. */
  duplicates: number;
  /** Rejected by the service, individually or with the whole request. */
  rejected: number;
  /** Lost otherwise: the queue was full, all retries failed, or the client was closed. */
  dropped: number;
  /** Retried requests. */
  retries: number;
}

/** The response to a batch, whatever its items are. */
interface Counts {
  accepted: number;
  duplicates: number;
  rejected: readonly BatchAnswer['rejected'][number][];
}

type Report = (error: AnalyticsError, items: readonly SentItem[]) => void;

/** The longest delay of a timer, in milliseconds. */
const MAX_DELAY = 2 ** 31 - 1;

export class Sender {
  private readonly queue: Queue;
  private readonly inFlight = new Set<Item>();
  private readonly counts = { sent: 0, accepted: 0, duplicates: 0, rejected: 0, dropped: 0, retries: 0 };
  private readonly waiters = new Set<{ upTo: number; done: () => void }>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running = false;
  /** Items dropped since the queue last had room. */
  private burst = 0;
  /** No request before this time, because of `Retry-After`; milliseconds since the epoch. */
  private notBefore = 0;
  private abandoning = new AbortController();

  constructor(
    private readonly settings: Settings,
    private readonly report: Report,
  ) {
    this.queue = new Queue(settings);
  }

  stats(): Stats {
    return { queued: this.queue.length + this.inFlight.size, ...this.counts };
  }

  add(item: Omit<Item, 'sequence'>): void {
    const dropped = this.queue.add(item);
    if (dropped > 0) {
      this.burst += dropped;
      this.counts.dropped += dropped;
      this.wakeWaiters();
    }
    if (this.running) return;
    if (this.queue.isFull) this.start();
    else this.timer ??= setTimeout(() => this.start(), this.settings.flushIntervalMs).unref();
  }

  /** Counts and reports an item that could not be queued. */
  refuse(error: AnalyticsError, item: SentItem): void {
    this.counts.dropped += 1;
    this.report(error, [item]);
  }

  /** @returns true if all items queued so far were sent or dropped, false on timeout */
  async flush(timeoutMs = MAX_DELAY): Promise<boolean> {
    const upTo = this.queue.last;
    if (this.isSettled(upTo)) return true;
    this.start();
    return new Promise((resolve) => {
      const end = (all: boolean): void => {
        clearTimeout(hold);
        this.waiters.delete(waiter);
        resolve(all);
      };
      const waiter = { upTo, done: () => end(true) };
      // The only timer that keeps the process alive, because the caller waits.
      const hold = setTimeout(() => end(false), Math.min(timeoutMs, MAX_DELAY));
      this.waiters.add(waiter);
    });
  }

  /** Drops all items. */
  abandon(error: AnalyticsError): void {
    const lost = this.queue.clear();
    this.abandoning.abort(error);
    this.abandoning = new AbortController();
    this.giveUp(lost, error, 'dropped');
    this.endBurst();
  }

  private start(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.running) return;
    this.running = true;
    void this.run();
  }

  private async run(): Promise<void> {
    for (let batch = this.queue.take(); batch.length > 0; batch = this.queue.take()) {
      this.endBurst();
      for (const item of batch) this.inFlight.add(item);
      await this.deliver(batch, this.abandoning.signal);
    }
    this.running = false;
  }

  private async deliver(batch: readonly Item[], signal: AbortSignal): Promise<void> {
    const { timeoutMs, maxRetries, maxRetryMs } = this.settings;
    const { path } = TARGETS[batch[0]!.kind];
    const body = bodyOf(batch);
    const began = Date.now();
    for (let tries = 1; ; tries += 1) {
      await this.pause(this.notBefore - Date.now(), signal);
      const request = { method: 'POST', path: path(batch[0]!.executionId ?? ''), body, timeoutMs } as const;
      const outcome = checked(await send(this.settings, { ...request, signal }));
      if (outcome.ok) return this.answered(batch, outcome.body as Counts, outcome);
      const { error, retryAfterMs } = outcome;
      if (signal.aborted) return this.giveUp(batch, error, 'dropped');
      if (error.status === 413 && batch.length > 1) {
        this.queue.shrinkBodies(Buffer.byteLength(body));
        const half = Math.ceil(batch.length / 2);
        await this.deliver(batch.slice(0, half), signal);
        return this.deliver(batch.slice(half), signal);
      }
      const rejected = rejectedItems(error);
      if (rejected !== undefined) {
        const { status, requestId } = error;
        return this.answered(batch, { accepted: 0, duplicates: 0, rejected }, { status, requestId });
      }
      if (!isRetryable(outcome)) return this.giveUp(batch, error, 'rejected');
      const wait = retryAfterMs ?? backoffMs(tries - 1, this.settings);
      const tooLate = Date.now() + wait - began > maxRetryMs;
      // Also applies to the next batch, even if this one is dropped.
      if (retryAfterMs !== null) this.notBefore = Date.now() + Math.min(retryAfterMs, maxRetryMs);
      if (tries > maxRetries || tooLate) return this.giveUp(batch, error, 'dropped');
      await this.pause(wait, signal);
      if (signal.aborted) return this.giveUp(batch, signal.reason as AnalyticsError, 'dropped');
      this.counts.retries += 1;
    }
  }

  private answered(
    batch: readonly Item[],
    answer: Counts,
    { status, requestId }: Pick<AnalyticsError, 'status' | 'requestId'>,
  ): void {
    this.counts.sent += batch.length;
    this.counts.accepted += answer.accepted;
    this.counts.duplicates += answer.duplicates;
    this.counts.rejected += answer.rejected.length;
    this.settle(batch);
    for (const { index, code, message } of answer.rejected) {
      const item = batch[index];
      this.report(
        new AnalyticsError(code, message, { status, requestId }),
        item === undefined ? [] : [sentItemOf(item)],
      );
    }
  }

  private giveUp(batch: readonly Item[], error: AnalyticsError, as: 'rejected' | 'dropped'): void {
    if (batch.length === 0) return this.settle(batch);
    this.counts[as] += batch.length;
    // Rejected items were processed by the service. Retryable errors are never counted as rejected.
    if (as === 'rejected') this.counts.sent += batch.length;
    this.settle(batch);
    this.report(error, batch.map(sentItemOf));
  }

  private settle(batch: readonly Item[]): void {
    for (const item of batch) this.inFlight.delete(item);
    this.wakeWaiters();
  }

  private wakeWaiters(): void {
    for (const { upTo, done } of this.waiters) if (this.isSettled(upTo)) done();
  }

  private isSettled(upTo: number): boolean {
    const [first] = this.inFlight;
    return Math.min(first?.sequence ?? Infinity, this.queue.first) > upTo;
  }

  /** Reports all items that were dropped since the queue last had room, as one error. */
  private endBurst(): void {
    const dropped = this.burst;
    if (dropped === 0) return;
    this.burst = 0;
    this.report(
      new AnalyticsError('QUEUE_FULL', `the queue was full; the ${dropped} oldest items were dropped`, {
        details: { dropped },
      }),
      [],
    );
  }

  private pause(ms: number, signal: AbortSignal): Promise<void> | undefined {
    if (ms <= 0 || signal.aborted) return undefined;
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, Math.min(ms, MAX_DELAY)).unref();
      signal.addEventListener('abort', end);
    });
  }
}

/** The items of a request of which every item was rejected; undefined for any other error. */
function rejectedItems({ status, details }: AnalyticsError): Counts['rejected'] | undefined {
  const { rejected } = (status === 400 ? (details ?? {}) : {}) as Partial<Counts>;
  return Array.isArray(rejected) ? rejected : undefined;
}

/** A 2xx without the counts is not a response of the service. */
function checked(outcome: Outcome): Outcome {
  if (!outcome.ok) return outcome;
  const { status, requestId } = outcome;
  const { accepted, duplicates, rejected } = (outcome.body ?? {}) as Partial<BatchAnswer>;
  if (typeof accepted === 'number' && typeof duplicates === 'number' && Array.isArray(rejected))
    return outcome;
  const error = new AnalyticsError('HTTP_ERROR', `status ${status}; the response is not from the service`, {
    status,
    requestId,
  });
  return { ok: false, error, retryAfterMs: null, notProcessed: false };
}
