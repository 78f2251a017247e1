/** The boundaries that only move forward, kept in `watermarks`: a changed setting must not make a partial hour of it. */
import type { Pool, PoolClient } from 'pg';
import { EXECUTIONS_FROM } from '../ingest/executions/retention.js';
import { RAW_FROM } from '../ingest/partitions.js';
import { minuteStart, type Retention } from '../time.js';
import type { Boundaries } from './recompute.js';

const MINUTES_FROM = 'minutes_from';
const EARLIEST = Date.UTC(1, 0, 1);

/**
 * What may be recomputed, and of what. Of the minutes only the watermark counts: it is moved by `advanceMinutes` before
 * the first rollup that makes an hour of raw events instead, because that hour's minutes are not kept right any more.
 */
export async function readBoundaries(client: Pool | PoolClient): Promise<Boundaries> {
  const { rows } = await client.query<{ name: string; at: Date }>('SELECT name, at FROM watermarks');
  const at = (name: string): number => rows.find((row) => row.name === name)?.at.getTime() ?? EARLIEST;
  return { minutesFrom: at(MINUTES_FROM), rawFrom: at(RAW_FROM), executionsFrom: at(EXECUTIONS_FROM) };
}

/**
 * Records where the minutes begin now, and never takes it back: were MINUTE_RETENTION_HOURS raised later, the hours
 * before this would otherwise be made of minutes that are gone.
 * @returns where they begin
 */
export async function advanceMinutes(pool: Pool, now: number, retention: Retention): Promise<number> {
  const start = minuteStart(now, retention);
  const { minutesFrom } = await readBoundaries(pool);
  if (minutesFrom >= start) return minutesFrom;
  const { rows } = await pool.query<{ at: Date }>(
    `INSERT INTO watermarks AS w (name, at) VALUES ('${MINUTES_FROM}', $1)
     ON CONFLICT (name) DO UPDATE SET at = greatest(w.at, excluded.at) RETURNING at`,
    [new Date(start)],
  );
  return rows[0]!.at.getTime();
}
