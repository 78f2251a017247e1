/** Writes the demo's past up to now, and each time it is called again only what has been added since. */
import type { Pool } from 'pg';
import { advanceWatermark, fixWatermark, readWatermark } from '../db/watermarks.js';
import type { Ingest } from '../ingest/ingest.js';
import { type EventSink, EventStream } from '../ingest/stream.js';
import { DAY, floorTo, HOUR } from '../time.js';
import type { DemoTenant } from './fleet.js';
import { runsOf } from './runs.js';
import { type Dating, trafficOf } from './traffic.js';

export interface SeedOptions {
  pool: Pool;
  ingest: Pick<Ingest, 'events'>;
  /** Where executions go in; without it there are none. */
  executions?: EventSink['events'];
  tenant: DemoTenant;
  days: number;
  /** Events from here on are left to come; milliseconds. */
  now: number;
  /** Where the kept events begin. */
  oldest?: number;
  signal?: AbortSignal;
  /** Told of each hour, with the number of its events. */
  onHour?: (events: number) => void;
  /** Told now and then that all so far is durable: it can be rolled up meanwhile. */
  onDurable?: () => void;
}

export interface SeedResult {
  accepted: number;
  duplicates: number;
  /** Half-open, milliseconds. */
  from: number;
  to: number;
}

/** Days of traffic, unless the user says otherwise. */
export const DEFAULT_DAYS = 90;
/** Days before the anchor whose calls are single events: those that the last minutes and hours are drawn from. */
const FINE_DAYS = 2;
/** Events after which the position is recorded. */
const RECORD_EVERY = 50_000;
const RUNS_PER_BATCH = 250;

const anchorName = (tenantId: string): string => `demo:${tenantId}:anchor`;
const untilName = (tenantId: string, days: number): string => `demo:${tenantId}:${days}:until`;

/** When the tenant's data were first made; fixed at the first call. */
export async function datingOf(pool: Pool, tenantId: string, now: number): Promise<Dating> {
  const anchor = await fixWatermark(pool, anchorName(tenantId), floorTo(now, DAY));
  return { anchor, fineFrom: anchor - FINE_DAYS * DAY };
}

/** The hours that a call at `now` has to write: of all days at first, later those since the last call. */
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
  const dating = await datingOf(pool, tenant.id, now);
  const { from, to } = await seedRange(options);
  const stream = new EventStream(ingest);
  const runs = executions && new EventStream({ events: executions }, { batchSize: RUNS_PER_BATCH });
  let unrecorded = 0;
  for (let hour = floorTo(from, HOUR); hour < to && signal?.aborted !== true; hour += HOUR) {
    const events = trafficOf(tenant, hour, dating).filter(({ at }) => at >= from && at < to);
    for (const { event } of events) await stream.add(tenant.id, event);
    for (const { at, run } of runs === undefined ? [] : runsOf(tenant, hour)) {
      if (at >= from && at < to) await runs!.add(tenant.id, run);
    }
    onHour?.(events.length);
    unrecorded += events.length;
    if (unrecorded >= RECORD_EVERY) {
      await stream.flush();
      await runs?.flush();
      await seeded(pool, tenant.id, days, Math.min(hour + HOUR, to));
      onDurable?.();
      unrecorded = 0;
    }
  }
  const { accepted, duplicates } = await stream.flush();
  await runs?.flush();
  if (signal?.aborted !== true) await seeded(pool, tenant.id, days, to);
  return { accepted, duplicates, from, to };
}

/** Records that everything before `until` has been written. */
export async function seeded(pool: Pool, tenantId: string, days: number, until: number): Promise<void> {
  await advanceWatermark(pool, untilName(tenantId, days), until);
}
