/**
 * Writes events. Concurrent requests share a statement and a transaction. Events are durable when `submit` resolves. A
 * batch that fails is split by tenant and then by request, so that no request fails because of another's rows.
 */
import type { Pool } from 'pg';
import { CHECK_VIOLATION, UNIQUE_VIOLATION } from '../db/failure.js';
import { retryTransient } from '../db/pool.js';
import { AppError, errorCode, RETRY_AFTER } from '../errors.js';
import type { UsageEvent } from '../facts/event/parse.js';
import { Batcher } from '../queues/batcher.js';
import { minuteStart, type Retention } from '../time.js';
import { available, isAway } from './available.js';
import { EventBatch, INSERT_KNOWN, INSERT_NEW, type Inserted } from './event-batch.js';
import type { Partitions } from './partitions.js';
import { Resending } from './resending.js';

export interface WriterOptions extends Retention {
  now?: () => number;
}

export interface Written {
  /** Events that were new. */
  accepted: readonly UsageEvent[];
  duplicates: number;
}

interface Submission {
  tenantId: string;
  events: readonly UsageEvent[];
}

/** Concurrent statements. */
const CONCURRENCY = 4;
/** Events per statement; a larger request is written whole. */
const MAX_BATCH = 5_000;
/** Events from which a request has a statement of its own while fewer than CONCURRENCY statements run. */
const LARGE_REQUEST = 1_000;
/** Events that may wait. Beyond that, requests are refused. */
const MAX_WAITING = 100_000;
/** Requests of all tenants share statements: they wait in one queue. */
const ALL_TENANTS = '';

export class EventWriter {
  private readonly batcher: Batcher<Submission, Written>;
  private readonly resending = new Resending();
  private readonly now: () => number;

  constructor(
    private readonly pool: Pool,
    private readonly partitions: Partitions,
    private readonly options: WriterOptions,
  ) {
    this.now = options.now ?? Date.now;
    this.batcher = new Batcher({
      run: (_, batch) => this.insert(batch),
      weigh: ({ events }) => events.length,
      maxWeight: MAX_BATCH,
      largeWeight: LARGE_REQUEST,
      concurrency: CONCURRENCY,
      concurrencyPerKey: CONCURRENCY,
      // If the database is unreachable, each part would only wait as long again.
      splitOn: (error) => !isAway(error),
      groupOf: ({ tenantId }) => tenantId,
    });
  }

  /**
   * Writes the events of one request.
   * @throws AppError UNAVAILABLE if the database is unreachable or too many events are waiting
   */
  async submit(tenantId: string, events: readonly UsageEvent[]): Promise<Written> {
    if (events.length === 0) return { accepted: [], duplicates: 0 };
    const { waitingWeight } = this.batcher;
    if (waitingWeight > 0 && waitingWeight + events.length > MAX_WAITING) {
      throw new AppError('UNAVAILABLE', 'too many events are waiting to be written; try again', {
        retryAfter: RETRY_AFTER.overload,
      });
    }
    await this.partitions.ensure(events.map((event) => event.occurredAt));
    return available(() => this.batcher.submit(ALL_TENANTS, { tenantId, events }));
  }

  /** Resolves when all submitted requests have been answered. */
  drain(): Promise<void> {
    return this.batcher.drain();
  }

  private async insert(batch: readonly Submission[]): Promise<Written[]> {
    const facts = new EventBatch(batch);
    const minutesFrom = minuteStart(this.now(), this.options);
    if (!facts.tenants.some((tenantId) => this.resending.has(tenantId))) {
      try {
        await this.execute(facts, () => this.pool.query(INSERT_NEW, facts.newParameters(minutesFrom)));
        return batch.map(allAccepted);
      } catch (error) {
        if (errorCode(error) !== UNIQUE_VIOLATION) throw error;
        // The statement wrote nothing.
        for (const tenantId of facts.tenants) this.resending.add(tenantId);
      }
    }
    const { rows } = await this.execute(facts, () =>
      this.pool.query<Inserted>(INSERT_KNOWN, facts.knownParameters(minutesFrom)),
    );
    const { inserted, keys } = rows[0]!;
    return inserted === facts.events.length ? batch.map(allAccepted) : writtenOf(batch, keys ?? []);
  }

  private execute<T>(facts: EventBatch, run: () => Promise<T>): Promise<T> {
    return retryTransient(async () => {
      try {
        return await run();
      } catch (error) {
        if (errorCode(error) !== CHECK_VIOLATION) throw error;
        // The retention job dropped the partition between `ensure` and the insert.
        this.partitions.forget();
        await this.partitions.ensure(facts.events.map((event) => event.occurredAt));
        return run();
      }
    });
  }
}

const allAccepted = ({ events }: Submission): Written => ({ accepted: events, duplicates: 0 });

/** Tells which events of each request were new. */
function writtenOf(batch: readonly Submission[], keys: NonNullable<Inserted['keys']>): Written[] {
  const inserted = new Set(keys.map(([tenantId, time, id]) => `${tenantId} ${time} ${id}`));
  return batch.map(({ tenantId, events }) => {
    // An event that occurs twice in the batch counts for the first request that contains it.
    const accepted = events.filter(({ occurredAt, id }) =>
      inserted.delete(`${tenantId} ${occurredAt} ${id}`),
    );
    return { accepted, duplicates: events.length - accepted.length };
  });
}
