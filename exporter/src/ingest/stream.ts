/** Any number of events or executions through the same door as a request's, in batches: what importers and the demo write with. */
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../errors.js';
import { InFlight } from '../queues/in-flight.js';
import type { IngestAnswer, Rejection } from './refusal.js';

/** Where batches go in, in their wire form. */
export interface Door {
  events(tenantId: string, batch: readonly object[]): Promise<IngestAnswer>;
}

export interface StreamOptions {
  /** Events of one batch; default 500: larger ones are hardly faster, and outlive the young generation. */
  batchSize?: number;
  /** Batches under way at once; default 4. */
  concurrency?: number;
  /**
   * Events of all tenants that wait for their batch to be full, default twenty batches: beyond that the fullest goes as it
   * is. With the batches under way they are all that is held in memory.
   */
  maxWaiting?: number;
  /** Told of each event that was refused. */
  onRejected?: (place: string | number, rejection: Rejection, event: object) => void;
  /** Told of the sums after each batch. */
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

/** Tries of a batch while the database is away, each after the seconds that the service asks a client to wait. */
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
    private readonly door: Door,
    private readonly options: StreamOptions = {},
  ) {
    this.batchSize = options.batchSize ?? 500;
    this.concurrency = options.concurrency ?? 4;
    this.maxWaiting = options.maxWaiting ?? 20 * this.batchSize;
  }

  /**
   * Takes an event in its wire form; waits while too much is under way.
   * @param place where it comes from, such as a line's number: `onRejected` is told it
   * @throws what kept an earlier batch from being written
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

  /** Whether a batch could not be written; `add` and `flush` throw why. */
  get failed(): boolean {
    return this.failure !== undefined;
  }

  /** Makes room for a batch, by the fullest ones first: a large one costs hardly more than a small one. */
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
    const answer = await this.untilAvailable(() => this.door.events(tenantId, events));
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
