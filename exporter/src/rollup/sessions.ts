/**
 * Sessions kept up: made anew of their executions where one has changed, and counted as ended once nothing has happened in
 * them for a while. The hours in which they began and begin are marked for their aggregates. The caller holds the tenant's
 * rollup lock.
 */
import type { PoolClient } from 'pg';
import { SESSIONS } from '../aggregates/index.js';
import { hasEndedSinceSql } from '../facts/session/session.js';
import type { Boundaries } from './boundaries.js';
import { insertSessions } from './session-rows.js';

/** Sessions made anew by one transaction of the rollup. */
const PER_BATCH = 1_000;

/** What the making of sessions depends on besides their executions. */
export interface SessionTime {
  boundaries: Boundaries;
  /** An end before this instant is long enough ago, milliseconds. */
  idleSince: number;
}

interface Hour {
  hour: Date;
}

/**
 * Takes the oldest marks and makes their sessions anew; then settles those that have ended.
 * @returns how many sessions changed
 */
export async function refreshSessions(
  client: PoolClient,
  tenantId: string,
  time: SessionTime,
): Promise<number> {
  const { rows } = await client.query<{ session_id: string }>(
    `DELETE FROM session_marks WHERE tenant_id = $1 AND (bucket, session_id) IN (
       SELECT DISTINCT bucket, session_id FROM session_marks WHERE tenant_id = $1
       ORDER BY bucket, session_id LIMIT ${PER_BATCH})
     RETURNING session_id`,
    [tenantId],
  );
  const marked = [...new Set(rows.map(({ session_id }) => session_id))];
  const made = await makeAnew(client, tenantId, marked, time);
  return made + (await settle(client, tenantId, time));
}

/** Makes anew the sessions with executions of a range, marked or not. */
export async function remakeSessions(
  client: PoolClient,
  tenantId: string,
  range: { from: number; to: number },
  time: SessionTime,
): Promise<void> {
  const { rows } = await client.query<{ session_id: string }>(
    `SELECT session_id FROM executions
     WHERE tenant_id = $1 AND started_at >= $2 AND started_at < $3 AND session_id IS NOT NULL
     UNION SELECT session_id FROM sessions WHERE tenant_id = $1 AND started_at >= $2 AND started_at < $3`,
    [tenantId, new Date(range.from), new Date(range.to)],
  );
  const ids = rows.map(({ session_id }) => session_id);
  for (let first = 0; first < ids.length; first += PER_BATCH)
    await makeAnew(client, tenantId, ids.slice(first, first + PER_BATCH), time);
}

async function makeAnew(
  client: PoolClient,
  tenantId: string,
  ids: readonly string[],
  { boundaries, idleSince }: SessionTime,
): Promise<number> {
  if (ids.length === 0) return 0;
  const keptFrom = new Date(boundaries.keptFrom(SESSIONS));
  // One whose first executions may be gone stays as it is.
  const { rows: old } = await client.query<{ session_id: string }>(
    'SELECT session_id FROM sessions WHERE tenant_id = $1 AND session_id = ANY ($2::text[]) AND started_at < $3',
    [tenantId, ids, keptFrom],
  );
  const isOld = new Set(old.map(({ session_id }) => session_id));
  const changed = ids.filter((id) => !isOld.has(id));
  await client.query('DELETE FROM session_agents WHERE tenant_id = $1 AND session_id = ANY ($2::text[])', [
    tenantId,
    changed,
  ]);
  const before = await client.query<Hour>(
    `DELETE FROM sessions WHERE tenant_id = $1 AND session_id = ANY ($2::text[])
     RETURNING date_trunc('hour', started_at, 'UTC') AS hour`,
    [tenantId, changed],
  );
  const after = await client.query<Hour>(insertSessions(), [
    tenantId,
    changed,
    keptFrom,
    new Date(idleSince),
  ]);
  await mark(client, tenantId, [...before.rows, ...after.rows]);
  return ids.length;
}

/** Sessions in which nothing has happened for a while are counted as ended. */
async function settle(client: PoolClient, tenantId: string, { idleSince }: SessionTime): Promise<number> {
  const { rows } = await client.query<Hour>(
    `UPDATE sessions s SET is_active = false WHERE s.tenant_id = $1 AND ${hasEndedSinceSql('s', '$2')}
     RETURNING date_trunc('hour', s.started_at, 'UTC') AS hour`,
    [tenantId, new Date(idleSince)],
  );
  await mark(client, tenantId, rows);
  return rows.length;
}

async function mark(client: PoolClient, tenantId: string, rows: readonly Hour[]): Promise<void> {
  const hours = new Set(rows.map(({ hour }) => hour.getTime()));
  if (hours.size === 0) return;
  await client.query(
    `INSERT INTO dirty_marks (tenant_id, kind, bucket) SELECT $1, '${SESSIONS.marks.hour}', hour
     FROM unnest($2::timestamptz[]) AS hour`,
    [tenantId, [...hours].map((hour) => new Date(hour))],
  );
}

/** Tenants with sessions to make anew or to settle; $1 is the instant before which an end is long enough ago. */
export const TENANTS_WITH_SESSIONS = `
  SELECT DISTINCT tenant_id FROM session_marks
  UNION SELECT DISTINCT s.tenant_id FROM sessions s WHERE ${hasEndedSinceSql('s', '$1')}`;
