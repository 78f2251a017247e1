/** The answers about executions: overview, one agent, models, costs, and one execution. */
import { type Json, refusalOf, testApp, type TestApp } from '../support/app.js';
import { execution, step, type TestExecution, usage, uuid } from '../support/executions.js';
import { FLEET, sendAndRollup } from './fleet.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const send = (tenant: string, executions: readonly TestExecution[]): Promise<void> =>
  sendAndRollup(t, tenant, executions);

const near = (value: number): unknown => ({
  asymmetricMatch: (other: unknown) => typeof other === 'number' && Math.abs(other - value) <= value * 0.02,
});

describe('GET /overview', () => {
  it('has totals, the period before, agents and models', async () => {
    const tenant = t.tenant();
    await send(tenant, FLEET);
    const answer = await t.read('overview', tenant);
    expect(answer).toEqual({
      period: { name: '7d', start: '2026-03-12T00:00:00.000Z', end: '2026-03-19T00:00:00.000Z' },
      total_executions: 4,
      nested_executions: 0,
      successful_executions: 1,
      failed_executions: 1,
      timeout_executions: 1,
      success_rate: expect.closeTo(100 / 3, 9),
      avg_execution_time_ms: expect.closeTo(13_000 / 3, 6),
      p50_execution_time_ms: near(3000),
      p95_execution_time_ms: near(9000),
      p99_execution_time_ms: near(9000),
      total_cost_usd: 5,
      projected_monthly_cost_usd: expect.closeTo((5 / 7) * 30, 5),
      unpriced_executions: 2,
      total_tokens: 1_550_010,
      input_tokens: 1_400_007,
      output_tokens: 150_003,
      active_agents: 2,
      previous: expect.objectContaining({
        total_executions: 1,
        success_rate: 100,
        total_cost_usd: 2,
        active_agents: 1,
      }),
      top_agents: [
        expect.objectContaining({
          agent_id: 'a',
          agent_name: 'Alpha',
          executions: 2,
          success_rate: 50,
          cost_usd: 5,
        }),
        expect.objectContaining({
          agent_id: 'b',
          agent_name: null,
          executions: 2,
          success_rate: 0,
          cost_usd: null,
        }),
      ],
      cost_by_model: [
        {
          provider: 'openai',
          model_name: 'gpt-4o',
          executions: 2,
          nested_executions: 0,
          total_tokens: 1_550_000,
          cost_usd: 5,
          share: 100,
        },
        expect.objectContaining({ cost_usd: null, share: null }),
        expect.objectContaining({ cost_usd: null, share: null }),
      ],
    });
  });

  it('of nothing has null for what was not counted', async () => {
    expect(await t.read('overview?period=24h', t.tenant())).toMatchObject({
      period: { name: '24h', start: '2026-03-17T13:00:00.000Z', end: '2026-03-18T13:00:00.000Z' },
      total_executions: 0,
      success_rate: null,
      avg_execution_time_ms: null,
      p50_execution_time_ms: null,
      total_cost_usd: 0,
      top_agents: [],
      cost_by_model: [],
    });
  });

  it.each([
    ['period=8d', 400, 'VALIDATION_ERROR'],
    ['period=7d&start_date=2026-03-01', 400, 'VALIDATION_ERROR'],
    ['start_date=2026-02-30', 400, 'INVALID_DATE_RANGE'],
    ['start_date=2026-03-19', 400, 'INVALID_DATE_RANGE'],
    ['start_date=2026-03-02&end_date=2026-03-01', 400, 'INVALID_DATE_RANGE'],
    ['start_date=2020-01-01', 400, 'INVALID_DATE_RANGE'],
    ['from=2026-03-01', 400, 'VALIDATION_ERROR'],
  ])('%s is refused', async (query, ...refusal) => {
    expect(refusalOf(await t.get(`overview?${query}`))).toEqual(refusal);
  });
});

describe('GET /agents/{id}/stats', () => {
  it('has the figures of one agent', async () => {
    const tenant = t.tenant();
    await send(tenant, FLEET);
    const answer = await t.read<Json>('agents/a/stats?start_date=2026-03-17&end_date=2026-03-18', tenant);
    expect(answer).toMatchObject({
      agent_id: 'a',
      agent_name: 'Alpha',
      period: { name: null, start: '2026-03-17T00:00:00.000Z' },
      execution_count: 2,
      success_rate: 50,
      error_rate: 50,
      avg_duration_ms: 2000,
      avg_tokens: 775_000,
      avg_steps: 1,
      total_cost_usd: 5,
      by_model: [{ provider: 'openai', model_name: 'gpt-4o', executions: 2 }],
      errors: [{ type: 'RateLimit', count: 1, percentage: 100 }],
      daily: [
        { date: '2026-03-17', executions: 0, success_rate: null, total_tokens: 0, cost_usd: 0 },
        { date: '2026-03-18', executions: 2, success_rate: 50, total_tokens: 1_550_000, cost_usd: 5 },
      ],
    });
    // As in every list of agents: what has no known price has not cost $0.
    expect(await t.read('agents/b/stats?period=30d', tenant)).toMatchObject({
      total_cost_usd: null,
      unpriced_executions: 2,
    });
    expect(refusalOf(await t.get('agents/nobody/stats', tenant))).toEqual([404, 'AGENT_NOT_FOUND']);
    expect(refusalOf(await t.get('agents/a/stats', t.tenant()))).toEqual([404, 'AGENT_NOT_FOUND']);
  });
});

describe('GET /comparison/models', () => {
  it('leaves out of the cost of an execution what has no price', async () => {
    const tenant = t.tenant();
    await send(tenant, [
      execution(1, '2026-03-18T09:00:00Z', {
        model_name: 'm',
        input_tokens: 900,
        output_tokens: 100,
        cost_usd: 1,
        execution_time_ms: 10,
      }),
      execution(2, '2026-03-18T09:00:00Z', { model_name: 'm', input_tokens: 5000, output_tokens: 0 }),
    ]);
    const { models } = await t.read<{ models: Json[] }>('comparison/models', tenant);
    expect(models).toEqual([
      expect.objectContaining({
        provider: null,
        model_name: 'm',
        executions: 2,
        unpriced_executions: 1,
        total_cost_usd: 1,
        cost_per_execution_usd: 1,
        cost_per_1k_tokens_usd: 1,
        avg_tokens: 3000,
        success_rate: 100,
        error_rate: 0,
      }),
    ]);
  });
});

it.each([
  ['agents/a/stats', (answer: Json) => answer],
  ['comparison/models', ({ models }: Json) => (models as Json[])[0]!],
])('%s has means of finished executions only', async (path, pick) => {
  const tenant = t.tenant();
  const running = { agent_id: 'a', model_name: 'm', status: 'running', input_tokens: 1, output_tokens: 0 };
  const finished = { ...running, input_tokens: 900, output_tokens: 100, execution_time_ms: 10 };
  await send(tenant, [
    execution(1, '2026-03-18T09:00:00Z', { ...finished, status: 'success', steps: [step(1, 'thought')] }),
    execution(2, '2026-03-18T09:00:00Z', { ...finished, status: 'blocked', steps: [step(1, 'thought')] }),
    execution(3, '2026-03-18T09:00:00Z', { ...running, execution_time_ms: 9_999 }),
  ]);
  const answer = pick(await t.read<Json>(path, tenant));
  expect(answer).toMatchObject({
    avg_tokens: 1_000,
    success_rate: 50,
    error_rate: 50,
    ...(path.startsWith('agents')
      ? { execution_count: 3, avg_steps: 1, avg_duration_ms: 10 }
      : { executions: 3, avg_execution_time_ms: 10, total_tokens: 2_001 }),
  });
});

describe('GET /costs/summary', () => {
  it('adds up by model, agent, user, component and day', async () => {
    const tenant = t.tenant();
    await send(tenant, FLEET);
    const answer = await t.read<Json>('costs/summary?period=30d', tenant);
    expect(answer).toMatchObject({
      total_cost_usd: 7,
      unpriced_executions: 2,
      by_model: [{ provider: 'openai', model_name: 'gpt-4o', cost_usd: 7, share: 100 }, {}, {}],
      by_agent: [
        { agent_id: 'a', agent_name: 'Alpha', cost_usd: 5 },
        { agent_id: 'c', cost_usd: 2 },
        { agent_id: 'b', cost_usd: null, share: null, unpriced_executions: 2 },
      ],
      by_user: [
        { user_id: 'u-1', cost_usd: 4 },
        { user_id: null, cost_usd: 2 },
        { user_id: 'u-2', cost_usd: 1 },
      ],
      by_component: [
        { component: 'main_agent', usages: 1, cost_usd: 3.5, share: 50 },
        { component: null, cost_usd: 3 },
        { component: 'sub_agent', cost_usd: 0.5 },
      ],
    });
    const daily = answer.daily as { date: string; cost_usd: number }[];
    expect(daily).toHaveLength(30);
    expect(daily.filter(({ cost_usd }) => cost_usd > 0)).toEqual([
      { date: '2026-03-10', cost_usd: 2 },
      { date: '2026-03-18', cost_usd: 5 },
    ]);
    expect(await t.read('costs/summary?period=24h', tenant)).toMatchObject({
      total_cost_usd: 5,
      daily: [
        { date: '2026-03-17', cost_usd: 0 },
        { date: '2026-03-18', cost_usd: 5 },
      ],
    });
  });

  it('shares what components cost among them, also where that is not what the executions cost', async () => {
    const tenant = t.tenant();
    const cost = (component: string, cost_usd: number | null): object =>
      usage('nobody-knows', 1, 1, { component, cost_usd });
    await send(tenant, [
      // Unpriced as a whole, and reported for less than its usages.
      execution(1, '2026-03-18T09:00:00Z', { token_usages: [cost('main_agent', 6), cost('judge', null)] }),
      execution(2, '2026-03-18T09:00:00Z', { cost_usd: 0.5, token_usages: [cost('sub_agent', 2)] }),
    ]);
    expect(await t.read('costs/summary', tenant)).toMatchObject({
      total_cost_usd: 0.5,
      unpriced_executions: 1,
      by_component: [
        { component: 'main_agent', cost_usd: 6, share: 75 },
        { component: 'sub_agent', cost_usd: 2, share: 25 },
        { component: 'judge', cost_usd: null, share: null },
      ],
    });
  });
});

describe('GET /executions/{id}', () => {
  it('has its steps and token usages', async () => {
    const tenant = t.tenant();
    await send(tenant, FLEET);
    expect(await t.read(`executions/${uuid(1)}`, tenant)).toMatchObject({
      id: uuid(1),
      agent_name: 'Alpha',
      started_at: '2026-03-18T09:00:00.000Z',
      cost_usd: 4,
      cost_source: 'computed',
      steps: [
        { step_number: 1, step_type: 'thought', content: 'look it up', tool_name: null, timestamp: null },
        { step_number: 2, tool_name: 'search', duration_ms: 120, timestamp: '2026-03-18T09:00:01.000Z' },
      ],
      token_usages: [
        { component: 'main_agent', model: 'gpt-4o', total_tokens: 1_100_000, cost_usd: 3.5 },
        { component: 'sub_agent', step_number: 2, cost_usd: 0.5 },
      ],
    });
    expect(refusalOf(await t.get(`executions/${uuid(9)}`, tenant))).toEqual([404, 'EXECUTION_NOT_FOUND']);
    expect(refusalOf(await t.get(`executions/${uuid(1)}`, t.tenant()))).toEqual([404, 'EXECUTION_NOT_FOUND']);
    expect(refusalOf(await t.get('executions/none', tenant))).toEqual([404, 'EXECUTION_NOT_FOUND']);
  });
});
