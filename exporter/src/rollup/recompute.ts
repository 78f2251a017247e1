/** Recomputing: the rows of every level above some marked buckets of one tenant, in one transaction. */
import type { PoolClient } from 'pg';
import { LEVELS } from '../aggregates/aggregate.js';
import {
  agentEndpoint,
  type Aggregate,
  EVENTS,
  EXECUTIONS,
  type Facts,
  type Group,
  GROUPS,
  type Level,
} from '../aggregates/index.js';
import { changedFromRaw, fromFiner, fromRaw, remove } from '../aggregates/statements.js';
import { DAY, floorTo, HOUR, MINUTE } from '../time.js';
import {
  SEEN_BY_EVENTS,
  SEEN_BY_EXECUTIONS,
  USERS_SEEN_BY_EVENTS,
  USERS_SEEN_BY_EXECUTIONS,
} from './agents-seen.js';
import type { Boundaries } from './boundaries.js';
import { errorTotals, eventTotals, RECOUNT_TOTALS, type Totals } from './event-totals.js';
import { AGENT_COUNTERS, MODEL_COUNTERS } from './execution-counters.js';
import { executionTotals } from './execution-totals.js';
import type { Buckets } from './marks.js';
import { settleOther } from './other-agents.js';

/** Half-open, milliseconds. */
export interface Range {
  from: number;
  to: number;
}

/** What is done in turn; nothing where there are no ranges. */
type Step =
  /** Rows of an aggregate are removed, and made again of raw facts or of a finer level. */
  | { aggregate: Aggregate; level: 'minute' | 'hour'; of: 'raw'; ranges: readonly Range[] }
  /** Only the rows that differ. */
  | { aggregate: Aggregate; level: 'minute'; of: 'changed raw'; ranges: readonly Range[] }
  | { aggregate: Aggregate; level: 'hour'; of: 'minute'; ranges: readonly Range[] }
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

/** What is kept beside the aggregates of a group, made of their rows. */
interface Beside {
  /** Moved by the rows of the days, which are subtracted before they are removed, and added when they have been made again. */
  totals: Totals;
  /** Statements of the touched buckets alone, which read the facts in them. */
  ofFacts?: readonly string[];
  /** Statements of the hours, days or tenant, which come last. */
  ofHours?: readonly string[];
  ofDays?: readonly string[];
  ofTenant?: readonly string[];
}

/** By the kind of mark. */
const BESIDE: Readonly<Record<string, Beside>> = {
  [EVENTS.marks.hour]: {
    totals: eventTotals,
    ofFacts: [USERS_SEEN_BY_EVENTS],
    ofHours: [SEEN_BY_EVENTS],
  },
  [agentEndpoint.from.marks.hour]: { totals: errorTotals },
  [EXECUTIONS.marks.hour]: {
    totals: executionTotals,
    ofFacts: [USERS_SEEN_BY_EXECUTIONS],
    ofHours: [SEEN_BY_EXECUTIONS],
    ofDays: AGENT_COUNTERS,
    ofTenant: MODEL_COUNTERS,
  },
};

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
  let written = 0;
  for (const group of GROUPS) {
    const touched = touchedOf(group.facts, buckets, boundaries);
    for (const step of stepsOf(group, touched, BESIDE[group.facts.marks.hour]))
      written += await take(client, tenantId, step);
  }
  return written;
}

/** Where facts have changed. */
interface Touched {
  /** Minutes that are kept. */
  minutes: ReadonlySet<number>;
  /** Hours whose minutes are not kept. */
  hours: ReadonlySet<number>;
}

function touchedOf(facts: Facts, buckets: Buckets, { minutesFrom, keptFrom }: Boundaries): Touched {
  const from = keptFrom(facts);
  const marked = (kind: string | undefined): readonly number[] =>
    kind === undefined ? [] : (buckets.get(kind) ?? []).filter((bucket) => bucket >= from);
  const hours = new Set(marked(facts.marks.hour));
  const minutes = new Set<number>();
  for (const minute of marked(facts.marks.minute)) {
    if (minute >= minutesFrom) minutes.add(minute);
    else hours.add(floorTo(minute, HOUR));
  }
  for (const hour of hours) {
    if (hour < minutesFrom) continue;
    // An hour whose minutes are kept is made of all its minutes.
    hours.delete(hour);
    for (let minute = hour; minute < hour + HOUR; minute += MINUTE) minutes.add(minute);
  }
  return { minutes, hours };
}

function stepsOf({ facts, aggregates }: Group, { minutes, hours }: Touched, beside?: Beside): Step[] {
  const touched = [...hours, ...minutes];
  const allHours = above(touched, HOUR);
  const days = above(touched, DAY);
  // A mark of an hour does not say which of its minutes have changed: most have not, and stay.
  const of = facts.marks.minute === undefined ? 'changed raw' : 'raw';
  const stepsAt = (aggregate: Aggregate, level: Level): Step[] => {
    switch (level) {
      case 'minute':
        return [{ aggregate, level, of, ranges: rangesOf(minutes, MINUTE) }];
      case 'hour':
        if (aggregate.tables.minute === undefined) return [{ aggregate, level, of: 'raw', ranges: allHours }];
        return [
          { aggregate, level, of: 'minute', ranges: above([...minutes], HOUR) },
          { aggregate, level, of: 'raw', ranges: rangesOf(hours, HOUR) },
        ];
      case 'day':
        return [{ aggregate, level, of: 'hour', ranges: days }];
    }
  };
  return [
    { run: beside?.totals.subtract ?? [], ranges: days },
    // Level by level, because the minutes of an aggregate may be kept by another one.
    ...LEVELS.flatMap((level) =>
      aggregates
        .filter(({ levels }) => levels.includes(level))
        .flatMap((aggregate) => stepsAt(aggregate, level)),
    ),
    { run: beside?.totals.add ?? [], ranges: days },
    { run: beside?.ofFacts ?? [], ranges: [...rangesOf(hours, HOUR), ...rangesOf(minutes, MINUTE)] },
    { run: beside?.ofDays ?? [], ranges: days },
    { run: beside?.ofTenant ?? [], ranges: days, of: 'tenant' },
    { run: beside?.ofHours ?? [], ranges: allHours },
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
  if (step.of !== 'changed raw')
    await client.query(remove(step.aggregate, step.level), [tenantId, ...ranges]);
  const { rowCount } = await client.query(statementOf(step), [tenantId, ...ranges]);
  return rowCount ?? 0;
}

function statementOf(step: Extract<Step, { aggregate: Aggregate; level: Level }>): string {
  if (step.of === 'changed raw') return changedFromRaw(step.aggregate, step.level);
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
