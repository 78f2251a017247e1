/**
 * From where facts and minutes are complete. These boundaries only move forward: otherwise, after a setting was changed, an
 * hour could be recomputed from a part of its facts.
 */
import type { Pool, PoolClient } from 'pg';
import { advanceWatermark, readWatermarks } from '../db/watermarks.js';
import { EXECUTIONS_FROM } from '../ingest/executions/retention.js';
import { RAW_FROM } from '../ingest/partitions.js';
import { minuteStart, type Retention } from '../time.js';
import type { Boundaries } from './recompute.js';

const MINUTES_FROM = 'minutes_from';
const EARLIEST = Date.UTC(1, 0, 1);

/**
 * For minutes the watermark counts, not the setting. `advanceMinutes` moves it before the first rollup that makes an hour of
 * raw events instead: from then on the minutes of that hour are no longer kept up to date.
 */
export async function readBoundaries(client: Pool | PoolClient): Promise<Boundaries> {
  const watermarks = await readWatermarks(client, [MINUTES_FROM, RAW_FROM, EXECUTIONS_FROM]);
  const at = (name: string): number => watermarks.get(name) ?? EARLIEST;
  return { minutesFrom: at(MINUTES_FROM), rawFrom: at(RAW_FROM), executionsFrom: at(EXECUTIONS_FROM) };
}

/**
 * Records where the minutes begin now, and never moves it back. Otherwise, after MINUTE_RETENTION_HOURS was raised, hours
 * before that would be made of minutes that are gone.
 * @returns where the minutes begin
 */
export async function advanceMinutes(pool: Pool, now: number, retention: Retention): Promise<number> {
  const start = minuteStart(now, retention);
  const { minutesFrom } = await readBoundaries(pool);
  return minutesFrom >= start ? minutesFrom : advanceWatermark(pool, MINUTES_FROM, start);
}
