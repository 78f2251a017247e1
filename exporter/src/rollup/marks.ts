/** The marks of `dirty_marks`: which buckets of a tenant are to be recomputed. */
import type { PoolClient } from 'pg';
import type { EXECUTION_MARK } from '../ingest/executions/store.js';
import { formatTime, MINUTE } from '../time.js';

/** An open hour of the finest projection is recomputed at most this often. */
const AGENT_ENDPOINT_EVERY_MS = 5 * MINUTE;

type MarkKind = 'minute' | 'hour' | 'agent_endpoint' | typeof EXECUTION_MARK;

/** Takes the oldest marks of a kind. @returns their buckets, milliseconds */
export async function takeMarks(
  client: PoolClient,
  tenantId: string,
  kind: MarkKind,
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
  kind: MarkKind,
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

/** Marks the hours for the finest projection, which is recomputed less often. */
export async function markFinest(
  client: PoolClient,
  tenantId: string,
  hours: readonly number[],
): Promise<void> {
  if (hours.length === 0) return;
  await client.query(
    `INSERT INTO dirty_marks (tenant_id, kind, bucket)
     SELECT $1, 'agent_endpoint', hour FROM unnest($2::timestamptz[]) AS hour
     WHERE NOT EXISTS (
       SELECT FROM dirty_marks m WHERE m.tenant_id = $1 AND m.kind = 'agent_endpoint' AND m.bucket = hour)`,
    [tenantId, [...new Set(hours)].map(formatTime)],
  );
}

/** Takes the marked hours that are due: not computed in the last minutes, or closed since. */
export async function takeFinest(
  client: PoolClient,
  tenantId: string,
  now: number,
  limit: number,
): Promise<number[]> {
  const { rows } = await client.query<{ bucket: Date }>(
    `SELECT DISTINCT m.bucket
     FROM dirty_marks m LEFT JOIN agent_endpoint_computed c ON c.tenant_id = $1 AND c.bucket = m.bucket
     WHERE m.tenant_id = $1 AND m.kind = 'agent_endpoint'
       AND (c.computed_at IS NULL OR c.computed_at <= $2
            OR (c.computed_at < m.bucket + interval '1 hour' AND m.bucket + interval '1 hour' <= $3))
     ORDER BY m.bucket LIMIT $4`,
    [tenantId, new Date(now - AGENT_ENDPOINT_EVERY_MS), new Date(now), limit],
  );
  const hours = await deleteMarks(client, tenantId, 'agent_endpoint', rows);
  if (hours.length > 0) {
    await client.query(
      `INSERT INTO agent_endpoint_computed AS c (tenant_id, bucket, computed_at)
       SELECT $1, hour, $3 FROM unnest($2::timestamptz[]) AS hour
       ON CONFLICT (tenant_id, bucket) DO UPDATE SET computed_at = excluded.computed_at`,
      [tenantId, hours.map(formatTime), new Date(now)],
    );
  }
  return hours;
}
