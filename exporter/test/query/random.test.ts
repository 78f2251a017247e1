/** Randomised events and queries, compared with a recount of the events one by one. */
import fc from 'fast-check';
import { EVENTS, dimensionsOf, intervalsOf, sourcesOf } from '../../src/aggregates/index.js';
import { INTERVALS, METRICS } from '../../src/catalog/index.js';
import { type QueryResult, rowsOf, testApp, type TestApp, type TestEvent } from '../support/app.js';
import { DAY, HOUR, MINUTE } from './local-time.js';
import type { RecountEvent } from './metric-value.js';
import {
  keepsMinutes,
  needsMinutes,
  recount,
  type GroupValue,
  type RecountContext,
  type RecountQuery,
  type RecountRow,
} from './recount.js';

interface Asked extends RecountQuery {
  refId: string;
  limit?: number;
  orderBy?: { by: string; direction: 'asc' | 'desc' };
}

const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Chatham'];
/** When the clocks of New York, Berlin and Chatham change, in spring and in autumn. */
const CHANGES = [
  '2026-03-08T07:00:00Z',
  '2026-03-29T01:00:00Z',
  '2026-04-04T14:00:00Z',
  '2025-09-27T14:00:00Z',
  '2025-10-26T01:00:00Z',
  '2025-11-02T06:00:00Z',
].map((time) => Date.parse(time));
const CLOCKS = ['2026-04-07T10:37:20.500Z', '2025-11-05T22:10:00.001Z'];
const DAYS = 42;
const MAX_CELLS = 50_000;
const NAMES = new Map([
  ['agent-a', 'Billing Bot'],
  ['agent-b', 'audit*50%'],
  ['agent-c', 'back\\slash_'],
]);
const TAGS = new Map([
  ['agent-a', ['billing', 'eu_%']],
  ['agent-b', ['billing']],
  ['agent-d', ['eu_%', 'Spare']],
]);
const AGENTS = ['agent-a', 'agent-b', 'agent-c', 'agent-d', null];
const ENDPOINTS = ['GET /a', 'POST /a', 'GET /b_%', 'DELETE /c/{id}', null];
const STATUSES = [200, 201, 304, 399, 400, 404, 429, 500, null];

const ENVIRONMENTS = ['production', 'Staging', 'eu_%', null];

/** In some hours and days no event has an environment. */
const lacksEnvironment = (at: number): boolean =>
  Math.floor(at / HOUR) % 3 === 0 || Math.floor(at / DAY) % 4 === 0;

const eventArb = (now: number): fc.Arbitrary<RecountEvent> => {
  const changes = CHANGES.filter((change) => change < now && change > now - DAYS * DAY);
  const event = fc.record({
    at: fc
      .oneof(
        fc
          .tuple(fc.constantFrom(...changes), fc.integer({ min: -3 * HOUR, max: 3 * HOUR }))
          .map(([change, after]) => now - change - after),
        fc.integer({ min: 0, max: 3 * HOUR }),
        fc.integer({ min: 0, max: 50 * HOUR }),
        fc.integer({ min: 0, max: DAYS * DAY }),
      )
      .map((ago) => now - ago),
    metricType: fc.oneof(
      { weight: 6, arbitrary: fc.constant('api_calls') },
      { weight: 2, arbitrary: fc.constant('token_issuances') },
      { weight: 1, arbitrary: fc.constant('token_failures') },
      { weight: 1, arbitrary: fc.constant('credential_rotations') },
    ),
    agentId: fc.constantFrom(...AGENTS),
    count: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 500 })),
    endpoint: fc.constantFrom(...ENDPOINTS),
    status: fc.constantFrom(...STATUSES),
    environment: fc.constantFrom(...ENVIRONMENTS),
    durationMs: fc.oneof(
      fc.constant(null),
      fc.double({ min: 0.01, max: 20_000, noNaN: true }),
      fc.constant(0),
    ),
  });
  return event.map((made) => (lacksEnvironment(made.at) ? { ...made, environment: null } : made));
};

const filterArb = (dimension: string): fc.Arbitrary<RecountQuery['filters'][number]> => {
  const values: Record<string, (string | number)[]> = {
    agent: ['agent-a', 'agent-c', 'nobody', ''],
    agentTag: ['billing', 'Spare', 'spare', ''],
    environment: ['production', 'staging', 'eu_%', ''],
    endpoint: ['GET /a', 'other', 'GET /B_%', '%'],
    statusClass: ['2xx', '4xx', '5xx', 'xx'],
    statusCode: [200, '404', 500, 999],
    weekday: [0, '1', 6],
    hourOfDay: [0, '12', 23, 7],
  };
  const globs: Record<string, string[]> = {
    agent: ['*', 'agent-*', '*BOT', 'audit**', '*50%', '*\\*', '*_', ''],
    agentTag: ['*', '*_%', 'BILL*', ''],
    environment: ['*', '*_%', 'STAG*', ''],
    endpoint: ['*', 'GET*', '*/A', '*_%', 'o*R', '?*'],
    statusClass: ['2*', '*XX', '?xx'],
    statusCode: ['4*4', '*0', '404'],
  };
  return fc.oneof(
    fc.record({
      dimension: fc.constant(dimension),
      operator: fc.constantFrom('in', 'notIn'),
      values: fc.subarray(values[dimension]!),
    }),
    fc.record({
      dimension: fc.constant(dimension),
      operator: fc.constant('matches'),
      values: fc.subarray(globs[dimension] ?? ['1', '*2', '']),
    }),
  );
};

/** Metrics of events; those of executions and sessions have recounts of their own. */
const OF_EVENTS = METRICS.filter((metric) => sourcesOf(metric)[0]!.from.table === EVENTS.table);
const MET = new Set(OF_EVENTS.flatMap((metric) => dimensionsOf(metric).map(({ name }) => name)));

const queryArb = fc.constantFrom(...OF_EVENTS).chain((metric) => {
  const dimensions = dimensionsOf(metric).map(({ name }) => name as string);
  const groups = fc.shuffledSubarray(dimensions, { maxLength: Math.min(3, dimensions.length) });
  return groups.chain((groupBy) =>
    fc.record({
      metric: fc.constant(metric.name),
      groupBy: fc.constant(groupBy),
      filters: fc
        .subarray(dimensions, { maxLength: Math.min(2, dimensions.length) })
        .chain((chosen) => fc.tuple(...chosen.map((dimension) => filterArb(dimension)))),
      interval: fc.oneof(
        { weight: 1, arbitrary: fc.constantFrom(...intervalsOf(metric)) },
        { weight: 3, arbitrary: fc.constantFrom(...INTERVALS.slice(3)) },
      ),
      limit: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
      orderBy: fc.option(
        fc.record({
          by: fc.constantFrom('value', 'time', ...groupBy),
          direction: fc.constantFrom('asc' as const, 'desc' as const),
        }),
        { nil: undefined },
      ),
    }),
  );
});

const spanArb = fc.oneof(
  fc.constantFrom(HOUR, DAY, 7 * DAY),
  fc.integer({ min: 1, max: 3 * HOUR }),
  fc.integer({ min: 1, max: 48 * HOUR }),
  fc.integer({ min: 1, max: DAYS * DAY }),
);
const requestArb = fc.record({
  ago: fc.oneof(fc.integer({ min: -DAY, max: 49 * HOUR }), fc.integer({ min: -DAY, max: DAYS * DAY })),
  span: spanArb,
  timeZone: fc.constantFrom(...ZONES),
  queries: fc.array(queryArb, { minLength: 10, maxLength: 25 }),
});

/** Their ties and limits are a matter of rounding: they are compared group by group. */
const APPROXIMATE = /duration|interval|days_since/;

function byValue(sign: number): (a: GroupValue, b: GroupValue) => number {
  return (a, b) => (a === b ? 0 : a === null ? 1 : b === null ? -1 : a < b ? -sign : sign);
}

/** The order that the contract names; equals in the order of their groups. */
function comparator({ groupBy, orderBy, interval }: Asked): (a: RecountRow, b: RecountRow) => number {
  const time = (a: RecountRow, b: RecountRow): number => (a.time ?? 0) - (b.time ?? 0);
  const value = (sign: number) => (a: RecountRow, b: RecountRow) => byValue(sign)(a.value, b.value);
  const group = (i: number, sign: number) => (a: RecountRow, b: RecountRow) =>
    byValue(sign)(a.group[i]!, b.group[i]!);
  const chain = [time, value(-1), ...groupBy.map((_, i) => group(i, 1))];
  if (orderBy !== undefined) {
    const sign = orderBy.direction === 'asc' ? 1 : -1;
    if (orderBy.by === 'value') chain.unshift(value(sign));
    else if (orderBy.by !== 'time') chain.unshift(group(groupBy.indexOf(orderBy.by), sign));
    else if (interval !== 'none') chain.unshift((a, b) => sign * time(a, b));
  }
  return (a, b) => chain.reduce((order, compare) => order || compare(a, b), 0);
}

interface Refusal {
  message: RegExp;
  details?: object;
}

/** What the query must be refused for; undefined where it must be answered. */
function refusalFor(query: Asked, context: RecountContext): Refusal | undefined {
  const { orderBy, groupBy, interval } = query;
  if (needsMinutes(query) && context.from < context.minutesFrom) {
    return { message: /minutes are kept since/ };
  }
  if (needsMinutes(query) && !keepsMinutes(query)) {
    const intervals = ['hour', '6h', 'day', 'week', 'month', 'none'];
    return { message: /kept by the hour/, details: { intervals } };
  }
  const sortable = ['value', ...(interval === 'none' ? [] : ['time']), ...groupBy];
  const isSortable = orderBy === undefined || sortable.includes(orderBy.by);
  return isSortable ? undefined : { message: /cannot be ordered by/ };
}

function readRows(query: Asked, { columns }: QueryResult): RecountRow[] {
  return rowsOf({ columns }).map((row) => ({
    time: query.interval === 'none' ? null : Date.parse(String(row.time)),
    group: query.groupBy.map((name) => row[name]!),
    value: row.value as number | null,
  }));
}

function isNear(metric: string, found: number | null, wanted: number | null): boolean {
  if (found === null || wanted === null) return found === wanted;
  const slack = /_p\d+_/.test(metric) ? 0.015 * wanted + 0.001 : 1e-9 * Math.max(1, Math.abs(wanted));
  return Math.abs(found - wanted) <= slack + (metric === 'last_rotation_time' ? 0.5 : 0);
}

function compare(query: Asked, result: QueryResult, context: RecountContext): void {
  const refusal = refusalFor(query, context);
  if (refusal !== undefined) {
    expect(result.error).toEqual({
      code: 'VALIDATION_ERROR',
      message: expect.stringMatching(refusal.message),
      details: refusal.details,
    });
    return;
  }
  const { rows, totals, buckets, rounded, widened } = recount(query, context);
  const limited = APPROXIMATE.test(query.metric) ? undefined : query.limit;
  const groups = Math.min(limited ?? Infinity, totals.length);
  if (Math.max(1, groups) * buckets > MAX_CELLS) {
    expect(result.error?.message).toMatch(/50000 cells; take a wider interval/);
    return;
  }
  expect(result.error).toBeUndefined();
  const kept = new Set(
    [...totals]
      .sort(comparator({ ...query, orderBy: undefined, interval: 'none' }))
      .slice(0, groups)
      .map(({ group }) => JSON.stringify(group)),
  );
  const keyOf = ({ time, group }: RecountRow): string => `${time} ${JSON.stringify(group)}`;
  const wanted = new Map(rows.map((row) => [keyOf(row), row]));
  const found = readRows(query, result);
  const order = comparator(query);
  expect(found).toHaveLength(buckets * groups);
  expect(new Set(found.map(keyOf)).size).toBe(found.length);
  const wrong = found.filter((row, i) => {
    const value = kept.has(JSON.stringify(row.group)) ? wanted.get(keyOf(row))?.value : undefined;
    const inOrder = i === 0 || order(found[i - 1]!, row) <= 0;
    return value === undefined || !inOrder || !isNear(query.metric, row.value, value);
  });
  expect(wrong).toEqual([]);
  expect(result.notices.some((text) => text.includes('whole hours'))).toBe(widened);
  const isTagged = query.groupBy.includes('agentTag');
  expect(result.notices.some((text) => text.includes('under each of its tags'))).toBe(isTagged);
  if (rounded) expect(result.notices.join()).toContain('off UTC by part of an hour');
}

describe.each(CLOCKS)('POST /query at %s', (clock) => {
  let t: TestApp;
  const now = Date.parse(clock);
  const events = fc.sample(eventArb(now), 700);
  beforeAll(async () => {
    t = await testApp({ now: clock });
    const sent = events.map(({ at, agentId, ...rest }): TestEvent => ({
      ...rest,
      occurredAt: new Date(at).toISOString(),
      agentId,
      agentName: agentId === null ? null : NAMES.get(agentId),
    }));
    await t.sendAndRollup('acme', sent);
    for (const [id, tags] of TAGS) {
      const url = `/api/v1/analytics/directory/agents/${id}`;
      await t.app.inject({ method: 'PUT', url, headers: await t.headers('acme'), payload: { tags } });
    }
    // Another tenant's, which must be seen nowhere.
    await t.sendAndRollup('other', sent.slice(0, 100));
  });
  afterAll(() => t.close());

  it('answers as a recount of the events does', async () => {
    await fc.assert(
      fc.asyncProperty(requestArb, async ({ ago, span, timeZone, queries }) => {
        const from = now - ago;
        const to = from + span;
        const asked = queries.map((query, i): Asked => {
          const limit = APPROXIMATE.test(query.metric) ? undefined : query.limit;
          return { ...query, limit, refId: `q${i}` };
        });
        const range = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
        const results = await t.query('acme', { range, timeZone, queries: asked });
        const minutesFrom = Math.floor(now / HOUR) * HOUR - 48 * HOUR;
        const context = { events, names: NAMES, tags: TAGS, from, to, timeZone, now, minutesFrom };
        for (const query of asked) {
          try {
            compare(query, results[query.refId]!, context);
          } catch (error) {
            throw new Error(`${JSON.stringify({ range, timeZone, ...query })}\n${(error as Error).message}`);
          }
        }
      }),
      { numRuns: 20, endOnFailure: true },
    );
  }, 600_000);

  it('has met every dimension and both kinds of time', () => {
    expect([...MET].sort()).toEqual([
      'agent',
      'agentTag',
      'endpoint',
      'environment',
      'hourOfDay',
      'statusClass',
      'statusCode',
      'weekday',
    ]);
    expect(events.some(({ at }) => at > now - 48 * HOUR)).toBe(true);
    expect(events.some(({ at }) => at < now - 48 * HOUR - MINUTE)).toBe(true);
  });
});
