/**
 * Executions by level: the dimension, and the answers whose counts, rates and durations are of the top level, while tokens
 * and cost are of all executions.
 */
import { silentLog } from '../../src/db/log.js';
import { migrate } from '../../src/db/migrate.js';
import { createReplica } from '../robustness/replica.js';
import { type Json, rowsOf, testApp, type TestApp } from '../support/app.js';
import { createEmptyDatabase, migrateUpTo, migrationsDir } from '../support/database.js';
import { execution, usage, uuid } from '../support/executions.js';
import { sendAndRollup } from './fleet.js';

const TENANT = 'levels';
const AT = '2026-03-18T09:10:00Z';
const large = { provider: 'openai', model_name: 'large' };
const small = { provider: 'openai', model_name: 'small' };

/** 1 calls 2, which calls 3; 4 fails and has called 5; 6 is of the period before. */
const RUNS = [
  execution(1, AT, {
    ...large,
    agent_id: 'boss',
    execution_time_ms: 1_000,
    input_tokens: 100,
    output_tokens: 10,
    cost_usd: 1,
    environment: 'production',
  }),
  execution(2, AT, {
    ...large,
    parent_execution_id: uuid(1),
    agent_id: 'search',
    status: 'failure',
    execution_time_ms: 50,
    input_tokens: 20,
    output_tokens: 2,
    cost_usd: 0.5,
    environment: 'production',
  }),
  execution(3, AT, {
    ...small,
    parent_execution_id: uuid(2),
    agent_id: 'search',
    execution_time_ms: 20,
    input_tokens: 5,
    output_tokens: 1,
    cost_usd: 0.25,
    token_usages: [usage('small', 5, 1, { cost_usd: 0.25 })],
  }),
  execution(4, AT, {
    ...large,
    agent_id: 'boss',
    user_id: 'u',
    status: 'failure',
    execution_time_ms: 3_000,
    input_tokens: 40,
    output_tokens: 4,
    cost_usd: 0.125,
  }),
  // Nobody knows what it cost.
  execution(5, AT, {
    provider: 'openai',
    model_name: 'secret',
    parent_execution_id: uuid(4),
    agent_id: 'search',
    user_id: 'u',
    status: 'timeout',
    execution_time_ms: 9,
    input_tokens: 7,
    output_tokens: 0,
  }),
  execution(6, '2026-03-10T09:00:00Z', {
    ...small,
    parent_execution_id: uuid(1),
    agent_id: 'search',
    cost_usd: 2,
    input_tokens: 3,
    output_tokens: 0,
  }),
];

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
  await sendAndRollup(t, TENANT, RUNS);
});
afterAll(() => t.close());

const DAY = { from: '2026-03-18T00:00:00Z', to: '2026-03-19T00:00:00Z' };

const near = (value: number): unknown => ({
  asymmetricMatch: (other: unknown) => typeof other === 'number' && Math.abs(other - value) <= value * 0.02,
});

describe('POST /query', () => {
  const by = async (
    metric: string,
    { groupBy = ['level'], ...rest }: { groupBy?: string[]; interval?: string; filters?: object[] } = {},
    range = DAY,
  ): Promise<Json[]> => {
    const { A } = await t.query(TENANT, { range, queries: [{ refId: 'A', metric, groupBy, ...rest }] });
    expect(A!.error).toBeUndefined();
    return rowsOf(A!);
  };

  it.each([
    ['executions', { top: 2, nested: 3 }],
    ['execution_success_rate', { top: 50, nested: expect.closeTo(100 / 3, 9) }],
    ['execution_duration_avg_ms', { top: 2_000, nested: expect.closeTo(79 / 3, 9) }],
    ['execution_duration_p50_ms', { top: near(1_000), nested: near(20) }],
    ['total_tokens', { top: 154, nested: 35 }],
    ['cost_usd', { top: 1.125, nested: 0.75 }],
    ['unpriced_executions', { top: 0, nested: 1 }],
    ['execution_agents', { top: 1, nested: 1 }],
  ])('has %s by level', async (metric, wanted) => {
    const rows = await by(metric);
    expect(Object.fromEntries(rows.map(({ level, value }) => [String(level), value]))).toEqual(wanted);
  });

  it.each(['agent', 'model', 'provider', 'user', 'environment', 'executionStatus'])(
    'has it together with %s',
    async (dimension) => {
      const rows = await by('executions', { groupBy: ['level', dimension] });
      const sumOf = (wanted: string): number =>
        rows.reduce((sum, { level, value }) => sum + (level === wanted ? Number(value) : 0), 0);
      expect([sumOf('top'), sumOf('nested')]).toEqual([2, 3]);
    },
  );

  it('has the tokens of a model by level', async () => {
    const rows = await by('total_tokens', { groupBy: ['level', 'model'] });
    expect(rows.map(({ level, model, value }) => [level, model, value])).toEqual([
      ['top', 'large', 154],
      ['nested', 'large', 22],
      ['nested', 'secret', 7],
      ['nested', 'small', 6],
    ]);
  });

  it('filters by it, by the minute too', async () => {
    const range = { from: AT, to: '2026-03-18T09:11:00Z' };
    const rows = await by(
      'executions',
      {
        groupBy: ['agent', 'model', 'provider', 'environment', 'executionStatus'],
        interval: 'minute',
        filters: [{ dimension: 'level', operator: 'in', values: ['nested'] }],
      },
      range,
    );
    expect(
      rows.map(({ agent, model, environment, executionStatus }) => [
        agent,
        model,
        environment,
        executionStatus,
      ]),
    ).toEqual(
      expect.arrayContaining([
        ['search', 'large', 'production', 'failure'],
        ['search', 'small', null, 'success'],
        ['search', 'secret', null, 'timeout'],
      ]),
    );
    expect(rows).toHaveLength(3);
  });

  it('lists its values', async () => {
    expect(await t.read('dimensions/level/values', TENANT)).toEqual({
      values: [
        { value: 'top', label: 'Top' },
        { value: 'nested', label: 'Nested' },
      ],
    });
  });
});

it('GET /overview counts the top level, and adds up the tokens and cost of all', async () => {
  const answer = await t.read<Json>('overview', TENANT);
  expect(answer).toMatchObject({
    total_executions: 2,
    nested_executions: 3,
    successful_executions: 1,
    failed_executions: 1,
    timeout_executions: 0,
    success_rate: 50,
    avg_execution_time_ms: 2_000,
    p50_execution_time_ms: near(1_000),
    p95_execution_time_ms: near(3_000),
    total_cost_usd: 1.875,
    unpriced_executions: 1,
    total_tokens: 189,
    input_tokens: 172,
    output_tokens: 17,
    active_agents: 2,
    previous: {
      total_executions: 0,
      nested_executions: 1,
      success_rate: null,
      avg_execution_time_ms: null,
      total_cost_usd: 2,
      total_tokens: 3,
      active_agents: 1,
    },
    // Every run of an agent counts where agents are listed.
    top_agents: [
      { agent_id: 'search', executions: 3, total_tokens: 35, cost_usd: 0.75 },
      { agent_id: 'boss', executions: 2, success_rate: 50, total_tokens: 154, cost_usd: 1.125 },
    ],
    cost_by_model: [
      { model_name: 'large', executions: 2, nested_executions: 1, total_tokens: 176, cost_usd: 1.625 },
      { model_name: 'small', executions: 0, nested_executions: 1, total_tokens: 6, cost_usd: 0.25 },
      { model_name: 'secret', executions: 0, nested_executions: 1, total_tokens: 7, cost_usd: null },
    ],
  });
});

it('GET /comparison/models does so by model', async () => {
  const { models } = await t.read<{ models: Json[] }>('comparison/models?period=24h', TENANT);
  expect(models).toMatchObject([
    {
      model_name: 'large',
      executions: 2,
      nested_executions: 1,
      success_rate: 50,
      error_rate: 50,
      avg_execution_time_ms: 2_000,
      p99_execution_time_ms: near(3_000),
      avg_tokens: expect.closeTo(176 / 3, 9),
      total_tokens: 176,
      total_cost_usd: 1.625,
      cost_per_execution_usd: 0.541667,
      unpriced_executions: 0,
    },
    {
      model_name: 'secret',
      executions: 0,
      nested_executions: 1,
      success_rate: null,
      avg_execution_time_ms: null,
      p50_execution_time_ms: null,
      total_tokens: 7,
      total_cost_usd: null,
      unpriced_executions: 1,
    },
    { model_name: 'small', executions: 0, nested_executions: 1, total_tokens: 6, total_cost_usd: 0.25 },
  ]);
});

it('GET /agents/:id/stats counts all runs of the agent', async () => {
  expect(await t.read('agents/search/stats?period=24h', TENANT)).toMatchObject({
    execution_count: 3,
    success_rate: expect.closeTo(100 / 3, 9),
    total_cost_usd: 0.75,
  });
});

it('the daily export has one row for all levels of the same agent, model and status', async () => {
  const tenant = t.tenant();
  await sendAndRollup(t, tenant, [
    execution(1, AT, { agent_id: 'a', input_tokens: 3, cost_usd: 1 }),
    execution(2, AT, { agent_id: 'a', input_tokens: 4, cost_usd: 2, parent_execution_id: uuid(1) }),
  ]);
  expect(await t.read('export?dataset=daily&format=json&period=24h', tenant)).toMatchObject([
    { agent_id: 'a', executions: 2, input_tokens: 7, cost_usd: 3, unpriced_executions: 0 },
  ]);
});

it('follows an execution that turns out to be nested', async () => {
  const tenant = t.tenant();
  const totals = async (): Promise<unknown> => {
    const { total_executions, nested_executions, total_cost_usd } = await t.read<Json>('overview', tenant);
    return [total_executions, nested_executions, total_cost_usd];
  };
  await sendAndRollup(t, tenant, [execution(1, AT, { status: 'running', cost_usd: 1 })]);
  expect(await totals()).toEqual([1, 0, 1]);
  await sendAndRollup(t, tenant, [execution(1, AT, { cost_usd: 1, parent_execution_id: uuid(2) })]);
  expect(await totals()).toEqual([0, 1, 1]);
});

it('counts what an earlier release has stored again, and takes what is older for the top level', async () => {
  const database = await createEmptyDatabase();
  const replica = createReplica(database.url, { clock: { now: Date.parse('2026-03-18T12:30:00Z') } });
  const hours = (hour: string, level: string): string => `
    INSERT INTO execution_status_hours VALUES
      ('acme', '${hour}', 'success', 2, 0, 0, '{}', '{}', 0, 0, 0, 0, 0, 0, 2, ${level});
    INSERT INTO execution_hours VALUES
      ('acme', '${hour}', 'a', NULL, 'm', 'success', 2, 0, 0, '{}', '{}', 0, 0, 0, 0, 0, 0, 2)`;
  const byLevel = async (): Promise<unknown> => {
    const { rows } = await database.pool.query<Json>(
      `SELECT bucket::text LIKE '2024%' AS old, coalesce(level, 'top') AS level, sum(executions)::int AS n
       FROM execution_hours GROUP BY 1, 2 ORDER BY 1, 2`,
    );
    return rows.map(({ old, level, n }) => [old ? 'old' : 'new', level, n]);
  };
  const counted = [
    ['new', 'nested', 1],
    ['new', 'top', 1],
    ['old', 'top', 2],
  ];
  try {
    await migrateUpTo(database.pool, 15);
    await database.pool.query(`
      INSERT INTO tenants (id, tier) VALUES ('acme', 'pro');
      INSERT INTO executions (tenant_id, id, parent_execution_id, status, started_at, agent_id, model_name, cost_source,
                              header_digest, steps, own_tokens, input_tokens, output_tokens, cached_input_tokens,
                              cache_write_tokens, reasoning_tokens, tags)
      SELECT 'acme', id, parent, 'success', '${AT}', 'a', 'm', 'unpriced', gen_random_uuid(), 0, false, 0, 0, 0, 0, 0, '{}'
      FROM (VALUES ('${uuid(1)}'::uuid, NULL::uuid), ('${uuid(2)}', '${uuid(1)}')) AS sent (id, parent);
      ${hours('2026-03-18T09:00:00Z', 'NULL')};
      ${hours('2024-01-01T09:00:00Z', 'NULL')};
      INSERT INTO watermarks (name, at) VALUES ('executions_from', '2025-01-01T00:00:00Z')`);
    await migrate(database.pool, { dir: migrationsDir, log: silentLog });
    await replica.rollUp();
    expect(await byLevel()).toEqual(counted);

    // A replica of that release computes the hour once more.
    await database.pool.query(`
      DELETE FROM execution_hours WHERE bucket > '2026-01-01';
      DELETE FROM execution_status_hours WHERE bucket > '2026-01-01';
      ${hours('2026-03-18T09:00:00Z', "'top'")}`);
    await replica.rollUp();
    expect(await byLevel()).toEqual(counted);
  } finally {
    await replica.end();
    await database.drop();
  }
});
