/** Costs below a millionth of a dollar: none is rounded away, in the list, in the exports or in a sum. */
import { parse } from 'csv-parse/sync';
import { type Json, testApp, type TestApp } from '../support/app.js';
import { execution, usage, uuid } from '../support/executions.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const AT = '2026-03-18T09:00:00Z';
const CALLS = 1_000;
const sum = (costs: readonly unknown[]): number => costs.reduce<number>((all, cost) => all + Number(cost), 0);

it('1,000 embedding calls of 20 tokens add up to $0.0004, row by row', async () => {
  const tenant = t.tenant();
  const model = { provider: 'openai', model_name: 'text-embedding-3-small', input_tokens: 20 };
  const executions = Array.from({ length: CALLS }, (_, i) => execution(i, AT, model));
  await t.post('/api/v1/executions', { executions }, tenant);
  await t.rollup();

  const listed: unknown[] = [];
  for (let page = 1; page <= CALLS / 200; page += 1) {
    const { items } = await t.read<{ items: Json[] }>(`executions?page_size=200&page=${page}`, tenant);
    listed.push(...items.map(({ cost_usd }) => cost_usd));
  }
  const json = (await t.read<Json[]>('export?format=json', tenant)).map(({ cost_usd }) => cost_usd);
  const csv = (parse((await t.get('export', tenant)).body, { columns: true }) as Json[]).map(
    ({ cost_usd }) => cost_usd,
  );
  for (const costs of [listed, json, csv]) {
    expect(costs).toHaveLength(CALLS);
    expect(sum(costs)).toBeCloseTo(0.0004, 12);
  }
  expect(csv[0]).toBe('0.0000004');
  expect(await t.read('costs/summary', tenant)).toMatchObject({ total_cost_usd: 0.0004 });
});

it('usages are shown and exported with up to 12 decimals, totals with 6', async () => {
  const tenant = t.tenant();
  const token_usages = [
    usage('gpt-4o-mini', 1, 0),
    usage('gpt-4o-mini', 0, 0, { cost_usd: 0.1234567890126 }),
  ];
  await t.post('/api/v1/executions', { executions: [execution(1, AT, { token_usages })] }, tenant);
  await t.rollup();
  const costs = [0.00000015, 0.123456789013];
  expect(await t.read(`executions/${uuid(1)}`, tenant)).toMatchObject({
    cost_usd: 0.123456939013,
    token_usages: costs.map((cost_usd) => ({ cost_usd })),
  });
  expect(await t.read('export?format=json&dataset=token_usages', tenant)).toMatchObject(
    costs.map((cost_usd) => ({ cost_usd })),
  );
  expect(await t.read('costs/summary', tenant)).toMatchObject({ total_cost_usd: 0.123457 });
});
