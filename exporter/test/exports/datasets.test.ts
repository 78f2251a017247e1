/** The datasets of exports are what the API answers for the same period. */
import { type Json, testApp, type TestApp } from '../support/app.js';
import { execution, step, usage } from '../support/executions.js';

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
