/**
 * Tokens and cost belong to the model of each token usage, wherever they are shown by model. Counts, rates and durations
 * belong to the model of the execution.
 */
import { silentLog } from '../../src/db/log.js';
import { migrate } from '../../src/db/migrate.js';
import { createReplica } from '../robustness/replica.js';
import { type Json, rowsOf, testApp, type TestApp } from '../support/app.js';
import { createEmptyDatabase, migrateUpTo, migrationsDir } from '../support/database.js';
import { execution, usage, uuid } from '../support/executions.js';
import { parseExposition, type Sample } from '../support/exposition.js';
import { sendAndRollup } from './fleet.js';

const TENANT = 'models';
const AT = '2026-03-18T09:10:00Z';
const large = { provider: 'openai', model_name: 'large' };

const RUNS = [
  // Two models, each usage with a price.
  execution(1, AT, {
    ...large,
    agent_id: 'a',
    execution_time_ms: 1000,
    token_usages: [
      usage('large', 100, 10, { cost_usd: 0.5 }),
      usage('small', 30, 3, { cost_usd: 0.0625 }),
      usage('small', 20, 2, { cost_usd: 0.0625 }),
    ],
  }),
  // No usages: the execution itself.
  execution(2, AT, {
    ...large,
    agent_id: 'a',
    status: 'failure',
    input_tokens: 40,
    output_tokens: 4,
    cost_usd: 0.25,
  }),
  // One usage has no price: what the other one costs is known all the same.
  execution(3, AT, {
    ...large,
    agent_id: 'b',
    token_usages: [usage('large', 7, 1, { cost_usd: 0.125 }), usage('secret', 5, 5)],
  }),
  // A cost that the sender reports for the whole, shared out by tokens because the usages have none.
  execution(4, AT, {
    provider: 'openai',
    model_name: 'secret',
    agent_id: 'b',
    cost_usd: 1,
    token_usages: [usage('secret', 60, 0), usage('small', 20, 0)],
  }),
];

/** By model: large 0.5 + 0.25 + 0.125, small 0.125 + a quarter of 1, secret three quarters of 1. */
const COST = { large: 0.875, small: 0.375, secret: 0.75 };
const TOKENS = { large: 110 + 44 + 8, small: 55 + 20, secret: 10 + 60 };

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
  await sendAndRollup(t, TENANT, RUNS);
});
afterAll(() => t.close());

const byName = (rows: readonly Json[], name: string, value: string): Json =>
  Object.fromEntries(rows.map((row) => [String(row[name]), row[value]]));

const RANGE = { from: '2026-03-18T00:00:00Z', to: '2026-03-19T00:00:00Z' };

describe('POST /query by model', () => {
  it.each(['none', 'hour', '5m'])('has the tokens and cost of each in the interval %s', async (interval) => {
    const range = interval === '5m' ? { from: AT, to: '2026-03-18T09:15:00Z' } : RANGE;
    const results = await t.query(TENANT, {
      range,
      queries: [
        { refId: 'cost', metric: 'cost_usd', groupBy: ['model'], interval },
        { refId: 'tokens', metric: 'total_tokens', groupBy: ['model'], interval },
        { refId: 'unpriced', metric: 'unpriced_executions', groupBy: ['model'], interval },
        { refId: 'runs', metric: 'executions', groupBy: ['model'], interval },
      ],
    });
    const found = (refId: string): Json =>
      byName(
        rowsOf(results[refId]!).filter(
          ({ time }) => time === undefined || String(time).startsWith('2026-03-18T09'),
        ),
        'model',
        'value',
      );
    expect(found('cost')).toEqual(COST);
    expect(found('tokens')).toEqual(TOKENS);
    expect(found('unpriced')).toEqual({ large: 0, small: 0, secret: 1 });
    expect(found('runs')).toEqual({ large: 3, secret: 1 });
    expect(results.cost!.notices).toEqual([
      '1 executions or token usages without a known price are left out.',
    ]);
  });

  it('can be filtered by status and agent, and grouped by provider', async () => {
    const { A, B } = await t.query(TENANT, {
      range: RANGE,
      queries: [
        {
          refId: 'A',
          metric: 'cost_usd',
          groupBy: ['provider', 'agent'],
          filters: [{ dimension: 'executionStatus', operator: 'in', values: ['success'] }],
        },
        {
          refId: 'B',
          metric: 'input_tokens',
          filters: [{ dimension: 'model', operator: 'in', values: ['small'] }],
        },
      ],
    });
    expect(byName(rowsOf(A!), 'agent', 'value')).toEqual({ a: 0.625, b: 1.125 });
    expect(rowsOf(B!)).toEqual([{ value: 70 }]);
  });
});

it('GET /costs/summary has them by model, and its total without what is not known', async () => {
  const summary = await t.read<{ total_cost_usd: number; by_model: Json[] }>(
    'costs/summary?period=24h',
    TENANT,
  );
  expect(summary.total_cost_usd).toBe(0.625 + 0.25 + 1);
  expect(byName(summary.by_model, 'model_name', 'cost_usd')).toEqual(COST);
  expect(byName(summary.by_model, 'model_name', 'total_tokens')).toEqual(TOKENS);
  expect(byName(summary.by_model, 'model_name', 'unpriced_executions')).toEqual({
    large: 0,
    small: 0,
    secret: 1,
  });
  expect(byName(summary.by_model, 'model_name', 'share')).toEqual({
    large: 43.75,
    small: 18.75,
    secret: 37.5,
  });
});

it('GET /overview has them by model', async () => {
  const { cost_by_model } = await t.read<{ cost_by_model: Json[] }>('overview?period=24h', TENANT);
  expect(cost_by_model.map(({ model_name }) => model_name)).toEqual(['large', 'secret', 'small']);
  expect(byName(cost_by_model, 'model_name', 'cost_usd')).toEqual(COST);
  expect(byName(cost_by_model, 'model_name', 'total_tokens')).toEqual(TOKENS);
  expect(byName(cost_by_model, 'model_name', 'executions')).toEqual({ large: 3, small: 0, secret: 1 });
});

it('GET /comparison/models has them by model, with the means of the executions that used it', async () => {
  const { models } = await t.read<{ models: Json[] }>('comparison/models?period=24h', TENANT);
  const of = (name: string): Json => models.find(({ model_name }) => model_name === name)!;
  expect(of('large')).toMatchObject({
    executions: 3,
    total_tokens: 162,
    total_cost_usd: 0.875,
    avg_tokens: 54,
    cost_per_execution_usd: 0.291667,
    cost_per_1k_tokens_usd: 5.401235,
    unpriced_executions: 0,
  });
  expect(of('small')).toMatchObject({
    executions: 0,
    success_rate: null,
    avg_execution_time_ms: null,
    p95_execution_time_ms: null,
    total_tokens: 75,
    total_cost_usd: 0.375,
    avg_tokens: 37.5,
    cost_per_execution_usd: 0.1875,
    cost_per_1k_tokens_usd: 5,
  });
  // The usage without a price adds tokens, and nothing to the cost of a token.
  expect(of('secret')).toMatchObject({
    executions: 1,
    total_tokens: 70,
    total_cost_usd: 0.75,
    cost_per_execution_usd: 0.75,
    cost_per_1k_tokens_usd: 12.5,
    unpriced_executions: 1,
  });
});

it('GET /agents/:id/stats has them by model', async () => {
  const { by_model } = await t.read<{ by_model: Json[] }>('agents/a/stats?period=24h', TENANT);
  expect(byName(by_model, 'model_name', 'cost_usd')).toEqual({ large: 0.75, small: 0.125 });
  expect(byName(by_model, 'model_name', 'total_tokens')).toEqual({ large: 154, small: 55 });
});

it('Prometheus has them by model', async () => {
  const { body } = await t.get('/metrics/tenant', TENANT);
  const samplesOf = (name: string): Sample[] => parseExposition(body)[name]!.samples;
  const found = (name: string): Json =>
    byName(
      samplesOf(name).map(({ labels, value }) => ({ ...labels, value })),
      'model',
      'value',
    );
  expect(found('agentidp_cost_usd_total')).toEqual(COST);
  const input = samplesOf('agentidp_tokens_total').filter(({ labels }) => labels.direction === 'input');
  expect(Object.fromEntries(input.map(({ labels, value }) => [labels.model, value]))).toEqual({
    large: 147,
    small: 70,
    secret: 65,
  });
});

it('follows a usage that is sent again with another model', async () => {
  const tenant = t.tenant();
  const sent = (model: string): object => ({
    ...large,
    token_usages: [usage('large', 10, 0, { cost_usd: 0.5 }), usage(model, 20, 0, { cost_usd: 0.25 })],
  });
  await sendAndRollup(t, tenant, [execution(1, AT, { ...sent('small') })]);
  await sendAndRollup(t, tenant, [execution(1, AT, { ...sent('tiny') })]);
  const { by_model } = await t.read<{ by_model: Json[] }>('costs/summary?period=24h', tenant);
  expect(byName(by_model, 'model_name', 'cost_usd')).toEqual({ large: 0.5, tiny: 0.25 });
  const { rows } = await t.pool.query(
    `SELECT model_name, cost_usd::float8 AS cost FROM execution_model_totals WHERE tenant_id = $1 AND cost_usd <> 0
     ORDER BY 1`,
    [tenant],
  );
  expect(rows).toEqual([
    { model_name: 'large', cost: 0.5 },
    { model_name: 'tiny', cost: 0.25 },
  ]);
});

it('counts what an earlier release has stored again, and leaves what is older on the model of the execution', async () => {
  const database = await createEmptyDatabase();
  const replica = createReplica(database.url, { clock: { now: Date.parse('2026-03-18T12:30:00Z') } });
  try {
    await migrateUpTo(database.pool, 13);
    const aggregated = `'success', 1, 0, 0, '{}', '{}', 0, 30, 0, 30, 0.75, 0.75, 0`;
    await database.pool.query(`
      INSERT INTO tenants (id, tier) VALUES ('acme', 'pro');
      INSERT INTO executions (tenant_id, id, status, started_at, provider, model_name, cost_usd, cost_source, header_digest,
                              steps, own_tokens, input_tokens, output_tokens, cached_input_tokens, cache_write_tokens,
                              reasoning_tokens, tags)
      VALUES ('acme', '${uuid(1)}', 'success', '${AT}', 'openai', 'large', 0.75, 'computed', gen_random_uuid(), 0, false,
              30, 0, 0, 0, 0, '{}');
      INSERT INTO token_usages (tenant_id, execution_id, usage_key, position, component, provider, model_name, input_tokens,
                                output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_source, cost_usd)
      VALUES ('acme', '${uuid(1)}', '0', 0, 'main_agent', 'openai', 'large', 10, 0, 0, 0, 0, 'computed', 0.5),
             ('acme', '${uuid(1)}', '1', 1, 'main_agent', 'openai', 'small', 20, 0, 0, 0, 0, 'computed', 0.25);
      INSERT INTO execution_hours VALUES ('acme', '2026-03-18T09:00:00Z', NULL, 'openai', 'large', ${aggregated}),
                                         ('acme', '2024-01-01T09:00:00Z', NULL, 'openai', 'old', ${aggregated});
      INSERT INTO execution_days VALUES ('acme', '2026-03-18', NULL, 'openai', 'large', ${aggregated}),
                                        ('acme', '2024-01-01', NULL, 'openai', 'old', ${aggregated});
      INSERT INTO watermarks (name, at) VALUES ('executions_from', '2025-01-01T00:00:00Z')`);
    await migrate(database.pool, { dir: migrationsDir, log: silentLog });
    await replica.rollUp();
    const { rows } = await database.pool.query(
      `SELECT model_name, sum(input_tokens)::int AS tokens, sum(cost_usd)::float8 AS cost FROM execution_model_days
       GROUP BY 1 ORDER BY 1`,
    );
    expect(rows).toEqual([
      { model_name: 'large', tokens: 10, cost: 0.5 },
      { model_name: 'old', tokens: 30, cost: 0.75 },
      { model_name: 'small', tokens: 20, cost: 0.25 },
    ]);
    const { rows: totals } = await database.pool.query(
      `SELECT model_name, input_tokens::int AS tokens, cost_usd::float8 AS cost FROM execution_model_totals ORDER BY 1`,
    );
    expect(totals).toEqual(rows);
  } finally {
    await replica.end();
    await database.drop();
  }
});
