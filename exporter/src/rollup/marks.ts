/** The marks of `dirty_marks`: which buckets of a tenant are to be recomputed. */
import type { Pool, PoolClient } from 'pg';
import { execution, executionError, EXECUTIONS, GROUPS, type Marks, tableOf } from '../aggregates/index.js';
import { watermarkSql } from '../db/watermarks.js';
import { floorTo, formatTime, HOUR, MINUTE } from '../time.js';

/** Marked buckets taken by one transaction, of each kind of mark. */
const MINUTES_PER_BATCH = 240;
const HOURS_PER_BATCH = 48;
/** An open hour that is recomputed seldom is recomputed at most this often. */
const SELDOM_MS = 5 * MINUTE;

/** Start instants of the buckets to recompute, by kind of mark. */
export type Buckets = ReadonlyMap<string, readonly number[]>;

type Seldom = Required<Marks>['seldom'];

/** Kinds of marks that wait for some minutes. */
export const SELDOM_MARKS = GROUPS.flatMap(({ facts }) =>
  facts.marks.seldom === undefined ? [] : [facts.marks.hour],
);

/** The same hours for every kind of mark. */
export const allMarked = (hours: readonly number[]): Buckets =>
  new Map(GROUPS.map(({ facts }) => [facts.marks.hour, hours]));

/** Takes the oldest marks that are due. */
export async function takeMarks(client: PoolClient, tenantId: string, now: number): Promise<Buckets> {
  const taken = new Map<string, number[]>();
  for (const { facts } of GROUPS) {
    const { minute, hour, seldom } = facts.marks;
    if (seldom !== undefined) {
      await markFollowing(client, tenantId, hour, hoursOf(taken, seldom.after));
      taken.set(hour, await takeDue(client, tenantId, hour, seldom, now));
    } else {
      if (minute !== undefined)
        taken.set(minute, await takeOldest(client, tenantId, minute, MINUTES_PER_BATCH));
      taken.set(hour, await takeOldest(client, tenantId, hour, HOURS_PER_BATCH));
    }
  }
  return taken;
}

const hoursOf = (taken: Buckets, { minute, hour }: Marks): number[] =>
  [minute, hour].flatMap((kind) =>
    kind === undefined ? [] : (taken.get(kind) ?? []).map((bucket) => floorTo(bucket, HOUR)),
  );

/** @returns their buckets, milliseconds */
async function takeOldest(
  client: PoolClient,
  tenantId: string,
  kind: string,
  limit: number,
): Promise<number[]> {
  const { rows } = await client.query<{ bucket: Date }>(
    'SELECT DISTINCT bucket FROM dirty_marks WHERE tenant_id = $1 AND kind = $2 ORDER BY bucket LIMIT $3',
    [tenantId, kind, limit],
  );
  return deleteMarks(client, tenantId, kind, rows);
}

async function deleteMarks(
  client: PoolClient,
  tenantId: string,
  kind: string,
  rows: readonly { bucket: Date }[],
): Promise<number[]> {
  if (rows.length === 0) return [];
  const buckets = rows.map((row) => row.bucket);
  // Also deletes marks made since the SELECT. Their facts are committed, so the recompute that follows reads them.
  await client.query(
    'DELETE FROM dirty_marks WHERE tenant_id = $1 AND kind = $2 AND bucket = ANY ($3::timestamptz[])',
    [tenantId, kind, buckets],
  );
  return buckets.map((bucket) => bucket.getTime());
}

/** Marks hours whose facts have changed for what is recomputed less often. */
async function markFollowing(
  client: PoolClient,
  tenantId: string,
  kind: string,
  hours: readonly number[],
): Promise<void> {
  if (hours.length === 0) return;
  await client.query(
    `INSERT INTO dirty_marks (tenant_id, kind, bucket)
     SELECT $1, $2, hour FROM unnest($3::timestamptz[]) AS hour
     WHERE NOT EXISTS (
       SELECT FROM dirty_marks m WHERE m.tenant_id = $1 AND m.kind = $2 AND m.bucket = hour)`,
    [tenantId, kind, [...new Set(hours)].map(formatTime)],
  );
}

/** Takes the marked hours that are due: not computed in the last minutes, or closed since. */
async function takeDue(
  client: PoolClient,
  tenantId: string,
  kind: string,
  { computed }: Seldom,
  now: number,
): Promise<number[]> {
  const { rows } = await client.query<{ bucket: Date }>(
    `SELECT DISTINCT m.bucket
     FROM dirty_marks m LEFT JOIN ${computed} c ON c.tenant_id = $1 AND c.bucket = m.bucket
     WHERE m.tenant_id = $1 AND m.kind = $5
       AND (c.computed_at IS NULL OR c.computed_at <= $2
            OR (c.computed_at < m.bucket + interval '1 hour' AND m.bucket + interval '1 hour' <= $3))
     ORDER BY m.bucket LIMIT $4`,
    [tenantId, new Date(now - SELDOM_MS), new Date(now), HOURS_PER_BATCH, kind],
  );
  const hours = await deleteMarks(client, tenantId, kind, rows);
  if (hours.length > 0) {
    await client.query(
      `INSERT INTO ${computed} AS c (tenant_id, bucket, computed_at)
       SELECT $1, hour, $3 FROM unnest($2::timestamptz[]) AS hour
       ON CONFLICT (tenant_id, bucket) DO UPDATE SET computed_at = excluded.computed_at`,
      [tenantId, hours.map(formatTime), new Date(now)],
    );
  }
  return hours;
}

/**
 * Marks the hours that a replica of an earlier release has computed. It leaves their level null, at least that of errors,
 * and knows of no aggregate that was added before the level. Hours whose executions may be gone stay as they are.
 */
export async function markEarlier(pool: Pool): Promise<void> {
  const withoutLevel = [execution, executionError].map(
    (aggregate) => `SELECT tenant_id, bucket FROM ${tableOf(aggregate, 'hour')} WHERE level IS NULL`,
  );
  await pool.query(
    `INSERT INTO dirty_marks (tenant_id, kind, bucket)
     SELECT tenant_id, $1, bucket FROM (${withoutLevel.join(' UNION ')}) AS earlier
     WHERE bucket >= coalesce(${watermarkSql(EXECUTIONS.retention.watermark)}, '-infinity')`,
    [EXECUTIONS.marks.hour],
  );
}
