/**
 * From where facts and minutes are complete. These boundaries only move forward: otherwise, after a setting was changed, an
 * hour could be recomputed from a part of its facts.
 */
import type { Pool, PoolClient } from 'pg';
import { dropLock, type Facts, FACTS } from '../aggregates/index.js';
import { shareTransactionLock } from '../db/locks.js';
import { advanceWatermark, readWatermarks } from '../db/watermarks.js';
import { minuteStart, type Retention } from '../time.js';

const MINUTES_FROM = 'minutes_from';
const EARLIEST = Date.UTC(1, 0, 1);

export interface Boundaries {
  /** First instant with minute aggregates; an hour from here on is made of minutes. */
  minutesFrom: number;
  /** First instant whose facts are kept; nothing older is recomputed. */
  keptFrom(facts: Facts): number;
}

/**
 * For minutes the watermark counts, not the setting. `advanceMinutes` moves it before the first rollup that makes an hour of
 * raw events instead: from then on the minutes of that hour are no longer kept up to date.
 */
export async function readBoundaries(client: Pool | PoolClient): Promise<Boundaries> {
  const names = [MINUTES_FROM, ...FACTS.map(({ retention }) => retention.watermark)];
  const watermarks = await readWatermarks(client, names);
  const at = (name: string): number => watermarks.get(name) ?? EARLIEST;
  return { minutesFrom: at(MINUTES_FROM), keptFrom: ({ retention }) => at(retention.watermark) };
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

/** Nothing is dropped until the end of the transaction: what it recomputes, though no mark names it, must not go meanwhile. */
export async function keepFacts(client: PoolClient): Promise<void> {
  for (const facts of FACTS) await shareTransactionLock(client, dropLock(facts));
}
