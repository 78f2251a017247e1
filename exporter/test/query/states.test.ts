/** Days since the last rotation and its time: states, which look back past the range. */
import { type QueryResult, rowsOf, testApp, type TestApp } from '../support/app.js';
import { call, rotated } from '../support/events.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp({ now: '2026-03-18T12:00:00Z' });
});
afterAll(() => t.close());

const DAY_RANGE = { from: '2026-03-14T00:00:00Z', to: '2026-03-18T00:00:00Z' };

async function asked(
  tenant: string,
  range: { from: string; to: string },
  query: object,
): Promise<QueryResult> {
  const queries = [{ refId: 'A', metric: 'days_since_rotation', ...query }];
  return (await t.query(tenant, { range, queries })).A!;
}
const values = async (...args: Parameters<typeof asked>): Promise<unknown[]> =>
  (await asked(...args)).columns
    .at(-1)!
    .values.map((value) => (typeof value === 'number' ? Math.round(value * 1e6) / 1e6 : value));

describe('days_since_rotation', () => {
  it('is a history: at the end of each day, the days since the last rotation before it', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      rotated('2026-03-10T00:00:00Z', { agentId: 'a' }),
      rotated('2026-03-15T12:00:00Z', { agentId: 'a' }),
      rotated('2026-03-15T18:00:00Z', { agentId: 'a' }),
      rotated('2026-03-18T06:00:00Z', { agentId: 'a' }),
    ]);
    expect(await values(tenant, DAY_RANGE, { interval: 'day' })).toEqual([5, 0.25, 1.25, 2.25]);
  });

  it('counts from its first event for an agent that never rotated, and is null before that', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [call('2026-03-15T12:00:00Z', { agentId: 'never' })]);
    expect(await values(tenant, DAY_RANGE, { interval: 'day', groupBy: ['agent'] })).toEqual([
      null,
      0.5,
      1.5,
      2.5,
    ]);
    expect(await values(tenant, DAY_RANGE, {})).toEqual([2.5]);
  });

  it('does not count a rotation at the very end of a bucket or of the range', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      rotated('2026-03-14T00:00:00Z', { agentId: 'a' }),
      rotated('2026-03-16T00:00:00Z', { agentId: 'a' }),
      rotated('2026-03-18T00:00:00Z', { agentId: 'a' }),
    ]);
    expect(await values(tenant, DAY_RANGE, { interval: 'day' })).toEqual([1, 2, 1, 2]);
    expect(await values(tenant, DAY_RANGE, {})).toEqual([2]);
  });

  it('goes on to now and not beyond it', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [rotated('2026-03-17T00:00:00Z', { agentId: 'a' })]);
    const range = { from: '2026-03-17T00:00:00Z', to: '2026-03-21T00:00:00Z' };
    expect(await values(tenant, range, { interval: 'day' })).toEqual([1, 1.5, null, null]);
    expect(await values(tenant, range, {})).toEqual([1.5]);
  });

  it('is, without groups, that of the agent which waits the longest', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      rotated('2026-03-11T00:00:00Z', { agentId: 'a' }),
      rotated('2026-03-16T12:00:00Z', { agentId: 'a' }),
      rotated('2026-03-13T00:00:00Z', { agentId: 'b', agentName: 'bee' }),
      call('2026-03-17T00:00:00Z', { agentId: 'young' }),
      rotated('2026-03-01T00:00:00Z', { agentId: null }),
    ]);
    expect(await values(tenant, DAY_RANGE, { interval: 'day' })).toEqual([4, 5, 4, 5]);
    const result = await asked(tenant, DAY_RANGE, { groupBy: ['agent'] });
    expect(rowsOf(result)).toEqual([
      { agent: 'b', agentName: 'bee', value: 5 },
      { agent: 'a', agentName: null, value: 1.5 },
      { agent: 'young', agentName: null, value: 1 },
    ]);
    const filters = [{ dimension: 'agent', operator: 'matches', values: ['BEE'] }];
    expect(await values(tenant, DAY_RANGE, { filters })).toEqual([5]);
    expect(await values(tenant, DAY_RANGE, { groupBy: ['agent'], limit: 1 })).toEqual([5]);
  });

  it('is exact to the minute within the last 48 hours, whatever else happened in that hour', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(
      tenant,
      ['05', '20', '35', '50'].map((minute) => rotated(`2026-03-18T10:${minute}:00Z`, { agentId: 'a' })),
    );
    const minutes = async (from: string, to: string): Promise<number[]> =>
      (await values(tenant, { from: `2026-03-18T10:${from}:00Z`, to: `2026-03-18T10:${to}:00Z` }, {})).map(
        (value) => Math.round(Number(value) * 1440),
      );
    expect(await minutes('30', '34')).toEqual([14]);
    expect(await minutes('22', '40')).toEqual([5]);
    expect(await minutes('52', '59')).toEqual([9]);
  });
});

describe('last_rotation_time', () => {
  it('is the time of the last rotation at the end of each bucket, null for who never rotated', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      rotated('2026-03-10T00:00:00.125Z', { agentId: 'a' }),
      rotated('2026-03-15T12:00:00Z', { agentId: 'a' }),
      call('2026-03-10T00:00:00Z', { agentId: 'never' }),
    ]);
    const result = await asked(tenant, DAY_RANGE, {
      metric: 'last_rotation_time',
      interval: 'day',
      groupBy: ['agent'],
    });
    const of = (agent: string): unknown[] =>
      rowsOf(result)
        .filter((row) => row.agent === agent)
        .map(({ value }) => value);
    const later = Date.parse('2026-03-15T12:00:00Z');
    expect(of('a')).toEqual([Date.parse('2026-03-10T00:00:00.125Z'), later, later, later]);
    expect(of('never')).toEqual([null, null, null, null]);
  });
});

describe('rotation_interval_avg_days', () => {
  it('is the mean of the intervals within the range, null below two rotations', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      rotated('2026-03-01T00:00:00Z', { agentId: 'a' }),
      rotated('2026-03-14T06:00:00Z', { agentId: 'a' }),
      rotated('2026-03-15T06:00:00Z', { agentId: 'a' }),
      rotated('2026-03-17T06:00:00Z', { agentId: 'a' }),
      rotated('2026-03-14T00:00:00Z', { agentId: 'b' }),
      rotated('2026-03-17T12:00:00Z', { agentId: 'b' }),
      rotated('2026-03-16T00:00:00Z', { agentId: 'once' }),
      rotated('2026-03-16T00:00:00Z', { agentId: null }),
    ]);
    const metric = 'rotation_interval_avg_days';
    const byAgent = await asked(tenant, DAY_RANGE, { metric, groupBy: ['agent'], orderBy: { by: 'agent' } });
    expect(rowsOf(byAgent).map(({ agent, value }) => [agent, value])).toEqual([
      ['a', 1.5],
      ['b', 3.5],
      ['once', null],
    ]);
    expect(await values(tenant, DAY_RANGE, { metric })).toEqual([Math.round(((3 + 3.5) / 3) * 1e6) / 1e6]);
  });
});
