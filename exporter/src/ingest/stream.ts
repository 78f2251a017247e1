/** Sends events or executions in batches through the same ingest as requests; for importers and the demo. */
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../errors.js';
import type { IngestAnswer, Rejection } from '../facts/refusal.js';
import { InFlight } from '../queues/in-flight.js';

/** Takes batches in their wire format. */
export interface EventSink {
  events(tenantId: string, batch: readonly object[]): Promise<IngestAnswer>;
}

export interface StreamOptions {
  /** Events per batch; default 500. Larger batches are hardly faster and outlive V8's young generation. */
  batchSize?: number;
  /** Batches in flight; default 4. */
  concurrency?: number;
  /**
   * Events of all tenants in batches that are not full yet; default 20 batches. Beyond that the fullest batches are sent
   * as they are. Memory holds these events and the batches in flight, nothing else.
   */
  maxWaiting?: number;
  /** Called for each rejected event. */
  onRejected?: (place: string | number, rejection: Rejection, event: object) => void;
  /** Called with the totals after each batch. */
  onWritten?: (totals: StreamTotals) => void;
}

export interface StreamTotals {
  accepted: number;
  duplicates: number;
  rejected: number;
}

interface Batch {
  events: object[];
  places: (string | number)[];
}

/** Attempts per batch while the database is unreachable. In between, the stream waits as long as `Retry-After` says. */
const ATTEMPTS = 5;

export class EventStream {
  readonly totals: StreamTotals = { accepted: 0, duplicates: 0, rejected: 0 };
  private readonly waiting = new Map<string, Batch>();
  private readonly inFlight = new InFlight();
  private failure: unknown;
  private readonly batchSize: number;
  private readonly concurrency: number;
  private readonly maxWaiting: number;
  private waitingEvents = 0;

  constructor(
    private readonly sink: EventSink,
    private readonly options: StreamOptions = {},
  ) {
    this.batchSize = options.batchSize ?? 500;
    this.concurrency = options.concurrency ?? 4;
    this.maxWaiting = options.maxWaiting ?? 20 * this.batchSize;
  }

  /**
   * Adds an event in its wire format. Waits while too many batches are in flight.
   * @param place where the event comes from, such as a line number; passed to `onRejected`
   * @throws the error of an earlier batch that could not be written
   */
  async add(tenantId: string, event: object, place: string | number = 0): Promise<void> {
    let batch = this.waiting.get(tenantId);
    if (batch === undefined) this.waiting.set(tenantId, (batch = { events: [], places: [] }));
    batch.events.push(event);
    batch.places.push(place);
    this.waitingEvents += 1;
    if (batch.events.length >= this.batchSize) await this.send(tenantId, batch);
    else if (this.waitingEvents > this.maxWaiting) await this.sendFullest();
  }

  /** Resolves when everything added so far is durable. */
  async flush(): Promise<StreamTotals> {
    for (const [tenantId, batch] of [...this.waiting]) await this.send(tenantId, batch);
    await this.inFlight.drain();
    this.throwFailure();
    return this.totals;
  }

  /** Whether a batch could not be written. `add` and `flush` then throw its error. */
  get failed(): boolean {
    return this.failure !== undefined;
  }

  /** Makes room for one batch. Sends the fullest first, because a large batch costs hardly more than a small one. */
  private async sendFullest(): Promise<void> {
    const byLength = [...this.waiting].sort(([, a], [, b]) => b.events.length - a.events.length);
    for (const [tenantId, batch] of byLength) {
      if (this.waitingEvents <= this.maxWaiting - this.batchSize) return;
      await this.send(tenantId, batch);
    }
  }

  private async send(tenantId: string, batch: Batch): Promise<void> {
    this.waiting.delete(tenantId);
    this.waitingEvents -= batch.events.length;
    while (this.inFlight.size >= this.concurrency) await this.inFlight.nextSettled();
    this.throwFailure();
    void this.inFlight.track(
      this.write(tenantId, batch).catch((error: unknown) => void (this.failure ??= error)),
    );
  }

  private async write(tenantId: string, { events, places }: Batch): Promise<void> {
    const answer = await this.untilAvailable(() => this.sink.events(tenantId, events));
    this.totals.accepted += answer.accepted;
    this.totals.duplicates += answer.duplicates;
    this.totals.rejected += answer.rejected.length;
    for (const rejection of answer.rejected) {
      this.options.onRejected?.(places[rejection.index]!, rejection, events[rejection.index]!);
    }
    this.options.onWritten?.(this.totals);
  }

  private async untilAvailable(work: () => Promise<IngestAnswer>): Promise<IngestAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'UNAVAILABLE' || attempt === ATTEMPTS) throw error;
        await delay((error.retryAfter ?? 1) * 1000);
      }
    }
  }

  private throwFailure(): void {
    if (this.failure !== undefined) throw this.failure;
  }
}
