/** Writes the demo's history up to now. Each further call only adds the time since the last one. */
import type { Pool } from 'pg';
import { advanceWatermark, initWatermark, readWatermark } from '../db/watermarks.js';
import type { Ingest } from '../ingest/ingest.js';
import { type EventSink, EventStream } from '../ingest/stream.js';
import { DAY, floorTo, HOUR } from '../time.js';
import type { DemoTenant } from './fleet.js';
import { runsOf } from './runs.js';
import { type Timeline, trafficOf } from './traffic.js';

export interface SeedOptions {
  pool: Pool;
  ingest: Pick<Ingest, 'events'>;
  /** Ingest for executions; omit to write none. */
  executions?: EventSink['events'];
  tenant: DemoTenant;
  days: number;
  /** End of the history; milliseconds. */
  now: number;
  /** Start of the retention period. */
  oldest?: number;
  signal?: AbortSignal;
  /** Called after each hour, with its number of events. */
  onHour?: (events: number) => void;
  /** Called from time to time when everything so far is stored, so that it can be rolled up. */
  onDurable?: () => void;
}

export interface SeedResult {
  accepted: number;
  duplicates: number;
  /** Half-open, milliseconds. */
  from: number;
  to: number;
}

/** Default number of days. */
export const DEFAULT_DAYS = 90;
/** Days before the anchor that have one event per call, for charts of the last minutes and hours. */
const FINE_DAYS = 2;
/** Number of events after which the position is stored. */
const RECORD_EVERY = 50_000;
const RUNS_PER_BATCH = 250;

const anchorName = (tenantId: string): string => `demo:${tenantId}:anchor`;
const untilName = (tenantId: string, days: number): string => `demo:${tenantId}:${days}:until`;

/** The anchor date of the tenant's data, which is set by the first call. */
export async function readTimeline(pool: Pool, tenantId: string, now: number): Promise<Timeline> {
  const anchor = await initWatermark(pool, anchorName(tenantId), floorTo(now, DAY));
  return { anchor, fineFrom: anchor - FINE_DAYS * DAY };
}

/** The range that a call at `now` has to write: all days at first, then the time since the last call. */
export async function seedRange({
  pool,
  tenant,
  days,
  now,
  oldest = -Infinity,
}: Pick<SeedOptions, 'pool' | 'tenant' | 'days' | 'now' | 'oldest'>): Promise<{ from: number; to: number }> {
  const until = await readWatermark(pool, untilName(tenant.id, days));
  return { from: Math.max(until ?? floorTo(now, DAY) - days * DAY, oldest), to: now };
}

export async function seed(options: SeedOptions): Promise<SeedResult> {
  const { pool, ingest, executions, tenant, days, now, signal, onHour, onDurable } = options;
  const timeline = await readTimeline(pool, tenant.id, now);
  const { from, to } = await seedRange(options);
  const stream = new EventStream(ingest);
  const runs = executions && new EventStream({ events: executions }, { batchSize: RUNS_PER_BATCH });
  let unrecorded = 0;
  for (let hour = floorTo(from, HOUR); hour < to && signal?.aborted !== true; hour += HOUR) {
    const events = trafficOf(tenant, hour, timeline).filter(({ at }) => at >= from && at < to);
    for (const { event } of events) await stream.add(tenant.id, event);
    for (const { at, run } of runs === undefined ? [] : runsOf(tenant, hour)) {
      if (at >= from && at < to) await runs!.add(tenant.id, run);
    }
    onHour?.(events.length);
    unrecorded += events.length;
    if (unrecorded >= RECORD_EVERY) {
      await stream.flush();
      await runs?.flush();
      await recordSeeded(pool, tenant.id, days, Math.min(hour + HOUR, to));
      onDurable?.();
      unrecorded = 0;
    }
  }
  const { accepted, duplicates } = await stream.flush();
  await runs?.flush();
  if (signal?.aborted !== true) await recordSeeded(pool, tenant.id, days, to);
  return { accepted, duplicates, from, to };
}

/** Stores that everything before `until` has been written. */
export async function recordSeeded(pool: Pool, tenantId: string, days: number, until: number): Promise<void> {
  await advanceWatermark(pool, untilName(tenantId, days), until);
}
