/**
 * Facts into the database: concurrent requests are gathered into one statement and one transaction. A submission that
 * resolves is durable. A batch that fails is split, by tenant and then by request, so that nobody fails for another's row.
 */
import type { Pool } from 'pg';
import { isUnavailable, retryTransient } from '../db/pool.js';
import { AppError } from '../errors.js';
import { minuteStart, type Retention } from '../time.js';
import type { UsageEvent } from './events.js';
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
  accepted: number;
  duplicates: number;
}

interface Submission {
  tenantId: string;
  events: readonly UsageEvent[];
  resolve: (written: Written) => void;
  reject: (error: unknown) => void;
}

interface Row {
  submission: Submission;
  event: UsageEvent;
}

const NO_PARTITION = '23514';

const INSERT = `
  WITH inserted AS (
    INSERT INTO usage_events
      (tenant_id, occurred_at, event_id, agent_id, metric_type, count, endpoint, status_code, duration_ms, user_id)
    SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::int[], $7::text[],
                         $8::smallint[], $9::float8[], $10::text[])
    ON CONFLICT DO NOTHING
    RETURNING tenant_id, occurred_at, event_id
  ), marks AS (
    INSERT INTO dirty_marks (tenant_id, kind, bucket)
    SELECT DISTINCT tenant_id, CASE WHEN occurred_at >= $11 THEN 'minute' ELSE 'hour' END,
           date_trunc(CASE WHEN occurred_at >= $11 THEN 'minute' ELSE 'hour' END, occurred_at)
    FROM inserted
  )
  SELECT (SELECT count(*) FROM inserted) AS inserted,
         CASE WHEN (SELECT count(*) FROM inserted) < $12 THEN
           (SELECT json_agg(json_build_array(tenant_id, extract(epoch FROM occurred_at) * 1000, event_id)) FROM inserted)
         END AS keys`;

export class EventWriter {
  private readonly queue: Submission[] = [];
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
    if (events.length === 0) return { accepted: 0, duplicates: 0 };
    if (this.waiting > 0 && this.waiting + events.length > this.maxWaiting) {
      throw new AppError('UNAVAILABLE', 'too many events are waiting to be written; try again', {
        retryAfter: 1,
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
      if (isUnavailable(error)) {
        const unavailable = new AppError('UNAVAILABLE', 'the database is away; nothing was acknowledged', {
          retryAfter: 5,
          cause: error,
        });
        batch.forEach((submission) => submission.reject(unavailable));
      } else if (batch.length === 1) {
        batch[0]!.reject(error);
      } else {
        for (const part of split(batch)) await this.write(part);
      }
    }
  }

  private async insert(batch: readonly Submission[]): Promise<void> {
    const rows = batch
      .flatMap((submission) => submission.events.map((event): Row => ({ submission, event })))
      // In the order of the key, so that concurrent batches with the same events do not deadlock.
      .sort(byKey);
    const run = () =>
      this.pool.query<{ inserted: number; keys: [string, number, string][] | null }>(
        INSERT,
        this.parameters(rows),
      );
    const result = await retryTransient(async () => {
      try {
        return await run();
      } catch (error) {
        if ((error as { code?: string }).code !== NO_PARTITION) throw error;
        // Retention dropped the month between the look and the insert.
        this.partitions.forget();
        await this.partitions.ensure(rows.map((row) => row.event.occurredAt));
        return run();
      }
    });
    const { inserted, keys } = result.rows[0]!;
    acknowledge(batch, rows, inserted === rows.length ? undefined : (keys ?? []));
  }

  private parameters(rows: readonly Row[]): unknown[] {
    const column = <T>(pick: (row: Row) => T): T[] => rows.map(pick);
    return [
      column((row) => row.submission.tenantId),
      column((row) => new Date(row.event.occurredAt).toISOString()),
      column((row) => row.event.eventId),
      column((row) => row.event.agentId),
      column((row) => row.event.metricType),
      column((row) => row.event.count),
      column((row) => row.event.endpoint),
      column((row) => row.event.status),
      column((row) => row.event.durationMs),
      column((row) => row.event.userId),
      new Date(minuteStart(this.now(), this.options)),
      rows.length,
    ];
  }
}

function byKey(a: Row, b: Row): number {
  return (
    compare(a.submission.tenantId, b.submission.tenantId) ||
    a.event.occurredAt - b.event.occurredAt ||
    compare(a.event.eventId, b.event.eventId)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
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

/** Tells each request how many of its events were new: all of them, or those that `keys` lists. */
function acknowledge(
  batch: readonly Submission[],
  rows: readonly Row[],
  keys: readonly [string, number, string][] | undefined,
): void {
  const accepted = new Map<Submission, number>();
  if (keys === undefined) {
    batch.forEach((submission) => submission.resolve({ accepted: submission.events.length, duplicates: 0 }));
    return;
  }
  const inserted = new Set(keys.map(([tenantId, time, id]) => `${tenantId} ${time} ${id}`));
  for (const { submission, event } of rows) {
    // An event that stands twice in the batch was inserted for the first that named it.
    if (inserted.delete(`${submission.tenantId} ${event.occurredAt} ${event.eventId}`)) {
      accepted.set(submission, (accepted.get(submission) ?? 0) + 1);
    }
  }
  for (const submission of batch) {
    const count = accepted.get(submission) ?? 0;
    submission.resolve({ accepted: count, duplicates: submission.events.length - count });
  }
}
