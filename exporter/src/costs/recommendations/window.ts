/** How far back executions are looked at, so that no tenant's recommendations take long to work out. */
import type { ReadPool } from '../../db/read-shares.js';
import { IN_WINDOW, type Range, valuesOf, type Window } from './finding.js';

/** The newest of a period. */
export const MAX_EXECUTIONS = 100_000;

/** The whole period, or the part of it up to now in which the newest executions lie. */
export async function windowOf(
  pool: ReadPool,
  tenantId: string,
  period: Range,
  now: number,
  max = MAX_EXECUTIONS,
): Promise<Window> {
  const { rows } = await pool.query<{ at: Date }>(
    `SELECT started_at AS at FROM executions e WHERE ${IN_WINDOW} ORDER BY started_at DESC OFFSET $4 LIMIT 1`,
    [...valuesOf(tenantId, period), max],
  );
  const { from, to } = period;
  if (rows[0] === undefined) return { from, to, length: to - from };
  const start = rows[0].at.getTime() + 1;
  return { from: start, to, length: Math.max(1, Math.min(to, now) - start) };
}
