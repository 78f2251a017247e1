/** The form of an answer of `POST /query`: columns, gaps, order, limits. */
import { type QueryResult, rowsOf, testApp, type TestApp } from '../support/app.js';
import { call, issued, refused } from '../support/events.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
  await t.sendAndRollup('acme', [
    call('2026-03-10T08:10:00Z', {
      agentId: 'a',
      agentName: 'alpha',
      endpoint: 'GET /x',
      status: 200,
      durationMs: 10,
      count: 3,
    }),
    call('2026-03-10T10:10:00Z', {
      agentId: 'b',
      endpoint: 'POST /y',
      status: 500,
      durationMs: 30,
      count: 5,
    }),
    call('2026-03-10T10:20:00Z', { agentId: null, endpoint: 'GET /x', status: 404, count: 1 }),
    issued('2026-03-10T08:00:00Z', { agentId: 'a', count: 2 }),
    refused('2026-03-10T08:30:00Z', { agentId: 'a', count: 6 }),
  ]);
});
afterAll(() => t.close());

const RANGE = { from: '2026-03-10T08:00:00Z', to: '2026-03-10T11:00:00Z' };

async function asked(query: object, range = RANGE, timeZone?: string): Promise<QueryResult> {
  const results = await t.query('acme', { range, timeZone, queries: [{ refId: 'A', ...query }] });
  return results.A!;
}

const cells = async (query: object, range = RANGE): Promise<unknown[][]> => {
  const { columns } = await asked(query, range);
  return rowsOf({ columns }).map((row) => columns.map(({ name }) => row[name]));
};

describe('the columns', () => {
  it('are time, then each group, then the value with its unit', async () => {
    expect(
      await asked({ metric: 'api_calls', groupBy: ['statusCode', 'endpoint'], interval: 'hour', limit: 1 }),
    ).toEqual({
      columns: [
        {
          name: 'time',
          type: 'time',
          values: ['2026-03-10T08:00:00.000Z', '2026-03-10T09:00:00.000Z', '2026-03-10T10:00:00.000Z'],
        },
        { name: 'statusCode', type: 'number', values: [500, 500, 500] },
        { name: 'endpoint', type: 'string', values: ['other', 'other', 'other'] },
        { name: 'value', type: 'number', unit: 'short', values: [0, 0, 5] },
      ],
      notices: [],
    });
  });

  it('are the value alone without interval and groups', async () => {
    expect(await asked({ metric: 'api_error_rate' })).toEqual({
      columns: [{ name: 'value', type: 'number', unit: 'percent', values: [(100 * 6) / 9] }],
      notices: [],
    });
  });

  it('hold the agent’s name beside its id, and null for the tenant’s own events', async () => {
    const { columns } = await asked({ metric: 'api_calls', groupBy: ['agent'] });
    expect(columns).toEqual([
      { name: 'agent', type: 'string', values: ['b', 'a', null] },
      { name: 'agentName', type: 'string', values: [null, 'alpha', null] },
      { name: 'value', type: 'number', unit: 'short', values: [5, 3, 1] },
    ]);
  });

  it.each([
    ['agent', 'string'],
    ['endpoint', 'string'],
    ['statusClass', 'string'],
    ['statusCode', 'number'],
    ['weekday', 'number'],
    ['hourOfDay', 'number'],
  ])('of %s are of the type %s', async (dimension, type) => {
    const { columns } = await asked({ metric: 'api_calls', groupBy: [dimension] });
    const column = columns.find(({ name }) => name === dimension);
    expect(column?.type).toBe(type);
    for (const value of column!.values) expect(['object', type]).toContain(typeof value);
  });

  it('are there without any row, too', async () => {
    const nothing = { from: '2026-01-10T00:00:00Z', to: '2026-01-10T01:00:00Z' };
    const { columns } = await asked({ metric: 'api_calls', groupBy: ['agent'], interval: 'hour' }, nothing);
    expect(columns.map(({ name, values }) => [name, values])).toEqual(
      ['time', 'agent', 'agentName', 'value'].map((name) => [name, []]),
    );
  });
});

describe('gaps', () => {
  it.each([
    ['api_calls', [3, 0, 6]],
    ['api_errors', [0, 0, 6]],
    ['api_error_rate', [0, null, 100]],
    ['api_duration_avg_ms', [10, null, 30]],
    ['token_issuances', [2, 0, 0]],
    ['token_failure_rate', [75, null, null]],
    ['active_agents', [1, 0, 1]],
  ])('of %s are 0 for what is counted and null for rates and durations', async (metric, values) => {
    expect((await cells({ metric, interval: 'hour' })).map(([, value]) => value)).toEqual(values);
  });

  it('of a percentile are null', async () => {
    const values = (await cells({ metric: 'api_duration_p95_ms', interval: 'hour' })).map(
      ([, value]) => value,
    );
    expect(values).toEqual([expect.closeTo(10, 0), null, expect.closeTo(30, 0)]);
  });

  it('are filled for every group of the range', async () => {
    expect(await cells({ metric: 'api_calls', groupBy: ['statusClass'], interval: 'hour' })).toEqual([
      ['2026-03-10T08:00:00.000Z', '2xx', 3],
      ['2026-03-10T08:00:00.000Z', '4xx', 0],
      ['2026-03-10T08:00:00.000Z', '5xx', 0],
      ['2026-03-10T09:00:00.000Z', '2xx', 0],
      ['2026-03-10T09:00:00.000Z', '4xx', 0],
      ['2026-03-10T09:00:00.000Z', '5xx', 0],
      ['2026-03-10T10:00:00.000Z', '5xx', 5],
      ['2026-03-10T10:00:00.000Z', '4xx', 1],
      ['2026-03-10T10:00:00.000Z', '2xx', 0],
    ]);
  });

  it('of nothing at all are one row', async () => {
    const nothing = { from: '2026-01-10T00:00:00Z', to: '2026-01-10T01:00:00Z' };
    expect(await cells({ metric: 'api_calls' }, nothing)).toEqual([[0]]);
    expect(await cells({ metric: 'api_error_rate' }, nothing)).toEqual([[null]]);
    expect(await cells({ metric: 'api_duration_p99_ms' }, nothing)).toEqual([[null]]);
    expect(await cells({ metric: 'api_calls', groupBy: ['endpoint'] }, nothing)).toEqual([]);
  });

  it('reach into the future, as far as the range does', async () => {
    const values = await cells(
      { metric: 'api_calls', interval: 'day' },
      { from: '2026-03-17T00:00:00Z', to: '2026-03-20T00:00:00Z' },
    );
    expect(values).toEqual([17, 18, 19].map((day) => [`2026-03-${day}T00:00:00.000Z`, 0]));
  });
});

describe('the order', () => {
  const query = { metric: 'api_calls', groupBy: ['endpoint', 'statusCode'] };
  const pairs = async (orderBy?: object): Promise<unknown[]> => cells({ ...query, orderBy });

  it('is by time, then by value from the largest', async () => {
    expect(await pairs()).toEqual([
      ['other', 500, 5],
      ['GET /x', 200, 3],
      ['GET /x', 404, 1],
    ]);
  });

  it('is as asked for, by value from the largest and by anything else from the smallest unless told', async () => {
    const values = (rows: unknown): unknown[] => (rows as unknown[][]).map((row) => row.at(-1));
    expect(values(await pairs({ by: 'value' }))).toEqual([5, 3, 1]);
    expect(values(await pairs({ by: 'value', direction: 'asc' }))).toEqual([1, 3, 5]);
    expect(values(await pairs({ by: 'statusCode' }))).toEqual([3, 1, 5]);
    expect(values(await pairs({ by: 'statusCode', direction: 'desc' }))).toEqual([5, 1, 3]);
    expect(values(await pairs({ by: 'endpoint', direction: 'desc' }))).toEqual([5, 3, 1]);
    const hours = await cells({
      metric: 'api_calls',
      interval: 'hour',
      orderBy: { by: 'time', direction: 'desc' },
    });
    expect(values(hours)).toEqual([6, 0, 3]);
  });

  it('has null at the end, either way', async () => {
    const agents = (rows: unknown[][]): unknown[] => rows.map(([agent]) => agent);
    const by = (direction: string) =>
      cells({ metric: 'api_calls', groupBy: ['agent'], orderBy: { by: 'agent', direction } });
    expect(agents(await by('asc'))).toEqual(['a', 'b', null]);
    expect(agents(await by('desc'))).toEqual(['b', 'a', null]);
  });
});

describe('limit', () => {
  it('keeps the largest groups by their total, over all buckets', async () => {
    const rows = await cells({ metric: 'api_calls', groupBy: ['agent'], interval: 'hour', limit: 2 });
    expect(new Set(rows.map(([, agent]) => agent))).toEqual(new Set(['a', 'b']));
    expect(rows).toHaveLength(6);
  });

  it('takes equals in the order of their names', async () => {
    const equal = ['c', 'a', 'b'].map((agentId) => call('2026-03-10T08:10:00Z', { agentId }));
    await t.sendAndRollup('equal', equal);
    const query = { refId: 'A', metric: 'api_calls', groupBy: ['agent'], limit: 2 };
    const { A } = await t.query('equal', { range: RANGE, queries: [query] });
    expect(A!.columns[0]!.values).toEqual(['a', 'b']);
  });

  it('without groups changes nothing', async () => {
    expect(await cells({ metric: 'api_calls', interval: 'hour', limit: 1 })).toHaveLength(3);
    expect(await cells({ metric: 'api_calls', limit: 10_000 })).toEqual([[9]]);
  });

  it('does not depend on the order of the answer', async () => {
    const rows = await cells({ metric: 'api_calls', groupBy: ['agent'], limit: 1, orderBy: { by: 'agent' } });
    expect(rows).toEqual([['b', null, 5]]);
  });
});
