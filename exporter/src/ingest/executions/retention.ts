/** Executions older than the raw retention go, with their steps, usages and spans; their hours and days stay. */
import type { Pool } from 'pg';
import { dropLock, EXECUTIONS, SESSIONS } from '../../aggregates/index.js';
import { transactionLock } from '../../db/locks.js';
import { withTransaction } from '../../db/pool.js';
import { advanceWatermark } from '../../db/watermarks.js';
import { floorTo, HOUR } from '../../time.js';

const BATCH = 2_000;

const ANY_EXPIRED = `SELECT FROM tenants t
  WHERE EXISTS (SELECT FROM executions e WHERE e.tenant_id = t.id AND e.started_at < $1) LIMIT 1`;

/**
 * Removes the executions and sessions that began before `oldest`, moving the watermark first, unless marks before it are still to be
 * rolled up. While there are none, the watermark stays: under a longer retention they may still come.
 * @returns the number of executions removed
 */
export async function dropExpiredExecutions(pool: Pool, oldest: number): Promise<number> {
  const before = new Date(floorTo(oldest, HOUR));
  const outcome = await withTransaction(pool, async (client) => {
    await transactionLock(client, dropLock(EXECUTIONS));
    const marks = await client.query(
      `SELECT FROM dirty_marks WHERE kind = ANY ($1::text[]) AND bucket < $2
       UNION ALL SELECT FROM session_marks WHERE bucket < $2 LIMIT 1`,
      [[EXECUTIONS.marks.hour, SESSIONS.marks.hour], before],
    );
    if (marks.rowCount !== 0) return 'held up';
    if ((await client.query(ANY_EXPIRED, [before])).rowCount === 0) return 'nothing to drop';
    await advanceWatermark(client, EXECUTIONS.retention.watermark, before.getTime());
    return 'moved';
  });
  if (outcome === 'held up') return 0;
  let dropped = 0;
  while (outcome === 'moved') {
    const { rows } = await pool.query<{ dropped: number }>(
      `WITH expired AS (
         DELETE FROM executions WHERE (tenant_id, id) IN (
           SELECT tenant_id, id FROM executions WHERE started_at < $1 ORDER BY tenant_id, started_at LIMIT $2)
         RETURNING tenant_id, id
       ), steps AS (
         DELETE FROM execution_steps s USING expired e WHERE s.tenant_id = e.tenant_id AND s.execution_id = e.id
       ), usages AS (
         DELETE FROM token_usages u USING expired e WHERE u.tenant_id = e.tenant_id AND u.execution_id = e.id
       ), traces AS (
         DELETE FROM otlp_traces t USING expired e WHERE t.tenant_id = e.tenant_id AND t.trace_id = e.id
       )
       SELECT count(*) AS dropped FROM expired`,
      [before, BATCH],
    );
    dropped += rows[0]!.dropped;
    if (rows[0]!.dropped < BATCH) break;
  }
  if (outcome === 'moved') {
    for (const table of ['session_agents', 'sessions'])
      await pool.query(`DELETE FROM ${table} WHERE started_at < $1`, [before]);
  }
  // Traces that had nothing to do with a model, and so are of no execution.
  await pool.query('DELETE FROM otlp_traces WHERE started_at < $1', [before]);
  return dropped;
}
