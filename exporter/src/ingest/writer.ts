/**
 * Facts into the database: concurrent requests are gathered into one statement and one transaction. A submission that
 * resolves is durable. A batch that fails is split, by tenant and then by request, so that nobody fails for another's row.
 */
import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import { CHECK_VIOLATION, UNIQUE_VIOLATION } from '../db/failure.js';
import { retryTransient } from '../db/pool.js';
import { AppError, errorCode, RETRY_AFTER } from '../errors.js';
import { MINUTE, minuteStart, type Retention } from '../time.js';
import { isAway, unavailable } from './available.js';
import type { UsageEvent } from '../facts/event/parse.js';
import { EventBatch, INSERT_KNOWN, INSERT_NEW, type Inserted } from './event-batch.js';
import type { Partitions } from './partitions.js';

export interface WriterOptions extends Retention {
  /** Statements under way at once. */
  concurrency?: number;
  /** Events of one statement; a larger single request still goes in whole. */
  maxBatch?: number;
  /** Events that may wait; beyond that a request is told to come back. */
  maxWaiting?: number;
  now?: () => number;
}

export interface Written {
  /** Those that were new. */
  accepted: readonly UsageEvent[];
  duplicates: number;
}

interface Submission {
  tenantId: string;
  events: readonly UsageEvent[];
  resolve: (written: Written) => void;
  reject: (error: unknown) => void;
}

/** Whoever resends goes on doing so for a while. */
const RESENDING_FOR = MINUTE;
const MAX_RESENDING = 10_000;

export class EventWriter {
  private readonly queue: Submission[] = [];
  /** Tenants that have sent events again of late. */
  private readonly resending = new LRUCache<string, true>({ max: MAX_RESENDING, ttl: RESENDING_FOR });
  private waiting = 0;
  private active = 0;
  private idle: (() => void)[] = [];
  private readonly concurrency: number;
  private readonly maxBatch: number;
  private readonly maxWaiting: number;
  private readonly now: () => number;

  constructor(
    private readonly pool: Pool,
    private readonly partitions: Partitions,
    private readonly options: WriterOptions,
  ) {
    this.concurrency = options.concurrency ?? 4;
    this.maxBatch = options.maxBatch ?? 5_000;
    this.maxWaiting = options.maxWaiting ?? 100_000;
    this.now = options.now ?? Date.now;
  }

  /**
   * Writes the events of one request.
   * @throws AppError UNAVAILABLE when the database is away or too much is waiting
   */
  async submit(tenantId: string, events: readonly UsageEvent[]): Promise<Written> {
    if (events.length === 0) return { accepted: [], duplicates: 0 };
    if (this.waiting > 0 && this.waiting + events.length > this.maxWaiting) {
      throw new AppError('UNAVAILABLE', 'too many events are waiting to be written; try again', {
        retryAfter: RETRY_AFTER.overload,
      });
    }
    await this.partitions.ensure(events.map((event) => event.occurredAt));
    return new Promise((resolve, reject) => {
      this.queue.push({ tenantId, events, resolve, reject });
      this.waiting += events.length;
      // After the requests that arrived in the same turn, so that they travel together.
      setImmediate(() => this.pump());
    });
  }

  /** Resolves when everything submitted so far has been answered. */
  async drain(): Promise<void> {
    if (this.active === 0 && this.queue.length === 0) return;
    await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  private pump(): void {
    while (this.active < this.concurrency && this.queue.length > 0) {
      const batch = this.nextBatch();
      this.active += 1;
      void this.write(batch).finally(() => {
        this.active -= 1;
        this.pump();
        if (this.active === 0 && this.queue.length === 0) this.idle.splice(0).forEach((resolve) => resolve());
      });
    }
  }

  private nextBatch(): Submission[] {
    const batch: Submission[] = [];
    let size = 0;
    while (
      this.queue.length > 0 &&
      (batch.length === 0 || size + this.queue[0]!.events.length <= this.maxBatch)
    ) {
      const submission = this.queue.shift()!;
      size += submission.events.length;
      batch.push(submission);
    }
    this.waiting -= size;
    return batch;
  }

  private async write(batch: readonly Submission[]): Promise<void> {
    try {
      await this.insert(batch);
    } catch (error) {
      // In parts it would wait just as long again for each.
      if (isAway(error)) {
        const refusal = unavailable(error);
        batch.forEach((submission) => submission.reject(refusal));
      } else if (batch.length === 1) {
        batch[0]!.reject(error);
      } else {
        for (const part of split(batch)) await this.write(part);
      }
    }
  }

  private async insert(batch: readonly Submission[]): Promise<void> {
    const facts = new EventBatch(batch);
    const minutesFrom = minuteStart(this.now(), this.options);
    if (!facts.tenants.some((tenantId) => this.resending.has(tenantId))) {
      try {
        await this.execute(facts, () => this.pool.query(INSERT_NEW, facts.newParameters(minutesFrom)));
        acknowledgeAll(batch);
        return;
      } catch (error) {
        if (errorCode(error) !== UNIQUE_VIOLATION) throw error;
        // Nothing of it was written.
        for (const tenantId of facts.tenants) this.resending.set(tenantId, true);
      }
    }
    const { rows } = await this.execute(facts, () =>
      this.pool.query<Inserted>(INSERT_KNOWN, facts.knownParameters(minutesFrom)),
    );
    const { inserted, keys } = rows[0]!;
    if (inserted === facts.events.length) acknowledgeAll(batch);
    else acknowledge(batch, keys ?? []);
  }

  private execute<T>(facts: EventBatch, run: () => Promise<T>): Promise<T> {
    return retryTransient(async () => {
      try {
        return await run();
      } catch (error) {
        if (errorCode(error) !== CHECK_VIOLATION) throw error;
        // Retention dropped the month between the look and the insert.
        this.partitions.forget();
        await this.partitions.ensure(facts.events.map((event) => event.occurredAt));
        return run();
      }
    });
  }
}

/** By tenant where there are several, otherwise by request. */
function split(batch: readonly Submission[]): Submission[][] {
  const tenants = new Map<string, Submission[]>();
  for (const submission of batch) {
    const part = tenants.get(submission.tenantId);
    if (part === undefined) tenants.set(submission.tenantId, [submission]);
    else part.push(submission);
  }
  return tenants.size > 1 ? [...tenants.values()] : batch.map((submission) => [submission]);
}

function acknowledgeAll(batch: readonly Submission[]): void {
  for (const { events, resolve } of batch) resolve({ accepted: events, duplicates: 0 });
}

/** Tells each request which of its events were new. */
function acknowledge(batch: readonly Submission[], keys: NonNullable<Inserted['keys']>): void {
  const inserted = new Set(keys.map(([tenantId, time, id]) => `${tenantId} ${time} ${id}`));
  for (const { tenantId, events, resolve } of batch) {
    // An event that stands twice in the batch was inserted for the first that named it.
    const accepted = events.filter(({ occurredAt, id }) =>
      inserted.delete(`${tenantId} ${occurredAt} ${id}`),
    );
    resolve({ accepted, duplicates: events.length - accepted.length });
  }
}
