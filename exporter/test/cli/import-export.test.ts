/** An export that is imported again is what it was: the same sums, from the same sources. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { type Json, rowsOf, testApp, type TestApp } from '../support/app.js';
import { execution, usage, uuid } from '../support/executions.js';
import { runCli } from './run-cli.js';

let t: TestApp;
let folder: string;
const now = new Date();
beforeAll(async () => {
  t = await testApp({ now: now.toISOString() });
  folder = mkdtempSync(join(tmpdir(), 'agentidp-export-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await t.close();
});

const AT = new Date(now.getTime() - 60_000).toISOString();
const SENT = [
  execution(1, AT, { provider: 'openai', model_name: 'gpt-4o', input_tokens: 10_001, output_tokens: 7 }),
  execution(2, AT, { model_name: 'gpt-4o', input_tokens: 10, output_tokens: 1, cost_usd: 0.123456789012 }),
  // Of two models: its own tokens at the price of one of them would be another sum.
  execution(3, AT, { token_usages: [usage('gpt-4o', 1_000, 100), usage('gpt-4o-mini', 9_000, 900)] }),
  // Unpriced without the own price of one of its usages.
  execution(4, AT, {
    token_usages: [usage('gpt-4o', 1_000, 100), usage('house-1', 9, 9, { provider: 'acme' })],
  }),
  execution(5, AT, { provider: 'openai', model_name: 'gpt-5', service_tier: 'flex', input_tokens: 3 }),
  execution(6, AT, { provider: 'acme', model_name: 'house-1', input_tokens: 1_000, output_tokens: 0 }),
];

type Exported = Record<'id' | 'cost_usd' | 'cost_source' | 'service_tier', string>;

async function exported(tenant: string): Promise<{ file: string; rows: Exported[] }> {
  const { body } = await t.get('export', tenant);
  return { file: body, rows: parse(body, { columns: true }) as Exported[] };
}

const sourcesOf = (rows: readonly Exported[]) =>
  Object.fromEntries(rows.map((row) => [row.id, [row.cost_usd, row.cost_source, row.service_tier]]));

async function totals(tenant: string): Promise<unknown[]> {
  await t.rollup();
  const range = { from: new Date(now.getTime() - 86_400_000).toISOString(), to: now.toISOString() };
  const metrics = ['cost_usd', 'unpriced_executions', 'total_tokens'];
  const results = await t.query(tenant, {
    range,
    queries: metrics.map((metric) => ({ refId: metric, metric })),
  });
  return metrics.map((metric) => rowsOf(results[metric]!)[0]!.value);
}

async function importedAs(tenant: string, file: string): Promise<void> {
  const path = join(folder, `${tenant}.csv`);
  writeFileSync(path, file);
  const outcome = await runCli(['import', 'executions', path, '--tenant', tenant], {
    DATABASE_URL: t.database.url,
  });
  expect(outcome.stdout).toContain(`${SENT.length} accepted`);
}

async function put(tenant: string): Promise<void> {
  const price = { provider: 'acme', model_name: 'house-1', effective_from: '2026-01-01' };
  const response = await t.app.inject({
    method: 'PUT',
    url: '/api/v1/analytics/prices',
    headers: await t.headers({ tenant, scopes: ['analytics:admin'] }),
    payload: { ...price, input_usd_per_mtok: 1, output_usd_per_mtok: 1 },
  });
  expect(response.statusCode).toBe(200);
}

it('into another tenant: the same costs, sources and sums', async () => {
  const [first, second] = [t.tenant(), t.tenant()];
  await put(first);
  const answer = await t.post('/api/v1/executions', { executions: SENT }, first);
  expect(answer.json<Json>()).toMatchObject({ accepted: SENT.length });
  const before = await exported(first);
  expect(sourcesOf(before.rows)).toEqual({
    [uuid(1)]: ['0.0250725', 'computed', 'standard'],
    [uuid(2)]: ['0.123456789012', 'reported', 'standard'],
    [uuid(3)]: ['0.00539', 'computed', 'standard'],
    [uuid(4)]: ['0.003518', 'computed', 'standard'],
    [uuid(5)]: ['0.000001875', 'computed', 'flex'],
    [uuid(6)]: ['0.001', 'computed', 'standard'],
  });
  await importedAs(second, before.file);
  expect(sourcesOf((await exported(second)).rows)).toEqual(sourcesOf(before.rows));
  expect(await totals(second)).toEqual(await totals(first));
});

it('what was computed or unpriced follows an own price of where it was imported', async () => {
  const [first, second] = [t.tenant(), t.tenant()];
  await t.post('/api/v1/executions', { executions: SENT }, first);
  const before = sourcesOf((await exported(first)).rows);
  expect([before[uuid(4)], before[uuid(6)]]).toEqual(Array(2).fill(['', 'unpriced', 'standard']));
  await importedAs(second, (await exported(first)).file);
  await put(second);
  await t.rollup();
  const after = sourcesOf((await exported(second)).rows);
  expect(after).toEqual({ ...before, [uuid(6)]: ['0.001', 'computed', 'standard'] });
});
