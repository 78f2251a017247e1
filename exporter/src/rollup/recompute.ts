/** Recomputing: the rows of every level above some marked buckets of one tenant, in one transaction. */
import type { PoolClient } from 'pg';
import type { Aggregate, Level } from '../aggregates/aggregate.js';
import { agentEndpoint, endpoint, EXECUTION_AGGREGATES, usage } from '../aggregates/index.js';
import { fromFiner, fromRaw, remove } from '../aggregates/statements.js';
import { DAY, floorTo, HOUR, MINUTE } from '../time.js';
import { SEEN_BY_EVENTS, SEEN_BY_EXECUTIONS } from './agents-seen.js';
import { errorTotals, eventTotals, RECOUNT_TOTALS } from './event-totals.js';
import { AGENT_COUNTERS, MODEL_COUNTERS } from './execution-counters.js';
import { executionTotals } from './execution-totals.js';
import { settleOther } from './other-agents.js';

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
  /** Hours of the finest aggregate, made of raw events. */
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

/** What is done in turn; nothing where there are no ranges. */
type Step =
  /** Rows of an aggregate are removed, and made again of raw facts or of a finer level. */
  | { aggregate: Aggregate; level: 'minute'; of: 'raw'; ranges: readonly Range[] }
  | { aggregate: Aggregate; level: 'hour'; of: 'raw' | 'minute'; ranges: readonly Range[] }
  | { aggregate: Aggregate; level: 'day'; of: 'hour'; ranges: readonly Range[] }
  /** Statements of the ranges, or, where they look at all there is, of the tenant. */
  | { run: readonly string[]; ranges: readonly Range[]; of?: 'tenant' };

/** Contiguous buckets joined, so that one index scan reads them. */
function rangesOf(buckets: Iterable<number>, width: number): Range[] {
  const ranges: Range[] = [];
  for (const from of [...new Set(buckets)].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.to === from) last.to = from + width;
    else ranges.push({ from, to: from + width });
  }
  return ranges;
}

/** The ranges of the wider buckets that these lie in. */
const above = (buckets: readonly number[], width: number): Range[] =>
  rangesOf(
    buckets.map((bucket) => floorTo(bucket, width)),
    width,
  );

/**
 * Recomputes the buckets and all that stands above them. The caller holds the tenant's rollup lock, taken in a statement
 * of its own before this reads anything.
 * @returns the number of aggregate rows written
 */
export async function recompute(
  client: PoolClient,
  tenantId: string,
  buckets: Buckets,
  boundaries: Boundaries,
): Promise<number> {
  const hasRaw = (instant: number): boolean => instant >= boundaries.rawFrom;
  const steps = [
    ...eventSteps(buckets, boundaries),
    ...agentEndpointSteps(buckets.agentEndpointHours.filter(hasRaw)),
    ...executionSteps(buckets.executionHours.filter((hour) => hour >= boundaries.executionsFrom)),
  ];
  let written = 0;
  for (const step of steps) written += await take(client, tenantId, step);
  return written;
}

function eventSteps(buckets: Buckets, { minutesFrom, rawFrom }: Boundaries): Step[] {
  const hasRaw = (instant: number): boolean => instant >= rawFrom;
  const hours = new Set(buckets.hours.filter(hasRaw));
  const minutes = new Set<number>();
  for (const minute of buckets.minutes.filter(hasRaw)) {
    if (minute >= minutesFrom) minutes.add(minute);
    else hours.add(floorTo(minute, HOUR));
  }
  for (const hour of hours) {
    if (hour < minutesFrom) continue;
    // An hour whose minutes are kept is made of all its minutes.
    hours.delete(hour);
    for (let minute = hour; minute < hour + HOUR; minute += MINUTE) minutes.add(minute);
  }
  const touched = [...hours, ...minutes];
  const days = above(touched, DAY);
  return [
    ...[usage, endpoint].flatMap((aggregate): Step[] => [
      { aggregate, level: 'minute', of: 'raw', ranges: rangesOf(minutes, MINUTE) },
      { aggregate, level: 'hour', of: 'minute', ranges: above([...minutes], HOUR) },
      { aggregate, level: 'hour', of: 'raw', ranges: rangesOf(hours, HOUR) },
    ]),
    { run: [SEEN_BY_EVENTS], ranges: above(touched, HOUR) },
    { run: eventTotals.subtract, ranges: days },
    { aggregate: usage, level: 'day', of: 'hour', ranges: days },
    { run: eventTotals.add, ranges: days },
    { aggregate: endpoint, level: 'day', of: 'hour', ranges: days },
  ];
}

function agentEndpointSteps(hours: readonly number[]): Step[] {
  const days = above(hours, DAY);
  return [
    { aggregate: agentEndpoint, level: 'hour', of: 'raw', ranges: rangesOf(hours, HOUR) },
    { run: errorTotals.subtract, ranges: days },
    { aggregate: agentEndpoint, level: 'day', of: 'hour', ranges: days },
    { run: errorTotals.add, ranges: days },
  ];
}

function executionSteps(buckets: readonly number[]): Step[] {
  const hours = rangesOf(buckets, HOUR);
  const days = above(buckets, DAY);
  return [
    { run: executionTotals.subtract, ranges: days },
    ...EXECUTION_AGGREGATES.flatMap((aggregate): Step[] => [
      { aggregate, level: 'hour', of: 'raw', ranges: hours },
      { aggregate, level: 'day', of: 'hour', ranges: days },
    ]),
    { run: executionTotals.add, ranges: days },
    { run: AGENT_COUNTERS, ranges: days },
    { run: MODEL_COUNTERS, ranges: days, of: 'tenant' },
    { run: [SEEN_BY_EXECUTIONS], ranges: hours },
  ];
}

/** @returns the number of aggregate rows written */
async function take(client: PoolClient, tenantId: string, step: Step): Promise<number> {
  if (step.ranges.length === 0) return 0;
  const ranges = [step.ranges.map(({ from }) => new Date(from)), step.ranges.map(({ to }) => new Date(to))];
  if ('run' in step) {
    const values = [tenantId, ...(step.of === 'tenant' ? [] : ranges)];
    for (const statement of step.run) await client.query(statement, values);
    return 0;
  }
  await client.query(remove(step.aggregate, step.level), [tenantId, ...ranges]);
  const { rowCount } = await client.query(insertOf(step), [tenantId, ...ranges]);
  return rowCount ?? 0;
}

function insertOf(step: Extract<Step, { aggregate: Aggregate; level: Level }>): string {
  if (step.of === 'raw') return fromRaw(step.aggregate, step.level);
  return fromFiner(step.aggregate, step.level, step.of);
}

/**
 * Sets the all-time totals of a tenant to the sums of its days. The caller holds the tenant's rollup lock.
 * @returns the number of totals that were wrong
 */
export async function recountTotals(client: PoolClient, tenantId: string): Promise<number> {
  const { rowCount } = await client.query(RECOUNT_TOTALS, [tenantId]);
  if (rowCount) await settleOther(client, tenantId);
  return rowCount ?? 0;
}
