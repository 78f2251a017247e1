/** The boundaries that only move forward: a changed setting must not make a partial hour of it. */
import type { Pool, PoolClient } from 'pg';
import { advanceWatermark, readWatermarks } from '../db/watermarks.js';
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
  const watermarks = await readWatermarks(client, [MINUTES_FROM, RAW_FROM, EXECUTIONS_FROM]);
  const at = (name: string): number => watermarks.get(name) ?? EARLIEST;
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
  return minutesFrom >= start ? minutesFrom : advanceWatermark(pool, MINUTES_FROM, start);
}
