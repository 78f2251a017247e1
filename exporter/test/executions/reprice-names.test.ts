/** What is priced anew under names that are read: by a price of a wider name, and by a new version of the rules. */
import { PRICING_VERSION } from '../../src/costs/models/candidates.js';
import { PriceLists } from '../../src/costs/prices.js';
import { createPool, withTransaction } from '../../src/db/pool.js';
import { reprice } from '../../src/ingest/executions/reprice.js';
import { nextTask } from '../../src/ingest/executions/reprice-tasks.js';
import { type Json, rowsOf, testApp, type TestApp } from '../support/app.js';
import { execution, usage, uuid } from '../support/executions.js';

let t: TestApp;
beforeEach(async () => {
  t = await testApp();
});
afterEach(() => t.close());

const AT = '2026-03-12T00:00:00Z';
const TOKENS = { input_tokens: 10_000, output_tokens: 1_000 };
const RANGE = { from: '2026-03-11T00:00:00Z', to: '2026-03-13T00:00:00Z' };

async function send(tenant: string, ...executions: object[]): Promise<void> {
  const answer = await t.post('/api/v1/executions', { executions }, tenant);
  expect(answer.json<Json>()).toMatchObject({ accepted: executions.length });
}

const of = (tenant: string, n: number): Promise<Json> => t.read<Json>(`executions/${uuid(n)}`, tenant);

async function totals(tenant: string): Promise<unknown[]> {
  const { A, B } = await t.query(tenant, {
    range: RANGE,
    queries: [
      { refId: 'A', metric: 'cost_usd' },
      { refId: 'B', metric: 'unpriced_executions' },
    ],
  });
  return [rowsOf(A!)[0]!.value, rowsOf(B!)[0]!.value];
}

/** Leaves the executions as an earlier version stored them, which did not know such names. */
async function asStoredBefore(tenant: string): Promise<void> {
  for (const table of ['executions', 'token_usages']) {
    await t.pool.query(
      `UPDATE ${table} SET cost_usd = NULL, cost_source = 'unpriced' WHERE tenant_id = $1 AND cost_source = 'computed'`,
      [tenant],
    );
  }
}

const versions = async (): Promise<unknown[]> =>
  (await t.pool.query('SELECT version, is_done FROM pricing_versions')).rows;

/** By a process that has just started. */
async function repricedByAnother(): Promise<number> {
  const pool = createPool({ url: t.database.url, applicationName: 'test' });
  return reprice(pool, new PriceLists()).finally(() => pool.end());
}

const NAMES = [
  execution(1, AT, { provider: 'strands-agents', model_name: 'gpt-4o', ...TOKENS }),
  execution(2, AT, { token_usages: [usage('openai/gpt-4o', 10_000, 1_000, { provider: 'gateway' })] }),
  execution(3, AT, { provider: 'acme', model_name: 'house-1', ...TOKENS }),
  execution(4, AT, { model_name: 'gpt-4o', ...TOKENS, cost_usd: 7 }),
];

it('what was stored under an earlier version is priced anew by the job, once, and the aggregates follow', async () => {
  const tenant = t.tenant();
  await send(tenant, ...NAMES);
  await asStoredBefore(tenant);
  expect([(await of(tenant, 1)).cost_usd, (await of(tenant, 2)).cost_usd]).toEqual([null, null]);
  await t.rollup();
  expect(await of(tenant, 1)).toMatchObject({ cost_usd: 0.035, cost_source: 'computed' });
  expect(await of(tenant, 2)).toMatchObject({ cost_usd: 0.035, token_usages: [{ cost_usd: 0.035 }] });
  expect(await of(tenant, 4)).toMatchObject({ cost_usd: 7, cost_source: 'reported' });
  expect(await totals(tenant)).toEqual([7.07, 1]);
  expect(await versions()).toEqual([{ version: PRICING_VERSION, is_done: true }]);

  // Once a version has passed, the executions are not looked at again, not even by a process that starts.
  await asStoredBefore(tenant);
  expect(await repricedByAnother()).toBe(0);
  await t.pool.query('UPDATE pricing_versions SET version = version - 1');
  expect(await repricedByAnother()).toBe(2);
  expect(await of(tenant, 1)).toMatchObject({ cost_usd: 0.035 });
});

it('a version that a later release has begun is left to it', async () => {
  const tenant = t.tenant();
  await send(tenant, ...NAMES);
  await asStoredBefore(tenant);
  await t.pool.query(
    `INSERT INTO pricing_versions (tenant_id, version, reached_at, reached_id)
     VALUES ($1, $2, '-infinity', '00000000-0000-0000-0000-000000000000')`,
    [tenant, PRICING_VERSION + 1],
  );
  await t.rollup();
  expect(await versions()).toEqual([{ version: PRICING_VERSION + 1, is_done: false }]);
  expect(await of(tenant, 1)).toMatchObject({ cost_usd: null });
});

it('a tenant whose prices change all the time does not hold back the version of the others', async () => {
  await t.pool.query(
    `INSERT INTO tenants (id, tier) VALUES ('busy', 'pro'), ('Other', 'pro'), ('quiet', 'pro') ON CONFLICT DO NOTHING`,
  );
  await t.pool.query(
    `INSERT INTO price_recomputes (tenant_id, id, model_name, from_at, to_at, reached_at, reached_id)
     SELECT 'busy', gen_random_uuid(), 'gpt-4o', $1, $1, $1, '00000000-0000-0000-0000-000000000000' FROM generate_series(1, 3)`,
    [AT],
  );
  await t.pool.query(
    `INSERT INTO pricing_versions (tenant_id, version, reached_at, reached_id)
     SELECT id, $1, '-infinity', '00000000-0000-0000-0000-000000000000' FROM tenants`,
    [PRICING_VERSION],
  );
  const next = (after: string) =>
    withTransaction(t.pool, async (client) => {
      const task = await nextTask(client, after);
      return task && [task.tenantId, task.kind];
    });
  expect(await next('')).toEqual(['Other', 'version']);
  expect(await next('Other')).toEqual(['busy', 'price']);
  expect(await next('busy')).toEqual(['quiet', 'version']);
  expect(await next('quiet')).toEqual(['Other', 'version']);
});

it('a price recomputes every name that it covers, of executions and of usages, and no others', async () => {
  const tenant = t.tenant();
  const sonnet = (n: number, provider: string, model_name: string): object =>
    execution(n, AT, { provider, model_name, ...TOKENS });
  await send(
    tenant,
    sonnet(1, 'anthropic', 'claude-sonnet-4-5'),
    sonnet(2, 'anthropic.messages', 'claude-sonnet-4-5-20250929'),
    sonnet(3, 'gateway', 'anthropic/claude-sonnet-4.5'),
    execution(4, AT, {
      token_usages: [usage('claude-sonnet-4-5-20250929', 10_000, 1_000, { provider: 'Anthropic' })],
    }),
    sonnet(5, 'aws.bedrock', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'),
    sonnet(6, 'anthropic', 'claude-opus-4-5'),
  );
  await t.rollup();
  const response = await t.app.inject({
    method: 'PUT',
    url: '/api/v1/analytics/prices',
    headers: await t.headers({ tenant, scopes: ['analytics:admin'] }),
    payload: {
      ...{ provider: 'anthropic', model_name: 'claude-sonnet-4-5', effective_from: '2026-03-01' },
      ...{ input_usd_per_mtok: 1, output_usd_per_mtok: 2 },
    },
  });
  expect(response.statusCode).toBe(200);
  expect(await reprice(t.pool, new PriceLists())).toBe(4);
  const costs = await Promise.all([1, 2, 3, 4, 5, 6].map(async (n) => (await of(tenant, n)).cost_usd));
  expect(costs).toEqual([0.012, 0.012, 0.012, 0.012, 0.0495, 0.075]);
});
