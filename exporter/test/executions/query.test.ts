/**
 * `POST /query` about executions, held against a recount of what was sent: every metric by any of its dimensions, interval
 * and time zone, with filters, a limit and an order; by the minute where minutes are kept.
 */
import fc from 'fast-check';
import { dimensionsIn, dimensionsOf, intervalsOf, sourcesOf } from '../../src/aggregates/index.js';
import { type Interval, type Metric, METRICS, needsMinutes } from '../../src/catalog/index.js';
import { bucketOf, bucketsWithin, DAY, hasPartHours, HOUR, MINUTE, toLocal } from '../query/local-time.js';
import { globMatches } from '../query/recount.js';
import { type Json, rowsOf, testApp, type TestApp } from '../support/app.js';
import {
  AGENT_TAGS,
  asReported,
  type Fact,
  factsOf,
  type Item,
  madeOf,
  PAY_PRICES,
  valueOf,
  type Wire,
} from './facts.js';

/** Between the changes of the clocks of New York and Berlin, both within what was sent. */
const NOW = Date.parse('2026-04-02T10:37:00Z');
const DAYS = 40;
const MINUTES_FROM = Math.floor(NOW / HOUR) * HOUR - 2 * DAY;
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata'];
const LOCAL = ['6h', 'day', 'week', 'month'];
const OF_TIME = ['weekday', 'hourOfDay'];
/** What is kept by the minute besides the hour. Tools, users, flows, errors and components are not. */
const BY_MINUTE = [['agent', 'agentTag', 'provider', 'model', 'environment', 'level', 'executionStatus']];
/** Metrics that are kept by the hour alone. */
const BY_HOUR = /^(tool_|(model|storage|total)_cost|active_users)/;
const DAY_START = Math.floor(NOW / DAY) * DAY;
const ITEMS: readonly Item[] = [
  { agent: 'a', amount: 12.5, from: DAY_START - 10 * DAY, days: 7 },
  { agent: 'd', amount: 3, from: DAY_START - DAY, days: 30 },
  { agent: null, amount: 1, from: DAY_START - 60 * DAY, days: 40 },
];
const VALUES: Record<string, (string | number)[]> = {
  agent: ['a', 'b', 'nobody'],
  agentTag: ['x', 'y_1', ''],
  tag: ['t', 'slow', ''],
  user: ['u', ''],
  flow: ['f'],
  environment: ['production'],
  model: ['m-1', 'm_2', 'm-3'],
  provider: ['p'],
  executionStatus: ['success', 'running', 'timeout'],
  level: ['top', 'nested'],
  errorType: ['Oops'],
  tool: ['search'],
  component: ['main_agent', 'tool_call'],
  weekday: [0, 3],
  hourOfDay: [0, 12, 23],
};
const GLOBS = ['*', '*A*', 'm_*', 's*', ''];

let t: TestApp;
let sent: Wire[];
beforeAll(async () => {
  t = await testApp({ now: new Date(NOW).toISOString() });
  sent = fc.sample(madeOf(NOW - DAYS * DAY, NOW), 600);
  sent.forEach((execution, i) => (execution.id = `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`));
  const answer = await t.post('/api/v1/executions', { executions: sent }, { tenant: 'acme' });
  expect(answer.json<Json>()).toMatchObject({ accepted: sent.length, rejected: [] });
  for (const [agent, tags] of Object.entries(AGENT_TAGS)) {
    const url = `/api/v1/analytics/directory/agents/${agent}`;
    await t.app.inject({ method: 'PUT', url, headers: await t.headers('acme'), payload: { tags } });
  }
  const headers = await t.headers({ tenant: 'acme', scopes: ['analytics:admin'] });
  const change = async (method: 'PUT' | 'POST', path: string, payload: object): Promise<void> => {
    const response = await t.app.inject({ method, url: `/api/v1/analytics/${path}`, headers, payload });
    expect([200, 201]).toContain(response.statusCode);
  };
  await change('PUT', 'prices', {
    ...{ tool_name: 'pay', usd_per_call: PAY_PRICES.first, effective_from: '2020-01-01' },
  });
  for (const { agent, amount, from, days } of ITEMS)
    await change('POST', 'cost-items', {
      ...{ category: 'storage', amount_usd: amount, agent_id: agent },
      start_date: new Date(from).toISOString().slice(0, 10),
      end_date: new Date(from + (days - 1) * DAY).toISOString().slice(0, 10),
    });
  await t.rollup();
  sent = sent.map(asReported);
}, 600_000);
afterAll(() => t.close());

interface Asked {
  metric: string;
  groupBy: string[];
  filters: { dimension: string; operator: string; values: (string | number)[] }[];
  interval: string;
  limit?: number;
  orderBy?: { by: string; direction: 'asc' | 'desc' };
}

const OF_EXECUTIONS = METRICS.filter((metric) =>
  sourcesOf(metric).every(({ name }) => name.startsWith('execution')),
);

interface Kept {
  dimensions: string[];
  intervals: Interval[];
}

/** Sets of dimensions that one aggregate of the metric carries, with the intervals in which it does. */
const keptOf = (metric: Metric, byMinute: boolean): Kept[] =>
  sourcesOf(metric)
    .map((source) => ({ dimensions: dimensionsIn(source, metric), tables: source.tables }))
    .map(({ dimensions, tables }) => ({
      dimensions: [
        ...dimensions,
        ...OF_TIME.filter((name) => dimensionsOf(metric).some((dimension) => dimension.name === name)),
      ],
      intervals: intervalsOf(metric).filter((interval) =>
        needsMinutes(interval) ? byMinute && tables.minute !== undefined : tables.hour !== undefined,
      ),
    }))
    .filter(({ intervals }) => intervals.length > 0);

const askedArb = (byMinute: boolean): fc.Arbitrary<Asked> =>
  fc.constantFrom(...OF_EXECUTIONS).chain((metric) =>
    fc.constantFrom(...keptOf(metric, byMinute)).chain(({ dimensions: set, intervals }) =>
      fc
        .tuple(fc.shuffledSubarray(set, { maxLength: 2 }), fc.subarray(set, { maxLength: 2 }))
        .chain(([groupBy, filtered]) =>
          fc.record(
            {
              metric: fc.constant(metric.name),
              groupBy: fc.constant(groupBy),
              filters: fc.tuple(
                ...filtered.map((dimension) =>
                  fc.oneof(
                    fc.record({
                      dimension: fc.constant(dimension),
                      operator: fc.constantFrom('in', 'notIn'),
                      values: fc.subarray(VALUES[dimension]!),
                    }),
                    fc.record({
                      dimension: fc.constant(dimension),
                      operator: fc.constant('matches'),
                      values: fc.subarray(OF_TIME.includes(dimension) ? ['1*'] : GLOBS),
                    }),
                  ),
                ),
              ),
              interval: fc.constantFrom(...intervals),
              limit: fc.integer({ min: 1, max: 4 }),
              orderBy: fc.record({
                by: fc.constantFrom('value', ...groupBy),
                direction: fc.constantFrom('asc' as const, 'desc' as const),
              }),
            },
            { requiredKeys: ['metric', 'groupBy', 'filters', 'interval'] },
          ),
        ),
    ),
  );

type Group = string | number | null;

const usedIn = ({ groupBy, filters }: Asked): string[] => [
  ...groupBy,
  ...filters.map(({ dimension }) => dimension),
];

/** Where the minutes begin of what is asked for. */
function minutesFrom(asked: Asked): number {
  const used = usedIn(asked).filter((name) => !OF_TIME.includes(name));
  const isKept =
    needsMinutes(asked.interval as Interval) ||
    BY_MINUTE.some((set) => used.every((name) => set.includes(name)));
  return isKept && !BY_HOUR.test(asked.metric) ? MINUTES_FROM : Infinity;
}

/** Groups as the service must find them: facts by group, and by bucket where there is an interval. */
function recount(asked: Asked, zone: string, from: number, to: number): Map<string, Map<number, Fact[]>> {
  const ofZone = LOCAL.includes(asked.interval) || usedIn(asked).some((name) => OF_TIME.includes(name));
  const rounded = ofZone && !needsMinutes(asked.interval as Interval) && hasPartHours(zone, from, to);
  const exactFrom = rounded ? minutesFrom(asked) : -Infinity;
  const dimension = (name: string, fact: Fact, at: number): Group => {
    if (name === 'weekday') return new Date(toLocal(zone, at)).getUTCDay();
    if (name === 'hourOfDay') return new Date(toLocal(zone, at)).getUTCHours();
    return fact.dimensions[name] ?? null;
  };
  const passes = (fact: Fact, at: number): boolean =>
    asked.filters.every(({ dimension: name, operator, values }) => {
      const ofSet = operator === 'notIn' || !asked.groupBy.includes(name) ? fact.sets[name] : undefined;
      const own = (ofSet ?? [dimension(name, fact, at)]).flatMap((value) => value ?? []).map(String);
      const among = own.some((value) => values.map(String).includes(value));
      if (operator !== 'matches') return operator === 'in' ? among : !among;
      return own.some((value) => values.some((glob) => globMatches(String(glob), value)));
    });
  const groups = new Map<string, Map<number, Fact[]>>();
  if (asked.groupBy.length === 0) groups.set('[]', new Map());
  for (const fact of factsOf(asked, sent, ITEMS)) {
    const at = fact.at < exactFrom ? Math.floor(fact.at / HOUR) * HOUR + HOUR / 2 : fact.at;
    if (at < from || at >= to || !passes(fact, at)) continue;
    const key = JSON.stringify(asked.groupBy.map((name) => dimension(name, fact, at)));
    const bucket = asked.interval === 'none' ? 0 : bucketOf(asked.interval, zone, at).start;
    const buckets = groups.get(key) ?? new Map<number, Fact[]>();
    groups.set(key, buckets.set(bucket, [...(buckets.get(bucket) ?? []), fact]));
  }
  return groups;
}

const isClose = (metric: string, found: number | null, wanted: number | null): boolean =>
  found === null || wanted === null
    ? found === wanted
    : Math.abs(found - wanted) <=
      (metric.includes('_p') ? 0.02 * wanted + 0.001 : 1e-6 * Math.max(1, wanted));

function compare(asked: Asked, zone: string, from: number, to: number, found: Record<string, Group>[]): void {
  const groups = recount(asked, zone, from, to);
  const starts =
    asked.interval === 'none' ? [0] : bucketsWithin(asked.interval, zone, from, to).map(({ start }) => start);
  const totalOf = (key: string): number =>
    valueOf(asked.metric, [...groups.get(key)!.values()].flat()) ?? -Infinity;
  const kept = Math.min(asked.limit ?? Infinity, groups.size);
  expect(found).toHaveLength(kept * starts.length);
  const keyOf = (row: Record<string, Group>): string =>
    JSON.stringify(asked.groupBy.map((name) => row[name] ?? null));
  const seen = new Set(found.map(keyOf));
  if (starts.length > 0) expect(seen.size).toBe(kept);
  // The largest by their totals; of equals and of percentiles, which are approximate, any.
  const least = [...groups.keys()].map(totalOf).sort((a, b) => b - a)[kept - 1];
  for (const key of seen) {
    expect(groups.has(key)).toBe(true);
    if (!asked.metric.includes('_p')) expect(totalOf(key)).toBeGreaterThanOrEqual(least! - 1e-6);
  }
  const wrong = found.filter((row) => {
    const bucket = asked.interval === 'none' ? 0 : Date.parse(String(row.time));
    const facts = groups.get(keyOf(row))?.get(bucket) ?? [];
    return (
      !starts.includes(bucket) ||
      !isClose(asked.metric, row.value as number | null, valueOf(asked.metric, facts))
    );
  });
  expect(wrong).toEqual([]);
  expectOrder(asked, found);
}

/** By time and then value, the largest first, unless another order was asked for; nothing stands last. */
function expectOrder(
  { orderBy = { by: 'time', direction: 'desc' } }: Asked,
  found: Record<string, Group>[],
): void {
  const bySize = (rows: Record<string, Group>[], column: string, direction: string): void => {
    const values = rows.map((row) => row[column] ?? null);
    const known = values.slice(0, values.includes(null) ? values.indexOf(null) : undefined);
    expect(values.slice(known.length).every((value) => value === null)).toBe(true);
    const sign = direction === 'asc' ? 1 : -1;
    expect(
      known.every(
        (value, i) => i === 0 || (value! >= known[i - 1]! ? 1 : -1) * sign > 0 || value === known[i - 1],
      ),
    ).toBe(true);
  };
  if (orderBy.by !== 'time') return bySize(found, orderBy.by, orderBy.direction);
  if (found[0]?.time !== undefined) bySize(found, 'time', 'asc');
  const times = [...new Set(found.map(({ time }) => time))];
  for (const time of times)
    bySize(
      found.filter((row) => row.time === time),
      'value',
      'desc',
    );
}

interface Ranges {
  byMinute: boolean;
  /** Milliseconds before now. */
  maxAgo: number;
  maxSpan: number;
}

/** @returns the metrics that were asked for, each with its intervals */
async function expectRecounted({ byMinute, maxAgo, maxSpan }: Ranges): Promise<Map<string, Set<string>>> {
  const met = new Map<string, Set<string>>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(askedArb(byMinute), { minLength: 20, maxLength: 30 }),
      fc.constantFrom(...ZONES),
      fc.integer({ min: 0, max: maxAgo }),
      fc.integer({ min: 1, max: maxSpan }),
      async (queries, timeZone, ago, span) => {
        const [first, end] = [NOW - ago, NOW - ago + span];
        const range = { from: new Date(first).toISOString(), to: new Date(end).toISOString() };
        const asked = queries.map((query, i) => ({ refId: `q${i}`, ...query }));
        const results = await t.query('acme', { range, timeZone, queries: asked });
        for (const query of asked) {
          const result = results[query.refId]!;
          const minutes = minutesFrom(query);
          const [fine, coarse] = [first >= minutes ? MINUTE : HOUR, end > minutes ? MINUTE : HOUR];
          const [from, to] = [Math.floor(first / fine) * fine, Math.ceil(end / coarse) * coarse];
          try {
            expect(result.error).toBeUndefined();
            compare(query, timeZone, from, to, rowsOf(result));
            const widened = result.notices.some((notice) => notice.includes('whole hours'));
            if (first >= NOW - DAY) expect(widened).toBe(minutes === Infinity && isCut(first, end));
            met.set(query.metric, (met.get(query.metric) ?? new Set()).add(query.interval));
          } catch (error) {
            throw new Error(`${JSON.stringify({ range, timeZone, ...query })}\n${(error as Error).message}`);
          }
        }
      },
    ),
    { numRuns: 20, endOnFailure: true },
  );
  return met;
}

/** Whether a range does not begin and end with an hour, in whole minutes. */
const isCut = (from: number, to: number): boolean =>
  (Math.floor(from / MINUTE) * MINUTE) % HOUR !== 0 || (Math.ceil(to / MINUTE) * MINUTE) % HOUR !== 0;

it('answers as a recount does', async () => {
  const met = await expectRecounted({ byMinute: false, maxAgo: DAYS * DAY, maxSpan: 15 * DAY });
  expect([...met.keys()].sort()).toEqual(OF_EXECUTIONS.map(({ name }) => name).sort());
}, 600_000);

it('answers as a recount does where minutes are kept', async () => {
  const met = await expectRecounted({ byMinute: true, maxAgo: NOW - MINUTES_FROM, maxSpan: 3 * HOUR });
  const intervals = new Set([...met.values()].flatMap((asked) => [...asked]));
  expect([...intervals].filter((interval) => needsMinutes(interval as Interval)).sort()).toEqual([
    '15m',
    '5m',
    'minute',
  ]);
}, 600_000);
