/** The answers about executions: overview, one agent, models, costs, the list and one of them. */
import { type Json, refusalOf, testApp, type TestApp } from '../support/app.js';
import { execution, step, type TestExecution, usage, uuid } from '../support/executions.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

async function send(tenant: string, executions: readonly TestExecution[]): Promise<void> {
  const response = await t.post('/api/v1/executions', { executions }, { tenant });
  expect([response.statusCode, response.json<Json>().accepted]).toEqual([200, executions.length]);
  await t.rollup();
}

/** Now is 2026-03-18T12:00Z. */
const FLEET: readonly TestExecution[] = [
  execution(1, '2026-03-18T09:00:00Z', {
    agent_id: 'a',
    agent_name: 'Alpha',
    user_id: 'u-1',
    session_id: 's-1',
    flow_id: 'f-1',
    provider: 'openai',
    model_name: 'gpt-4o',
    execution_time_ms: 1000,
    query_preview: 'Refund order 17',
    steps: [
      step(1, 'thought', { content: 'look it up' }),
      step(2, 'tool_call', {
        tool_name: 'search',
        status: 'success',
        duration_ms: 120,
        timestamp: '2026-03-18T09:00:01Z',
      }),
    ],
    token_usages: [
      usage('gpt-4o', 1_000_000, 100_000),
      usage('gpt-4o', 0, 50_000, { component: 'sub_agent', step_number: 2 }),
    ],
  }),
  execution(2, '2026-03-18T08:00:00Z', {
    agent_id: 'a',
    user_id: 'u-2',
    provider: 'openai',
    model_name: 'gpt-4o',
    status: 'failure',
    error_type: 'RateLimit',
    execution_time_ms: 3000,
    input_tokens: 400_000,
    output_tokens: 0,
  }),
  execution(3, '2026-03-16T08:00:00Z', {
    agent_id: 'b',
    provider: 'acme',
    model_name: 'acme-1',
    status: 'timeout',
    execution_time_ms: 9000,
    input_tokens: 7,
    output_tokens: 3,
  }),
  execution(4, '2026-03-18T11:00:00Z', { agent_id: 'b', status: 'running' }),
  execution(5, '2026-03-10T08:00:00Z', {
    agent_id: 'c',
    provider: 'openai',
    model_name: 'gpt-4o',
    cost_usd: 2,
    execution_time_ms: 10,
  }),
];

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
          total_tokens: 1_550_000,
          cost_usd: 5,
          share: 100,
        },
        expect.objectContaining({ cost_usd: null }),
        expect.objectContaining({ cost_usd: null }),
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
        { agent_id: 'b', cost_usd: null, unpriced_executions: 2 },
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
});

describe('GET /costs/forecast', () => {
  it('says that there is too little history', async () => {
    const tenant = t.tenant();
    await send(tenant, FLEET);
    expect(await t.read('costs/forecast', tenant)).toMatchObject({
      month: '2026-03',
      month_to_date_usd: 7,
      method: expect.stringContaining('under 14 days'),
      history_days: 8,
    });
    expect(await t.read('costs/forecast', t.tenant())).toMatchObject({
      projected_month_usd: 0,
      method: 'no history',
    });
  });

  it('projects a weekly season, within its interval', async () => {
    const tenant = t.tenant();
    const days = Array.from(
      { length: 60 },
      (_, i) => new Date(Date.parse('2026-03-17T10:00:00Z') - i * 86_400_000),
    );
    await send(
      tenant,
      days.map((day, i) =>
        execution(i, day.toISOString(), { cost_usd: [0, 6].includes(day.getUTCDay()) ? 1 : 10 }),
      ),
    );
    const answer = await t.read<Record<string, number>>('costs/forecast', tenant);
    expect(answer).toMatchObject({ method: 'weekly season on a smoothed level', history_days: 60 });
    // 22 weekdays and 9 days of weekends in March 2026.
    expect(answer.projected_month_usd).toBeCloseTo(229, -1);
    expect(answer.lower_usd).toBeLessThanOrEqual(answer.projected_month_usd!);
    expect(answer.upper_usd).toBeGreaterThanOrEqual(answer.projected_month_usd!);
  });

  it('has the course of the month: known days summed, those to come with a band that widens to the interval', async () => {
    const tenant = t.tenant();
    const days = Array.from(
      { length: 40 },
      (_, i) => new Date(Date.parse('2026-03-18T10:00:00Z') - i * 86_400_000),
    );
    await send(
      tenant,
      days.map((day, i) => execution(i, day.toISOString(), { cost_usd: i === 0 ? 1 : 4 + (i % 3) })),
    );
    type Day = Record<'cumulative_usd' | 'lower_usd' | 'upper_usd' | 'actual_usd', number | null> & {
      date: string;
    };
    const answer = await t.read<{ daily: Day[] } & Record<string, number>>('costs/forecast', tenant);
    const { daily } = answer;
    expect(daily).toHaveLength(31);
    let sum = 0;
    for (const day of daily.slice(0, 17)) {
      sum += day.actual_usd!;
      expect(day).toMatchObject({ cumulative_usd: sum, lower_usd: null, upper_usd: null });
    }
    expect(answer.month_to_date_usd).toBe(sum + 1);
    const ahead = daily.slice(17);
    expect(ahead[0]).toMatchObject({ date: '2026-03-18', actual_usd: 1 });
    expect(ahead[0]!.cumulative_usd).toBeCloseTo(sum + 5, 0);
    const widths = ahead.map((day) => day.upper_usd! - day.cumulative_usd!);
    expect(widths.every((width, i) => width > 0 && width >= (widths[i - 1] ?? 0))).toBe(true);
    expect(ahead.every((day) => day.lower_usd! >= sum + 1 && day.lower_usd! <= day.cumulative_usd!)).toBe(
      true,
    );
    expect(ahead.at(-1)).toMatchObject({
      cumulative_usd: answer.projected_month_usd,
      lower_usd: answer.lower_usd,
      upper_usd: answer.upper_usd,
    });
  });
});

interface Page {
  items: { id: string }[];
  page: number | null;
  total: number;
  total_pages: number;
  next_cursor: string | null;
}

describe('GET /executions', () => {
  const list = (tenant: string, query = ''): Promise<Page> => t.read<Page>(`executions?${query}`, tenant);
  const ids = ({ items }: Page): number[] => items.map(({ id }) => Number(id.slice(-12)));

  it('filters and sorts', async () => {
    const tenant = t.tenant();
    await send(tenant, FLEET);
    expect(ids(await list(tenant))).toEqual([4, 1, 2, 3, 5]);
    expect(ids(await list(tenant, 'sort_order=asc'))).toEqual([5, 3, 2, 1, 4]);
    expect(ids(await list(tenant, 'sort_by=execution_time_ms'))).toEqual([3, 2, 1, 5, 4]);
    expect(ids(await list(tenant, 'sort_by=cost_usd')).slice(0, 3)).toEqual([1, 5, 2]);
    expect(ids(await list(tenant, 'sort_by=total_tokens')).slice(0, 3)).toEqual([1, 2, 3]);
    for (const [query, found] of [
      ['status=running', [4]],
      ['agent_id=a', [1, 2]],
      ['user_id=u-2', [2]],
      ['session_id=s-1', [1]],
      ['flow_id=f-1', [1]],
      ['model_name=acme-1', [3]],
      ['error_type=RateLimit', [2]],
      ['q=ORDER', [1]],
      ['q=%25', []],
      ['agent_id=a&agent_id=nobody', [1, 2]],
      ['status=running&status=timeout', [4, 3]],
      ['model_name=acme-1&agent_id=a', []],
      ['start_time=2026-03-18T09:00:00Z', [4, 1]],
      ['start_time=2026-03-16T00:00:00Z&end_time=2026-03-18T10:00:00%2B01:00', [2, 3]],
      ['period=24h', [4, 1, 2]],
      ['start_date=2026-03-16&end_date=2026-03-16', [3]],
    ] as const) {
      expect([query, ids(await list(tenant, query))]).toEqual([query, found]);
    }
    expect(ids(await list(t.tenant()))).toEqual([]);
  });

  it('counts what has come in since the last rollup, what has moved, and not what retention has dropped', async () => {
    const tenant = t.tenant();
    const total = async (query = ''): Promise<number> => (await list(tenant, query)).total;
    await send(tenant, FLEET);
    expect(await total()).toBe(5);
    const more = {
      executions: [
        execution(6, '2026-03-16T09:00:00Z'),
        execution(3, '2026-03-11T08:00:00Z', { agent_id: 'b' }),
      ],
    };
    await t.post('/api/v1/executions', more, tenant);
    const counts = async (): Promise<number[]> =>
      Promise.all(
        [
          '',
          'status=success',
          'agent_id=b',
          'agent_id=b&status=timeout',
          'user_id=u-1',
          'flow_id=f-1',
          'session_id=s-1',
        ].map(total),
      );
    const wanted = [6, 4, 2, 0, 1, 1, 1];
    expect(await counts()).toEqual(wanted);
    await t.rollup();
    expect(await counts()).toEqual(wanted);
    const app = await testApp({
      database: t.database,
      now: '2026-03-18T12:00:00Z',
      env: { RETENTION_DAYS: '5', MINUTE_RETENTION_HOURS: '2' },
    });
    const retention = app.services.jobs.find(({ name }) => name === 'retention')!;
    expect(
      await retention.run(Date.parse('2026-03-18T12:00:00Z'), new AbortController().signal),
    ).toBeGreaterThan(0);
    expect([await total(), await total('agent_id=b')]).toEqual([4, 1]);
    expect((await list(tenant)).items).toHaveLength(4);
    // What was counted by day stays, and an older one is refused, for its hour could not be recomputed.
    expect(await t.read('overview?period=30d', tenant)).toMatchObject({ total_executions: 6 });
    const old = { executions: [execution(7, '2026-03-10T09:00:00Z')] };
    expect((await app.post('/api/v1/executions', old, tenant)).json<Json>()).toMatchObject({
      accepted: 0,
      rejected: [{ code: 'EXECUTION_TOO_OLD' }],
    });
    await app.close();
  });

  it.each(['started_at', 'execution_time_ms', 'cost_usd', 'total_tokens'])(
    'every page by number and by cursor has what the whole has, by %s',
    async (sort_by) => {
      const tenant = t.tenant();
      const many = Array.from({ length: 23 }, (_, i) =>
        execution(i, `2026-03-18T0${i % 5}:00:00Z`, {
          ...(i % 3 === 0 ? {} : { execution_time_ms: i % 4, cost_usd: (i % 5) / 7 }),
          input_tokens: i % 6,
        }),
      );
      await send(tenant, many);
      for (const sort_order of ['asc', 'desc']) {
        const query = `sort_by=${sort_by}&sort_order=${sort_order}`;
        const whole = await list(tenant, `${query}&page_size=200`);
        expect(whole).toMatchObject({ total: 23, total_pages: 1, next_cursor: null });
        const byNumber: number[] = [];
        for (let page = 1; page <= 5; page += 1)
          byNumber.push(...ids(await list(tenant, `${query}&page_size=5&page=${page}`)));
        expect(byNumber).toEqual(ids(whole));
        expect(ids(await list(tenant, `${query}&page_size=5&page=6`))).toEqual([]);
        const byCursor: number[] = [];
        let cursor: string | null = null;
        do {
          const page: Page = await list(
            tenant,
            `${query}&page_size=5${cursor === null ? '' : `&cursor=${cursor}`}`,
          );
          byCursor.push(...ids(page));
          cursor = page.next_cursor;
        } while (cursor !== null);
        expect(byCursor).toEqual(ids(whole));
      }
    },
  );

  it.each([
    'page=0',
    'page_size=201',
    'sort_by=id',
    'sort_order=up',
    'status=done',
    'status=success&status=done',
    'agent_id=a%20b',
    'page=1&page=2',
    'start_time=yesterday',
    'start_time=2026-03-18T09:00:00Z&period=7d',
    'cursor=x',
    `cursor=${Buffer.from('["started_at","desc","no time","x"]').toString('base64url')}`,
    `cursor=${Buffer.from(JSON.stringify(['cost_usd', 'desc', '1', uuid(1)])).toString('base64url')}`,
    'agent=a',
  ])('%s is refused', async (query) => {
    expect(refusalOf(await t.get(`executions?${query}`))).toEqual([400, 'VALIDATION_ERROR']);
  });

  it('names a repeated filter without a place in its list, and times that are no range', async () => {
    const { message } = (await t.get('executions?status=done')).json<{ message: string }>();
    expect(message).toBe('query parameter status must be one of running, success, failure, timeout, blocked');
    const backwards = 'start_time=2026-03-18T09:00:00Z&end_time=2026-03-18T09:00:00Z';
    expect(refusalOf(await t.get(`executions?${backwards}`))).toEqual([400, 'INVALID_DATE_RANGE']);
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
