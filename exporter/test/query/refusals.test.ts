/** Queries that are refused: alone among several, with a message that says what would be right. */
import { bodyOf, type Json, type QueryResult, refusalOf, testApp, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
  await t.sendAndRollup('acme', [call('2026-03-18T08:10:00Z', { agentId: 'a', count: 3 })]);
});
afterAll(() => t.close());

const RANGE = { from: '2026-03-18T08:00:00Z', to: '2026-03-18T12:00:00Z' };
const GOOD = { refId: 'good', metric: 'api_calls' };

const BAD: [string, object, RegExp][] = [
  ['metric', { metric: 'nonsense' }, /no metric "nonsense".*catalog/],
  ['metric of the prototype', { metric: '__proto__' }, /no metric/],
  [
    'group',
    { groupBy: ['nonsense'] },
    /cannot be grouped by "nonsense"; it can be by agent, agentTag, endpoint/,
  ],
  [
    'group of another metric',
    { metric: 'token_issuances', groupBy: ['endpoint'] },
    /cannot be grouped by "endpoint"; it can be by agent/,
  ],
  [
    'percentile by agent',
    { metric: 'api_duration_p95_ms', groupBy: ['agent'] },
    /it can be by endpoint, statusClass, statusCode/,
  ],
  ['state by weekday', { metric: 'days_since_rotation', groupBy: ['weekday'] }, /it can be by agent/],
  ['group given twice', { groupBy: ['agent', 'agent'] }, /twice/],
  [
    'filter',
    { filters: [{ dimension: 'nonsense', operator: 'in', values: [] }] },
    /cannot be filtered by "nonsense"/,
  ],
  [
    'operator',
    { filters: [{ dimension: 'agent', operator: 'like', values: [] }] },
    /no operator "like"; there are in, notIn, matches/,
  ],
  [
    'filter value of another type',
    { filters: [{ dimension: 'statusCode', operator: 'in', values: ['4xx'] }] },
    /statusCode is a number, not "4xx"/,
  ],
  [
    'filter value with U+0000',
    { filters: [{ dimension: 'agent', operator: 'in', values: ['a\0b'] }] },
    /U\+0000/,
  ],
  [
    'too many filter values',
    { filters: [{ dimension: 'agent', operator: 'in', values: Array(1_001).fill('x') }] },
    /at most 1000 values/,
  ],
  [
    'too many patterns',
    { filters: [{ dimension: 'agent', operator: 'matches', values: Array(101).fill('*x*') }] },
    /at most 100 patterns, these are 101; use fewer/,
  ],
  [
    'patterns that are too long together',
    {
      filters: ['agent', 'endpoint'].map((dimension) => ({
        ...{ dimension, operator: 'matches' },
        values: ['a*'.repeat(1_000), '*b'.repeat(50)],
      })),
    },
    /at most 4096 characters together, these have 4200; use fewer or shorter ones/,
  ],
  [
    'interval',
    { interval: '7m' },
    /no interval "7m"; there are minute, 5m, 15m, hour, 6h, day, week, month, none/,
  ],
  [
    'interval of a state',
    { metric: 'days_since_rotation', interval: 'minute' },
    /not kept by minute; there are hour/,
  ],
  [
    'minutes by agent and status',
    { groupBy: ['agent', 'statusCode'], interval: '5m' },
    /kept by the hour; take the interval hour or a wider one/,
  ],
  ['order', { orderBy: { by: 'nonsense' } }, /cannot be ordered by "nonsense"; it can be by value/],
  ['order by time without interval', { orderBy: { by: 'time' } }, /cannot be ordered by "time"/],
  ['order by what is no group', { orderBy: { by: 'agent' } }, /cannot be ordered by "agent"/],
  ['direction', { orderBy: { by: 'value', direction: 'up' } }, /no direction "up"; there are asc, desc/],
  ['limit of 0', { limit: 0 }, /from 1 to 10000/],
  ['limit above 10,000', { limit: 10_001 }, /from 1 to 10000/],
  ['limit of a half', { limit: 1.5 }, /from 1 to 10000/],
];

describe('a bad query', () => {
  it.each(BAD)('among several fails alone: %s', async (_case, part, message) => {
    const queries = [GOOD, { ...GOOD, refId: 'bad', ...part }, { ...GOOD, refId: 'also good' }];
    const { results } = bodyOf<{ results: Record<string, QueryResult> }>(
      await t.post('query', { range: RANGE, queries }),
    );
    expect(results.bad).toEqual({
      error: expect.objectContaining({
        code: 'VALIDATION_ERROR',
        message: expect.stringMatching(message),
      }),
    });
    for (const refId of ['good', 'also good']) expect(results[refId]!.columns.at(-1)!.values).toEqual([3]);
    expect(Object.keys(results)).toEqual(['good', 'bad', 'also good']);
  });

  it.each(BAD)('alone is a 400: %s', async (_case, part, message) => {
    const response = await t.post('query', { range: RANGE, queries: [{ ...GOOD, ...part }] });
    expect(refusalOf(response)).toEqual([400, 'VALIDATION_ERROR']);
    expect(response.json<Json>().message).toMatch(message);
  });
});

it('a refusal of minutes tells what its dimensions can be asked in, unless it is the range that has none', async () => {
  const detailsOf = async (query: object, range: object = RANGE): Promise<unknown> =>
    (await t.post('query', { range, queries: [{ ...GOOD, ...query }] })).json<Json>().details;
  expect(await detailsOf({ groupBy: ['agent', 'statusCode'], interval: '5m' })).toEqual({
    intervals: ['hour', '6h', 'day', 'week', 'month', 'none'],
  });
  const before = { from: '2026-03-10T00:00:00Z', to: RANGE.to };
  expect(await detailsOf({ interval: '5m' }, before)).toBeUndefined();
});

it('a pattern counts with its runs of * as one', async () => {
  const values = ['*'.repeat(2_000) + 'a', 'b'.repeat(100) + '*'.repeat(1_900)];
  const queries = [
    { ...GOOD, filters: [{ dimension: 'agent', operator: 'matches', values: [...values, ...values] }] },
  ];
  const { results } = bodyOf<{ results: Record<string, QueryResult> }>(
    await t.post('query', { range: RANGE, queries }),
  );
  expect(results.good!.columns.at(-1)!.values).toEqual([3]);
});

describe('a request of queries', () => {
  const ask = (body: object) => t.post('query', { range: RANGE, queries: [GOOD], ...body });

  it.each([
    ['from after to', { from: RANGE.to, to: RANGE.from }],
    ['from at to', { from: RANGE.from, to: RANGE.from }],
    ['no time', { ...RANGE, from: 'now-6h' }],
    ['a date', { ...RANGE, from: '2026-03-18' }],
    ['a time without zone', { ...RANGE, from: '2026-03-18T08:00:00' }],
    ['a day that does not exist', { ...RANGE, to: '2026-02-29T00:00:00Z' }],
    ['an hour that does not exist', { ...RANGE, to: '2026-03-18T24:00:00Z' }],
    ['the year 1', { ...RANGE, from: '0001-01-01T00:00:00Z' }],
    ['the last of all years', { ...RANGE, to: '9999-12-31T23:59:59.999-23:59' }],
    ['an empty text', { ...RANGE, to: '' }],
  ])('with a range that is none (%s) is INVALID_DATE_RANGE', async (_case, range) => {
    expect(refusalOf(await ask({ range }))).toEqual([400, 'INVALID_DATE_RANGE']);
  });

  it('takes offsets and fractions of seconds', async () => {
    const range = { from: '2026-03-18T09:00:00.000001+01:00', to: '2026-03-18T07:59:59.9-04:30' };
    expect((await ask({ range })).json()).toMatchObject({
      results: { good: { columns: [{ values: [3] }] } },
    });
  });

  it.each(['Mars/Phobos', '+05:30', 'GMT+1:00', 'utc; DROP TABLE tenants', '', 'a'.repeat(65)])(
    'in the time zone %j is refused',
    async (timeZone) => {
      const response = await ask({ timeZone });
      expect(refusalOf(response)).toEqual([400, 'VALIDATION_ERROR']);
      expect(response.json<Json>().message).toContain('timeZone');
    },
  );

  it('with one refId twice is refused', async () => {
    expect(refusalOf(await ask({ queries: [GOOD, GOOD] }))).toEqual([400, 'VALIDATION_ERROR']);
  });

  it('has 1 to 100 queries', async () => {
    const many = (count: number): object[] =>
      Array.from({ length: count }, (_, i) => ({ ...GOOD, refId: `q${i}` }));
    expect(refusalOf(await ask({ queries: [] }))).toEqual([400, 'VALIDATION_ERROR']);
    expect(refusalOf(await ask({ queries: many(101) }))).toEqual([400, 'VALIDATION_ERROR']);
    expect(Object.keys(await t.query('acme', { range: RANGE, queries: many(100) }))).toHaveLength(100);
  });

  it('keeps strange names of queries apart', async () => {
    const names = ['__proto__', 'constructor', 'toString', '1', ' ', 'ä "quoted"'];
    const response = await ask({ queries: names.map((refId) => ({ ...GOOD, refId })) });
    const { results } = JSON.parse(response.body, (_key, value: unknown) => value) as { results: object };
    expect(response.statusCode).toBe(200);
    expect(names.filter((name) => !response.body.includes(JSON.stringify(name)))).toEqual([]);
    expect(Object.keys(results).length).toBeGreaterThanOrEqual(names.length - 1);
  });
});

describe('minute intervals', () => {
  it('are answered within the last 48 hours, and before refused with the time since when', async () => {
    const since = '2026-03-16T12:00:00Z';
    for (const interval of ['minute', '5m', '15m']) {
      const query = { ...GOOD, interval };
      const within = await t.post('query', { range: { from: since, to: RANGE.to }, queries: [query] });
      expect(within.statusCode).toBe(200);
      const before = await t.post('query', {
        range: { from: '2026-03-16T11:59:59.999Z', to: RANGE.to },
        queries: [query],
      });
      expect(refusalOf(before)).toEqual([400, 'VALIDATION_ERROR']);
      expect(before.json<Json>().message).toContain('2026-03-16T12:00:00.000Z');
    }
  });
});

describe('the number of cells', () => {
  it('is at most 50,000, and beyond that the advice is a wider interval', async () => {
    // 1,200 agents in 42 hours are 50,400 cells.
    const agents = Array.from({ length: 1_200 }, (_, i) =>
      call('2026-03-10T08:00:00Z', { agentId: `agent-${i}` }),
    );
    await t.sendAndRollup('crowd', agents);
    const ask = (to: string, limit?: number) =>
      t.post(
        'query',
        {
          range: { from: '2026-03-10T00:00:00Z', to },
          queries: [{ ...GOOD, groupBy: ['agent'], interval: 'hour', limit }],
        },
        'crowd',
      );
    const most = await ask('2026-03-11T17:00:00Z');
    expect(most.statusCode).toBe(200);
    expect(most.json()).toMatchObject({
      results: { good: { columns: [{}, {}, {}, { values: { length: 49_200 } }] } },
    });
    const more = await ask('2026-03-11T18:00:00Z');
    expect(refusalOf(more)).toEqual([400, 'TOO_LARGE']);
    expect(more.json<Json>().message).toMatch(/50000 cells; take a wider interval such as 6h/);
    expect((await ask('2026-03-11T18:00:00Z', 10)).statusCode).toBe(200);
  });

  it('counts the buckets of a long range before anything is read', async () => {
    const range = { from: '1990-01-01T00:00:00Z', to: '2026-03-18T00:00:00Z' };
    const response = await t.post('query', { range, queries: [{ ...GOOD, interval: 'hour' }] });
    expect(refusalOf(response)).toEqual([400, 'TOO_LARGE']);
    expect(response.json<Json>().message).toMatch(/50000 cells; take a wider interval such as day/);
    expect((await t.post('query', { range, queries: [{ ...GOOD, interval: 'day' }] })).statusCode).toBe(200);
  });
});
