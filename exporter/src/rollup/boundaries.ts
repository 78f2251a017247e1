/** The boundaries that only move forward, kept in `watermarks`: a changed setting must not make a partial hour of it. */
import type { Pool, PoolClient } from 'pg';
import { minuteStart, type Retention } from '../time.js';
import type { Boundaries } from './recompute.js';

const RAW_FROM = 'raw_from';
const MINUTES_FROM = 'minutes_from';
const EARLIEST = Date.UTC(1, 0, 1);

/** What may be recomputed now, and of what. */
export async function readBoundaries(
  client: Pool | PoolClient,
  now: number,
  retention: Retention,
): Promise<Boundaries> {
  const { rows } = await client.query<{ name: string; at: Date }>('SELECT name, at FROM watermarks');
  const at = (name: string): number => rows.find((row) => row.name === name)?.at.getTime() ?? EARLIEST;
  return { minutesFrom: Math.max(at(MINUTES_FROM), minuteStart(now, retention)), rawFrom: at(RAW_FROM) };
}

/** Where the recorded minutes begin; MINUTE_RETENTION_HOURS may put their start later. */
export async function minutesWatermark(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ at: Date }>('SELECT at FROM watermarks WHERE name = $1', [
    MINUTES_FROM,
  ]);
  return rows[0]?.at.getTime() ?? EARLIEST;
}

/**
 * Records where the minutes begin now. Were MINUTE_RETENTION_HOURS raised later, the hours before this would otherwise
 * be made of minutes that are gone.
 */
export async function advanceMinutes(pool: Pool, now: number, retention: Retention): Promise<number> {
  const { rows } = await pool.query<{ at: Date }>(
    `INSERT INTO watermarks AS w (name, at) VALUES ('${MINUTES_FROM}', $1)
     ON CONFLICT (name) DO UPDATE SET at = greatest(w.at, excluded.at) RETURNING at`,
    [new Date(minuteStart(now, retention))],
  );
  return rows[0]!.at.getTime();
}
