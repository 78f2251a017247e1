/** How a range is widened, where its ragged ends are read from, and what time zones do to it. */
import { type QueryResult, testApp, type TestApp } from '../support/app.js';
import { countQueries } from '../support/counting.js';
import { call, rotated } from '../support/events.js';
import { createPool } from '../../src/db/pool.js';
import { formatTime } from '../../src/time.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp({ now: '2026-03-18T12:34:56Z' });
});
afterAll(() => t.close());

async function asked(
  tenant: string,
  from: string,
  to: string,
  query: object = {},
  timeZone = 'UTC',
): Promise<QueryResult> {
  const queries = [{ refId: 'A', metric: 'api_calls', ...query }];
  return (await t.query(tenant, { range: { from, to }, timeZone, queries })).A!;
}

const valueIn = async (...args: Parameters<typeof asked>): Promise<unknown> =>
  (await asked(...args)).columns.at(-1)!.values[0];
const columnIn = (result: QueryResult, name: string): unknown[] =>
  result.columns.find((column) => column.name === name)!.values;

/** One call a minute, worth 1, 2, 4, … so that a sum tells which are in it. */
const powers = (first: string, minutes: number) =>
  Array.from({ length: minutes }, (_, i) =>
    call(new Date(Date.parse(first) + i * 60_000).toISOString(), {
      agentId: 'a',
      endpoint: 'GET /x',
      status: 200,
      count: 2 ** i,
    }),
  );

describe('a range within the last 48 hours', () => {
  it('is widened to whole minutes and read to the minute', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, powers('2026-03-18T11:57:30Z', 6));
    expect(await valueIn(tenant, '2026-03-18T11:58:00Z', '2026-03-18T12:01:00Z')).toBe(0b001110);
    expect(await valueIn(tenant, '2026-03-18T11:58:59.999Z', '2026-03-18T12:00:00.001Z')).toBe(0b001110);
    expect(await valueIn(tenant, '2026-03-18T11:59:00Z', '2026-03-18T12:00:00Z')).toBe(0b000100);
    expect(await valueIn(tenant, '2026-03-18T11:59:10Z', '2026-03-18T11:59:11Z')).toBe(0b000100);
    for (const metric of ['api_errors', 'api_error_rate']) {
      expect(await valueIn(tenant, '2026-03-18T11:59:00Z', '2026-03-18T12:00:00Z', { metric })).toBe(0);
    }
  });

  it('has its first and last bucket cut by it', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, powers('2026-03-18T10:58:00Z', 4));
    const result = await asked(tenant, '2026-03-18T10:59:30Z', '2026-03-18T11:00:30Z', { interval: 'hour' });
    expect(columnIn(result, 'time')).toEqual(['2026-03-18T10:00:00.000Z', '2026-03-18T11:00:00.000Z']);
    expect(columnIn(result, 'value')).toEqual([2, 4]);
  });

  it('begins with the first minute that is kept', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      call('2026-03-16T11:59:59.999Z', { count: 1 }),
      call('2026-03-16T12:00:30Z', { count: 2 }),
      call('2026-03-16T12:01:30Z', { count: 4 }),
    ]);
    expect(await valueIn(tenant, '2026-03-16T12:01:00Z', '2026-03-18T12:00:00Z')).toBe(4);
    expect(await valueIn(tenant, '2026-03-16T12:00:00Z', '2026-03-18T12:00:00Z')).toBe(6);
    expect(await valueIn(tenant, '2026-03-16T11:59:59.999Z', '2026-03-16T12:01:00Z')).toBe(3);
  });
});

describe('a range before the last 48 hours', () => {
  it('is widened to whole hours', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      call('2026-03-10T08:59:59Z', { count: 1 }),
      call('2026-03-10T09:00:00Z', { count: 2 }),
      call('2026-03-10T10:59:59Z', { count: 4 }),
      call('2026-03-10T11:00:00Z', { count: 8 }),
    ]);
    expect(await valueIn(tenant, '2026-03-10T09:30:00Z', '2026-03-10T10:00:01Z')).toBe(6);
    expect(await valueIn(tenant, '2026-03-10T09:00:00Z', '2026-03-10T11:00:00Z')).toBe(6);
    expect(await valueIn(tenant, '2026-03-10T08:59:59Z', '2026-03-10T11:00:00.001Z')).toBe(15);
  });

  it('joins days, hours and minutes without counting anything twice', async () => {
    const tenant = t.tenant();
    const events = Array.from({ length: 9 * 24 * 4 }, (_, i) =>
      call(new Date(Date.parse('2026-03-09T12:34:00Z') + i * 15 * 60_000).toISOString(), { agentId: 'a' }),
    );
    await t.sendAndRollup(
      tenant,
      events.filter(({ occurredAt }) => occurredAt < '2026-03-18T12:34:00'),
    );
    const from = '2026-03-10T07:00:00Z';
    const to = '2026-03-18T09:20:00Z';
    const wanted = events.filter(
      ({ occurredAt }) => occurredAt >= from.slice(0, -1) && occurredAt < to.slice(0, -1),
    ).length;
    for (const interval of ['none', 'hour', '6h', 'day', 'week', 'month']) {
      const { columns } = await asked(tenant, from, to, { interval, groupBy: ['agent'] });
      const values = columns.at(-1)!.values as number[];
      expect([interval, values.reduce((sum, value) => sum + value, 0)]).toEqual([interval, wanted]);
    }
  });

  it('reads whole days from the days, whatever the number of raw events', async () => {
    const pool = createPool({ url: t.database.url });
    const counter = countQueries(pool);
    const app = await testApp({ now: '2026-03-18T12:34:56Z', database: t.database, pool });
    const queries = [
      'api_calls',
      'api_errors',
      'api_duration_p95_ms',
      'active_agents',
      'days_since_rotation',
    ].map((metric) => ({ refId: metric, metric, interval: 'day' }));
    await app.query('acme', { range: { from: '2026-03-01T00:00:00Z', to: '2026-03-11T00:00:00Z' }, queries });
    const asked = counter.taken().join('\n');
    expect(asked).not.toMatch(/usage_events|(?<!same_)usage_minutes AS|endpoint_(hours|minutes)/);
    expect(asked).toMatch(/endpoint_days/);
    await app.close();
    await pool.end();
  });
});

describe('by agent and endpoint or status together', () => {
  it('whole hours are the finest that is kept, and the answer says so', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, powers('2026-03-18T10:58:00Z', 4));
    const groupBy = ['agent', 'endpoint'];
    const wide = await asked(tenant, '2026-03-18T10:59:00Z', '2026-03-18T11:01:00Z', { groupBy });
    expect(columnIn(wide, 'value')).toEqual([15]);
    expect(wide.notices).toEqual([expect.stringContaining('widened to whole hours')]);
    const whole = await asked(tenant, '2026-03-18T10:00:00Z', '2026-03-18T11:00:00Z', { groupBy });
    expect([columnIn(whole, 'value'), whole.notices]).toEqual([[3], []]);
  });

  it('is widened likewise in a zone with part hours', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, powers('2026-03-18T10:43:00Z', 4));
    const query = { groupBy: ['agent', 'statusCode'], interval: 'day' };
    const result = await asked(tenant, '2026-03-18T10:45:00Z', '2026-03-18T10:50:00Z', query, 'Asia/Kolkata');
    expect(columnIn(result, 'value')).toEqual([15]);
    expect(result.notices.join()).toContain('widened to whole hours');
  });
});

describe('the time zone', () => {
  it('moves days, and with them weekday and hour', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      call('2026-03-08T22:59:00Z', { count: 1 }),
      call('2026-03-08T23:00:00Z', { count: 2 }),
      call('2026-03-09T22:59:00Z', { count: 4 }),
    ]);
    const range = ['2026-03-07T23:00:00Z', '2026-03-09T23:00:00Z'] as const;
    const days = await asked(tenant, ...range, { interval: 'day' }, 'Europe/Berlin');
    expect(columnIn(days, 'time')).toEqual(['2026-03-07T23:00:00.000Z', '2026-03-08T23:00:00.000Z']);
    expect(columnIn(days, 'value')).toEqual([1, 6]);
    const weekdays = await asked(
      tenant,
      ...range,
      { groupBy: ['weekday', 'hourOfDay'], orderBy: { by: 'weekday' } },
      'Europe/Berlin',
    );
    expect([
      columnIn(weekdays, 'weekday'),
      columnIn(weekdays, 'hourOfDay'),
      columnIn(weekdays, 'value'),
    ]).toEqual([
      [0, 1, 1],
      [23, 23, 0],
      [1, 4, 2],
    ]);
  });

  it('has days of 23 and of 25 hours, and six hours that are five', async () => {
    t.setNow('2026-11-20T00:00:00Z');
    const starts = async (interval: string, from: string, to: string): Promise<unknown[]> =>
      columnIn(await asked('acme', from, to, { interval }, 'Europe/Berlin'), 'time');
    expect(await starts('day', '2026-03-28T23:00:00Z', '2026-03-30T22:00:00Z')).toEqual([
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ]);
    expect(await starts('day', '2026-10-24T22:00:00Z', '2026-10-26T23:00:00Z')).toEqual([
      '2026-10-24T22:00:00.000Z',
      '2026-10-25T23:00:00.000Z',
    ]);
    expect(await starts('6h', '2026-03-28T23:00:00Z', '2026-03-29T10:00:00Z')).toEqual([
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T04:00:00.000Z',
    ]);
    expect(await starts('month', '2026-03-15T00:00:00Z', '2026-04-15T00:00:00Z')).toEqual([
      '2026-02-28T23:00:00.000Z',
      '2026-03-31T22:00:00.000Z',
    ]);
    t.setNow('2026-03-18T12:34:56Z');
  });

  it('begins weeks on Monday, across the turn of the year and at their start', async () => {
    const weeks = await asked('acme', '2025-12-31T12:00:00Z', '2026-01-06T00:00:00Z', { interval: 'week' });
    expect(columnIn(weeks, 'time')).toEqual(['2025-12-29T00:00:00.000Z', '2026-01-05T00:00:00.000Z']);
  });

  it('does not move minutes and hours', async () => {
    for (const interval of ['5m', '15m', 'hour']) {
      const args = ['acme', '2026-03-18T10:03:00Z', '2026-03-18T11:00:00Z', { interval }] as const;
      const utc = columnIn(await asked(...args), 'time');
      expect(columnIn(await asked(...args, 'Pacific/Chatham'), 'time')).toEqual(utc);
    }
  });

  it('with part hours is exact where minutes are kept, and says so where it is not', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      call('2026-03-17T18:29:59Z', { count: 1 }),
      call('2026-03-17T18:30:00Z', { count: 2 }),
      call('2026-03-10T18:10:00Z', { count: 4 }),
      call('2026-03-10T18:40:00Z', { count: 8 }),
    ]);
    const query = { interval: 'day' };
    const exact = await asked(tenant, '2026-03-16T18:30:00Z', '2026-03-18T12:00:00Z', query, 'Asia/Kolkata');
    expect([columnIn(exact, 'value'), exact.notices]).toEqual([[1, 2], []]);
    const rounded = await asked(
      tenant,
      '2026-03-09T18:30:00Z',
      '2026-03-11T18:30:00Z',
      query,
      'Asia/Kolkata',
    );
    expect(columnIn(rounded, 'value').reduce((sum, value) => Number(sum) + Number(value), 0)).toBe(12);
    expect(rounded.notices).toEqual([expect.stringContaining('Asia/Kolkata')]);
    const whole = await asked(
      tenant,
      '2026-03-09T18:30:00Z',
      '2026-03-11T18:30:00Z',
      { interval: 'hour' },
      'Asia/Kolkata',
    );
    expect(whole.notices).toEqual([]);
  });

  it.each([
    ['Atlantic/Azores', '2025-10-26T00:00:00Z', 'day'],
    ['Atlantic/Azores', '2025-10-26T00:00:00Z', '6h'],
    ['America/Havana', '2025-11-02T04:00:00Z', 'day'],
    ['America/Havana', '2025-11-02T04:00:00Z', '6h'],
  ])('of a day with two midnights starts with the first of them: %s', async (zone, midnight, interval) => {
    const tenant = t.tenant();
    const at = (minutes: number): string => formatTime(Date.parse(midnight) + minutes * 60_000);
    await t.sendAndRollup(tenant, [
      call(at(-30), { count: 1 }),
      call(at(30), { count: 2 }),
      call(at(90), { count: 4 }),
      rotated(at(30), { agentId: 'a' }),
    ]);
    const query = { interval };
    for (const until of [120, 60]) {
      const result = await asked(tenant, at(0), at(until), query, zone);
      expect([columnIn(result, 'time'), columnIn(result, 'value')]).toEqual([
        [at(0)],
        [until === 60 ? 2 : 6],
      ]);
    }
    // A state as of the end of a bucket: the day before ends where this one starts, without the rotation of after it.
    const { A } = await t.query(tenant, {
      range: { from: at(-60), to: at(120) },
      timeZone: zone,
      queries: [{ refId: 'A', metric: 'last_rotation_time', interval }],
    });
    expect(columnIn(A!, 'time').at(-1)).toBe(at(0));
    expect(columnIn(A!, 'value').map((value) => value === null)).toEqual([true, false]);
  });
});
