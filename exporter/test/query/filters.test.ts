import { rowsOf, testApp, type TestApp } from '../support/app.js';
import { call, issued } from '../support/events.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
  const agents: [string | null, string | undefined][] = [
    ['a%b', undefined],
    ['aXb', 'Per_cent'],
    ['under_score', 'PerXcent'],
    ['underXscore', 'Ümläut'],
    ['back\\slash', 'quo\'te"d'],
    ['star*', undefined],
    [null, undefined],
  ];
  await t.sendAndRollup(
    'acme',
    agents.map(([agentId, agentName], i) =>
      call('2026-03-10T08:00:00Z', {
        agentId,
        agentName,
        endpoint: i % 2 === 0 ? 'GET /Ärger/%' : 'POST /x',
        status: [200, 204, 301, 404, 418, 500, null][i],
        count: 2 ** i,
      }),
    ),
  );
  await t.sendAndRollup('acme', [issued('2026-03-10T08:00:00Z', { agentId: 'aXb', count: 7 })]);
});
afterAll(() => t.close());

const RANGE = { from: '2026-03-10T00:00:00Z', to: '2026-03-11T00:00:00Z' };
type Values = (string | number)[];

async function total(filters: [string, string, Values][], metric = 'api_calls'): Promise<number> {
  const query = {
    refId: 'A',
    metric,
    filters: filters.map(([dimension, operator, values]) => ({ dimension, operator, values })),
  };
  const { A } = await t.query('acme', { range: RANGE, queries: [query] });
  if (A!.error !== undefined) throw new Error(A!.error.message);
  return A!.columns.at(-1)!.values[0] as number;
}

const ALL = 0b1111111;

describe('a filter', () => {
  it.each<[string, Values, number]>([
    ['in', ['a%b'], 0b1],
    ['in', ['a%b', 'aXb', 'nobody'], 0b11],
    ['in', ['A%B'], 0],
    ['in', ['Per_cent'], 0],
    ['in', [''], 0],
    ['in', [], 0],
    ['notIn', ['a%b'], ALL - 1],
    ['notIn', [], ALL],
    ['notIn', ['a%b', 'aXb', 'under_score', 'underXscore', 'back\\slash', 'star*'], 0b1000000],
    ['matches', ['*'], ALL - 64],
    ['matches', [], 0],
    ['matches', [''], 0],
    ['matches', ['a%b'], 0b1],
    ['matches', ['A?B'], 0],
    ['matches', ['A*B'], 0b11],
    ['matches', ['under_score'], 0b100],
    ['matches', ['UNDER*SCORE'], 0b1100],
    ['matches', ['per_cent'], 0b10],
    ['matches', ['per*cent'], 0b110],
    ['matches', ['ümlä*'], 0b1000],
    ['matches', ['ÜMLÄUT'], 0b1000],
    ['matches', ['back\\slash'], 0b10000],
    ['matches', ['*\\*'], 0b10000],
    ['matches', ['*\'te"*'], 0b10000],
    ['matches', ['star*'], 0b100000],
    ['matches', ['.*'], 0],
    ['matches', ['(a|b).*'], 0],
    ['matches', ['a%*', 'STAR*'], 0b100001],
    ['matches', ['*'.repeat(200) + 'b'], 0b11],
    ['in', ["'; DROP TABLE agents; --"], 0],
  ])('agent %s %j', async (operator, values, wanted) => {
    expect(await total([['agent', operator, values]])).toBe(wanted);
  });

  it.each<[string, string, Values, number]>([
    ['endpoint', 'in', ['GET /Ärger/%'], 0b1010101],
    ['endpoint', 'notIn', ['GET /Ärger/%'], 0b0101010],
    ['endpoint', 'matches', ['get*'], 0b1010101],
    ['endpoint', 'matches', ['*/x'], 0b0101010],
    ['endpoint', 'matches', ['*ärger*'], 0b1010101],
    ['statusCode', 'in', [200, '404'], 0b1001],
    ['statusCode', 'notIn', [200, 404], ALL - 9],
    ['statusCode', 'matches', ['4*'], 0b11000],
    ['statusCode', 'in', [999], 0],
    ['statusClass', 'in', ['2xx', '5xx'], 0b100011],
    ['statusClass', 'notIn', ['2xx'], ALL - 3],
    ['statusClass', 'matches', ['*XX'], 0b111111],
    ['weekday', 'in', [2], ALL],
    ['weekday', 'notIn', ['2'], 0],
    ['hourOfDay', 'in', [8, '9'], ALL],
    ['hourOfDay', 'matches', ['0*'], 0],
  ])('%s %s %j', async (dimension, operator, values, wanted) => {
    expect(await total([[dimension, operator, values]])).toBe(wanted);
  });

  it('joins with others by "and"', async () => {
    expect(
      await total([
        ['agent', 'matches', ['*s*']],
        ['statusClass', 'in', ['3xx', '4xx']],
        ['endpoint', 'matches', ['get*']],
      ]),
    ).toBe(0b010100);
    expect(
      await total([
        ['agent', 'in', ['a%b']],
        ['agent', 'notIn', ['a%b']],
      ]),
    ).toBe(0);
  });

  it('of one agent holds for every metric that has agents', async () => {
    expect(await total([['agent', 'in', ['aXb']]], 'token_issuances')).toBe(7);
    expect(await total([['agent', 'notIn', ['aXb']]], 'token_issuances')).toBe(0);
    expect(await total([['agent', 'matches', ['*_*', '*X*']]], 'active_agents')).toBe(3);
    expect(await total([['agent', 'in', ['back\\slash']]], 'api_error_rate')).toBe(100);
  });

  it('goes with groups and buckets', async () => {
    const query = {
      refId: 'A',
      metric: 'api_calls',
      groupBy: ['agent'],
      interval: 'day',
      filters: [{ dimension: 'agent', operator: 'matches', values: ['*score'] }],
    };
    const { A } = await t.query('acme', { range: RANGE, queries: [query] });
    expect(rowsOf(A!).map(({ agent, agentName, value }) => [agent, agentName, value])).toEqual([
      ['underXscore', 'Ümläut', 8],
      ['under_score', 'PerXcent', 4],
    ]);
  });
});
