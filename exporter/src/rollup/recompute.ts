/** Recomputing: given marked minutes and hours of one tenant, the rows of every level above them, in one transaction. */
import type { PoolClient } from 'pg';
import { DAY, floorTo, HOUR, MINUTE } from '../time.js';
import {
  AGENT_COUNTERS,
  AGENTS_RAN,
  EXECUTION_PROJECTIONS,
  executionTotals,
  MODEL_COUNTERS,
} from './execution-projections.js';
import { settleOther } from './other-agents.js';
import { agentEndpoint, AGENTS_SEEN, endpoint, type Projection, totals, usage } from './projections.js';

/** Half-open, milliseconds. */
export interface Range {
  from: number;
  to: number;
}

/** Start instants of the buckets to recompute. */
export interface Buckets {
  minutes: readonly number[];
  /** Made of raw events. */
  hours: readonly number[];
  /** Hours of the finest projection, made of raw events. */
  agentEndpointHours: readonly number[];
  /** Hours of executions. */
  executionHours: readonly number[];
}

export interface Boundaries {
  /** First instant with minute aggregates; an hour from here on is made of minutes. */
  minutesFrom: number;
  /** First instant whose raw events are kept; nothing older is recomputed. */
  rawFrom: number;
  /** The same of executions. */
  executionsFrom: number;
}

/** Contiguous buckets joined, so that one index scan reads them. */
export function rangesOf(buckets: Iterable<number>, width: number): Range[] {
  const ranges: Range[] = [];
  for (const from of [...new Set(buckets)].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.to === from) last.to = from + width;
    else ranges.push({ from, to: from + width });
  }
  return ranges;
}

/**
 * Recomputes the buckets and all that stands above them. The caller holds the tenant's rollup lock, taken in a statement
 * of its own before this reads anything.
 * @returns the number of aggregate rows written
 */
export async function recompute(
  client: PoolClient,
  tenantId: string,
  buckets: Buckets,
  { minutesFrom, rawFrom, executionsFrom }: Boundaries,
): Promise<number> {
  const kept = (instant: number): boolean => instant >= rawFrom;
  const hours = new Set(buckets.hours.filter(kept));
  const minutes = new Set<number>();
  for (const minute of buckets.minutes.filter(kept)) {
    if (minute >= minutesFrom) minutes.add(minute);
    else hours.add(floorTo(minute, HOUR));
  }
  for (const hour of hours) {
    if (hour < minutesFrom) continue;
    // An hour whose minutes are kept is made of all its minutes.
    hours.delete(hour);
    for (let minute = hour; minute < hour + HOUR; minute += MINUTE) minutes.add(minute);
  }

  const work = new Statements(client, tenantId);
  const minuteHours = [...minutes].map((minute) => floorTo(minute, HOUR));
  for (const projection of [usage, endpoint]) {
    await work.replace(projection, 'minute', rangesOf(minutes, MINUTE), projection.fromRaw('minute'));
    await work.replace(
      projection,
      'hour',
      rangesOf(minuteHours, HOUR),
      projection.fromFiner('hour', 'minute'),
    );
    await work.replace(projection, 'hour', rangesOf(hours, HOUR), projection.fromRaw('hour'));
  }
  const touched = [...hours, ...minuteHours];
  await work.run(AGENTS_SEEN, rangesOf(touched, HOUR));

  const days = rangesOf(
    touched.map((hour) => floorTo(hour, DAY)),
    DAY,
  );
  for (const move of totals.usage.takeOff) await work.run(move, days);
  await work.replace(usage, 'day', days, usage.fromFiner('day', 'hour'));
  for (const move of totals.usage.putOn) await work.run(move, days);
  await work.replace(endpoint, 'day', days, endpoint.fromFiner('day', 'hour'));

  const finest = buckets.agentEndpointHours.filter(kept);
  const finestDays = rangesOf(
    finest.map((hour) => floorTo(hour, DAY)),
    DAY,
  );
  await work.replace(agentEndpoint, 'hour', rangesOf(finest, HOUR), agentEndpoint.fromRaw('hour'));
  for (const move of totals.errors.takeOff) await work.run(move, finestDays);
  await work.replace(agentEndpoint, 'day', finestDays, agentEndpoint.fromFiner('day', 'hour'));
  for (const move of totals.errors.putOn) await work.run(move, finestDays);

  await recomputeExecutions(
    work,
    buckets.executionHours.filter((hour) => hour >= executionsFrom),
  );
  return work.written;
}

async function recomputeExecutions(work: Statements, buckets: readonly number[]): Promise<void> {
  const hours = rangesOf(buckets, HOUR);
  const days = rangesOf(
    buckets.map((hour) => floorTo(hour, DAY)),
    DAY,
  );
  await work.run(executionTotals.takeOff, days);
  for (const projection of EXECUTION_PROJECTIONS) {
    await work.replace(projection, 'hour', hours, projection.fromRaw('hour'));
    await work.replace(projection, 'day', days, projection.fromFiner('day', 'hour'));
  }
  await work.run(executionTotals.putOn, days);
  for (const raise of AGENT_COUNTERS) await work.run(raise, days);
  if (days.length > 0) for (const raise of MODEL_COUNTERS) await work.ofTenant(raise);
  await work.run(AGENTS_RAN, hours);
}

/**
 * Sets the all-time totals of a tenant to the sums of its days. The caller holds the tenant's rollup lock.
 * @returns the number of totals that were wrong
 */
export async function recountTotals(client: PoolClient, tenantId: string): Promise<number> {
  const { rowCount } = await client.query(totals.recount, [tenantId]);
  if (rowCount) await settleOther(client, tenantId);
  return rowCount ?? 0;
}

class Statements {
  written = 0;

  constructor(
    private readonly client: PoolClient,
    private readonly tenantId: string,
  ) {}

  async run(sql: string, ranges: readonly Range[]): Promise<number> {
    if (ranges.length === 0) return 0;
    const result = await this.client.query(sql, [
      this.tenantId,
      ranges.map(({ from }) => new Date(from)),
      ranges.map(({ to }) => new Date(to)),
    ]);
    return result.rowCount ?? 0;
  }

  async ofTenant(sql: string): Promise<void> {
    await this.client.query(sql, [this.tenantId]);
  }

  async replace(
    projection: Projection,
    level: 'minute' | 'hour' | 'day',
    ranges: readonly Range[],
    insert: string,
  ): Promise<void> {
    await this.run(projection.remove(level), ranges);
    this.written += await this.run(insert, ranges);
  }
}
