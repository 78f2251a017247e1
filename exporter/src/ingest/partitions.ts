/** Monthly partitions of the fact tables. A job creates them ahead; an import creates missing ones before it writes. */
import type { Pool, PoolClient } from 'pg';
import { dropLock, EVENTS } from '../aggregates/index.js';
import { LOCK_NOT_AVAILABLE } from '../db/failure.js';
import { lockKey, transactionLock } from '../db/locks.js';
import { withTransaction } from '../db/pool.js';
import { advanceWatermark, CachedWatermark, readWatermark } from '../db/watermarks.js';
import { AppError, errorCode, RETRY_AFTER } from '../errors.js';
import { formatTime, nextMonth, startOfMonth } from '../time.js';

/** Tables partitioned by month, each with its partition key. */
const PARTITIONED = [{ table: EVENTS.table, column: EVENTS.time }] as const;

/** Months after the current one for which the job creates partitions. */
const MONTHS_AHEAD = 2;
const ATTACH_LOCK_TIMEOUT_MS = 5_000;
const ATTACH_ATTEMPTS = 6;

const DUPLICATE_TABLE = '42P07';

interface Month {
  from: number;
  to: number;
}

const monthOf = (instant: number): Month => ({ from: startOfMonth(instant), to: nextMonth(instant) });

/** `usage_events_2026_03` */
const partitionName = (table: string, { from }: Month): string =>
  `${table}_${formatTime(from).slice(0, 7).replace('-', '_')}`;

/** Nothing before this watermark is recomputed, because its raw events may be gone. It only moves forward. */
const RAW_FROM = EVENTS.retention.watermark;

export class Partitions {
  private readonly known = new Set<number>();
  private readonly rawFrom: CachedWatermark;

  constructor(private readonly pool: Pool) {
    this.rawFrom = new CachedWatermark(pool, RAW_FROM);
  }

  /**
   * First instant whose raw events are accepted, in milliseconds; -Infinity if none were dropped yet. After RETENTION_DAYS
   * was raised it is later than the start of the retention period: an older event would be stored but never counted.
   */
  droppedBefore(): Promise<number> {
    return this.rawFrom.read();
  }

  /** Creates missing partitions for these instants (milliseconds). Remembers which partitions exist. */
  async ensure(instants: Iterable<number>): Promise<void> {
    const months = new Map<number, Month>();
    let last: Month | undefined;
    for (const instant of instants) {
      if (last !== undefined && instant >= last.from && instant < last.to) continue;
      last = monthOf(instant);
      if (!this.known.has(last.from)) months.set(last.from, last);
    }
    for (const month of [...months.values()].sort((a, b) => a.from - b.from)) {
      try {
        for (const { table } of PARTITIONED) await createPartition(this.pool, table, month);
      } catch (error) {
        this.forget();
        throw error;
      }
      this.known.add(month.from);
    }
  }

  /** Forgets which partitions exist, for example after an insert found one missing. */
  forget(): void {
    this.known.clear();
    this.rawFrom.forget();
  }

  /** The job: creates the partitions of this month and the next ones. */
  async makeAhead(now: number): Promise<number> {
    const months = [monthOf(now)];
    while (months.length <= MONTHS_AHEAD) months.push(monthOf(months.at(-1)!.to));
    this.forget();
    await this.ensure(months.map((month) => month.from));
    return months.length;
  }
}

/** Creates the table first and then attaches it, so that the parent is locked only for the catalog change. */
async function createPartition(pool: Pool, table: string, month: Month): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await withTransaction(pool, (client) => attachMonth(client, table, month));
      return;
    } catch (error) {
      const { code } = error as { code?: string };
      // Another replica was faster, or a long transaction holds the parent: try again.
      if ((code !== LOCK_NOT_AVAILABLE && code !== DUPLICATE_TABLE) || attempt === ATTACH_ATTEMPTS)
        throw error;
    }
  }
}

async function attachMonth(client: PoolClient, table: string, month: Month): Promise<void> {
  await client.query(`SET LOCAL lock_timeout = ${ATTACH_LOCK_TIMEOUT_MS}`);
  await client.query('SELECT pg_advisory_xact_lock($1)', [lockKey('partitions', table)]);
  const name = partitionName(table, month);
  const exists = await client.query('SELECT FROM pg_class WHERE oid = to_regclass($1)', [name]);
  if (exists.rowCount !== 0) return;
  if (month.to <= ((await readWatermark(client, RAW_FROM)) ?? -Infinity)) {
    // When the request is sent again, these events are rejected one by one.
    throw new AppError('UNAVAILABLE', 'events of that month have just been dropped; try again', {
      retryAfter: RETRY_AFTER.overload,
    });
  }
  await client.query(`CREATE TABLE ${name} (LIKE ${table} INCLUDING ALL)`);
  await client.query(
    `ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES FROM ('${formatTime(month.from)}') TO ('${formatTime(month.to)}')`,
  );
}

/**
 * Drops the partitions that end before `oldest`. The watermark `raw_from` moves first, so that nothing is ever recomputed
 * from missing events. A month with pending marks is kept, and so are all later ones, because the watermark would pass it.
 * @returns the number of dropped partitions
 */
export async function dropExpiredPartitions(pool: Pool, oldest: number): Promise<number> {
  let dropped = 0;
  for (const { table } of PARTITIONED) {
    for (const { name, month } of await listPartitions(pool, table)) {
      if (month.to > oldest || !(await dropPartition(pool, name, month))) break;
      dropped += 1;
    }
  }
  return dropped;
}

async function listPartitions(pool: Pool, table: string): Promise<{ name: string; month: Month }[]> {
  const result = await pool.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = $1::regclass ORDER BY c.relname`,
    [table],
  );
  return result.rows.flatMap(({ name }) => {
    const match = /_(\d{4})_(\d{2})$/.exec(name);
    return match === null
      ? []
      : [{ name, month: monthOf(Date.UTC(Number(match[1]), Number(match[2]) - 1, 1)) }];
  });
}

async function dropPartition(pool: Pool, name: string, month: Month): Promise<boolean> {
  try {
    return await withTransaction(pool, (client) => dropUnlessMarked(client, name, month));
  } catch (error) {
    // In use by a recompute or a long read: the next run of the job tries again.
    if (errorCode(error) === LOCK_NOT_AVAILABLE) return false;
    throw error;
  }
}

async function dropUnlessMarked(client: PoolClient, name: string, month: Month): Promise<boolean> {
  await client.query(`SET LOCAL lock_timeout = ${ATTACH_LOCK_TIMEOUT_MS}`);
  await transactionLock(client, dropLock(EVENTS));
  const marks = await client.query('SELECT FROM dirty_marks WHERE bucket >= $1 AND bucket < $2 LIMIT 1', [
    new Date(month.from),
    new Date(month.to),
  ]);
  if (marks.rowCount !== 0) return false;
  await advanceWatermark(client, RAW_FROM, month.to);
  await client.query(`DROP TABLE IF EXISTS ${name}`);
  return true;
}
