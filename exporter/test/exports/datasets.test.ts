/** The datasets of exports are what the API answers for the same period. */
import { type Json, refusalOf, rowsOf as rowsOfQuery, testApp, type TestApp } from '../support/app.js';
import { execution, step, usage } from '../support/executions.js';
import { download, exported, unzipped } from './support.js';

const ADMIN = { tenant: 'acme', scopes: ['analytics:read', 'analytics:write', 'analytics:admin'] } as const;
let t: TestApp;
beforeAll(async () => {
  t = await testApp();
  const agents = ['a', 'b', null];
  const executions = Array.from({ length: 120 }, (_, i) =>
    execution(i, new Date(Date.parse('2026-03-12T01:00:00Z') + i * 4_000_000).toISOString(), {
      agent_id: agents[i % 3]!,
      ...(i % 3 === 0 && { agent_name: 'Alpha', agent_tags: ['x', 'y z'] }),
      session_id: i % 5 === 0 ? null : `s-${i % 17}`,
      user_id: `u-${i % 4}`,
      environment: i % 2 === 0 ? 'production' : null,
      status: i % 7 === 0 ? 'failure' : 'success',
      steps: [step(1, 'tool_call', { tool_name: 'search', cost_usd: 0.0012345 })],
      ...(i % 4 === 0
        ? { token_usages: [usage('gpt-4o', 1000 + i, 10), usage('gpt-4o-mini', 500, i)] }
        : { model_name: i % 4 === 1 ? 'nobody-knows' : 'gpt-4o', input_tokens: 100 + i, output_tokens: 7 }),
    }),
  );
  expect((await t.post('/api/v1/executions', { executions }, ADMIN)).json<Json>().accepted).toBe(120);
  const items = [
    { category: 'storage', amount_usd: 10, start_date: '2026-03-10', end_date: '2026-03-16', agent_id: 'a' },
    { category: 'other', amount_usd: 3.5, start_date: '2026-03-18', end_date: '2026-03-18' },
  ];
  for (const item of items) expect((await t.post('cost-items', item, ADMIN)).statusCode).toBe(201);
  await t.rollup();
}, 600_000);
afterAll(() => t.close());

const rowsOf = async (dataset: string, query = 'period=7d'): Promise<Json[]> =>
  (await t.get(`export?dataset=${dataset}&format=json&${query}`, 'acme')).json<Json[]>();
const sum = (rows: readonly Json[], name: string): number =>
  rows.reduce((total, row) => total + Number(row[name] ?? 0), 0);

it('sessions are those of the list', async () => {
  const listed: Json[] = [];
  for (let cursor = ''; ;) {
    const page = await t.read<{ sessions: Json[]; next_cursor: string | null }>(
      `sessions?period=7d&limit=5${cursor}`,
      'acme',
    );
    listed.push(...page.sessions);
    if (page.next_cursor === null) break;
    cursor = `&cursor=${encodeURIComponent(page.next_cursor)}`;
  }
  expect(listed).toHaveLength(17);
  const wanted = listed.map(({ agent_names: _names, truncated = false, ...session }) => ({
    ...session,
    truncated,
  }));
  const byId = (a: Json, b: Json): number => String(a.session_id).localeCompare(String(b.session_id));
  expect((await rowsOf('sessions')).sort(byId)).toEqual(wanted.sort(byId));
});

it('costs are those of each day and agent', async () => {
  const rows = await rowsOf('costs');
  const query = 'costs/trends?period=7d&granularity=daily&group_by=agent';
  const { data } = await t.read<{ data: Json[] }>(query, 'acme');
  for (const day of data) {
    const ofDay = rows.filter(({ date }) => date === day.date);
    for (const name of ['model_costs', 'tool_costs', 'storage_costs', 'other_costs'])
      expect(sum(ofDay, name)).toBeCloseTo(Number(day[name]), 5);
    expect(sum(ofDay, 'cost')).toBeCloseTo(Number(day.cost), 5);
  }
  const all = await t.read('costs?period=7d', 'acme');
  expect(sum(rows, 'cost')).toBeCloseTo(Number(all.total), 4);
  expect(sum(rows, 'unpriced_executions')).toBe(all.unpriced_executions);
});

describe('focus', () => {
  it('has all costs', async () => {
    const rows = await rowsOf('focus');
    const all = await t.read('costs?period=7d', 'acme');
    for (const name of ['BilledCost', 'EffectiveCost', 'ListCost', 'ContractedCost'])
      expect(sum(rows, name)).toBeCloseTo(Number(all.total), 5);
    const ofModels = rows.filter(({ ServiceName }) => ServiceName === 'Model calls');
    const tokens = await t.read('tokens/usage?period=7d', 'acme');
    expect(sum(ofModels, 'ConsumedQuantity')).toBe(tokens.total_tokens);
    expect(sum(ofModels, 'x_InputTokens')).toBe(tokens.input_tokens);
    const keys = rows.map((row) => [row.ChargePeriodStart, row.ResourceId, row.SkuId].join(' '));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('has days and months as periods, and tags as a JSON object', async () => {
    const [first] = (await rowsOf('focus')).filter(({ ResourceId }) => ResourceId === 'a');
    expect(first).toMatchObject({
      BillingPeriodStart: '2026-03-01T00:00:00Z',
      BillingPeriodEnd: '2026-04-01T00:00:00Z',
      ChargePeriodStart: '2026-03-12T00:00:00Z',
      ChargePeriodEnd: '2026-03-13T00:00:00Z',
      ResourceName: 'Alpha',
      BillingAccountId: 'acme',
      ChargeClass: null,
      Tags: '{"x": true, "y z": true}',
    });
  });

  // Mandatory in FOCUS 1.2 for every provider; those that later versions have in place of ProviderName and PublisherName.
  it.each([
    ...['BilledCost', 'BillingAccountId', 'BillingAccountName', 'BillingCurrency', 'BillingPeriodEnd'],
    ...['BillingPeriodStart', 'ChargeCategory', 'ChargeDescription', 'ChargePeriodEnd', 'ChargePeriodStart'],
    ...['ContractedCost', 'EffectiveCost', 'InvoiceIssuerName', 'ListCost', 'PricingQuantity', 'PricingUnit'],
    ...['ProviderName', 'PublisherName', 'ServiceCategory', 'ServiceName'],
    ...['ServiceProviderName', 'HostProviderName'],
  ])('has a value in each %s', async (column) => {
    const rows = await rowsOf('focus');
    expect(rows.filter((row) => row[column] === null || row[column] === undefined)).toEqual([]);
  });
});

describe('metrics', () => {
  it('are tables of each day, as the query answers them', async () => {
    const metrics = ['executions', 'tokens', 'costs', 'success_rate'];
    const job = await exported(t, 'acme', { datasets: undefined, metrics, format: 'json' });
    const files = await unzipped(await download(t, job));
    expect([...files.keys()]).toEqual(metrics.map((name) => `${name}_by_day_2026-03-12_2026-03-18.json`));
    const range = { from: '2026-03-12T00:00:00Z', to: '2026-03-19T00:00:00Z' };
    for (const [i, text] of [...files.values()].entries()) {
      const metric = metrics[i]!;
      const { A } = await t.query('acme', { range, queries: [{ refId: 'A', metric, interval: 'day' }] });
      const wanted = rowsOfQuery(A!).map(({ time, value }) => ({
        date: String(time).slice(0, 10),
        [metric]: value,
      }));
      expect(wanted).toHaveLength(7);
      expect(JSON.parse(text)).toEqual(wanted);
    }
  });

  it.each([
    [{ metrics: ['nonsense'] }, 'there is no metric "nonsense"'],
    [{ metrics: ['api_calls'], filters: { model_names: ['x'] } }, 'api_calls'],
    [{ datasets: ['usage'], filters: { user_ids: ['x'] } }, 'usage has no filter user_ids; it has agent_ids'],
    [{}, 'datasets and metrics are missing'],
    [{ datasets: ['all'] }, 'datasets'],
    [{ datasets: ['costs'], filters: { colour: ['x'] } }, 'colour'],
    [{ datasets: ['costs'], format: 'xlsx' }, 'format'],
    [{ datasets: ['costs'], period: '1d' }, 'period'],
    [{ datasets: ['costs'], filters: { agent_ids: [] } }, 'agent_ids'],
    [{ datasets: Array.from({ length: 21 }, () => 'costs') }, 'datasets'],
  ])('%j is refused', async (body, message) => {
    const refused = await t.post('export', body, 'acme');
    expect(refusalOf(refused)).toEqual([400, 'VALIDATION_ERROR']);
    expect(refused.json<Json>().message).toContain(message);
  });
});

describe('filters', () => {
  const lines = async (datasets: string[], filters: object): Promise<Json[]> => {
    const job = await exported(t, 'acme', { datasets, filters, format: 'json' });
    return JSON.parse((await download(t, job)).toString()) as Json[];
  };

  it.each([
    ['executions', { agent_ids: ['a'], statuses: ['failure'] }, { agent_id: 'a', status: 'failure' }],
    [
      'executions',
      { environments: ['production'], user_ids: ['u-2'] },
      { environment: 'production', user_id: 'u-2' },
    ],
    ['executions', { agent_tags: ['y z'], model_names: ['gpt-4o'] }, { agent_id: 'a', model_name: 'gpt-4o' }],
    ['steps', { agent_ids: ['b'] }, { agent_id: 'b' }],
    ['daily', { agent_ids: ['b'], statuses: ['success'] }, { agent_id: 'b', status: 'success' }],
    ['costs', { agent_tags: ['x'] }, { agent_id: 'a' }],
    ['focus', { agent_ids: ['a'] }, { ResourceId: 'a' }],
    ['sessions', { user_ids: ['u-1'] }, { user_id: 'u-1' }],
  ])('of %s by %j leave the rows that meet them', async (dataset, filters, wanted) => {
    const all = await rowsOf(dataset);
    const meets = (row: Json): boolean =>
      Object.entries(wanted).every(([name, value]) => row[name] === value);
    const rows = await lines([dataset], filters);
    expect(rows).toEqual(all.filter(meets));
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.length).toBeLessThan(all.length);
  });

  it('of sessions by agent leave those in which it ran', async () => {
    const ofAgent = await t.read<{ sessions: Json[] }>('sessions?period=7d&agent_id=b', 'acme');
    expect(
      (await lines(['sessions'], { agent_ids: ['b'] })).map(({ session_id }) => session_id).sort(),
    ).toEqual(ofAgent.sessions.map(({ session_id }) => session_id).sort());
  });
});
