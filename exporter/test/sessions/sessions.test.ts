/** What the routes of sessions answer, by cases that can be read. */
import { type Json, refusalOf, testApp, type TestApp } from '../support/app.js';
import { execution, step, type TestExecution } from '../support/executions.js';

let t: TestApp;
let tenant: string;
beforeAll(async () => {
  t = await testApp();
});
beforeEach(() => {
  tenant = t.tenant();
  t.setNow('2026-03-18T12:00:00Z');
});
afterAll(() => t.close());

async function send(...executions: TestExecution[]): Promise<void> {
  const { accepted } = (await t.post('/api/v1/executions', { executions }, { tenant })).json<Json>();
  expect(accepted).toBe(executions.length);
}

const tool = (n: number, tool_name: string, timestamp?: string): object =>
  step(n, 'tool_call', { tool_name, timestamp });

const list = async (query = ''): Promise<Json[]> =>
  (await t.read<{ sessions: Json[] }>(`sessions${query}`, tenant)).sessions;

it('are the executions that share a session id', async () => {
  await send(
    execution(1, '2026-03-18T09:00:00Z', {
      session_id: 's',
      agent_id: 'caller',
      agent_name: 'Caller',
      user_id: 'u',
      completed_at: '2026-03-18T09:10:00Z',
      cost_usd: 0.5,
      steps: [
        step(1, 'thought', { timestamp: '2026-03-18T09:00:00Z' }),
        tool(2, 'pay', '2026-03-18T09:08:00Z'),
      ],
    }),
    execution(2, '2026-03-18T09:01:00Z', {
      session_id: 's',
      agent_id: 'helper',
      parent_execution_id: '00000000-0000-4000-8000-000000000001',
      status: 'failure',
      execution_time_ms: 60_000,
      steps: [tool(1, 'search'), tool(2, 'search')],
    }),
    execution(3, '2026-03-18T09:20:00Z', { agent_id: 'caller' }),
  );
  await t.rollup();
  expect(await list()).toEqual([
    {
      session_id: 's',
      started_at: '2026-03-18T09:00:00.000Z',
      ended_at: '2026-03-18T09:10:00.000Z',
      duration_sec: 600,
      executions: 2,
      steps: 4,
      agents: ['caller', 'helper'],
      agent_names: ['Caller', 'helper'],
      user_id: 'u',
      environment: null,
      status: 'completed',
      total_tokens: 0,
      total_cost: 0.5,
      unpriced_executions: 0,
      flow: ['thought', 'search', 'pay'],
    },
  ]);
  expect(await t.read('sessions/metrics', tenant)).toMatchObject({
    total_sessions: 1,
    active_sessions: 0,
    ended_sessions: 1,
    avg_duration_sec: 600,
    avg_steps: 4,
    avg_executions: 2,
    completion_rate: 100,
    executions_without_session: 1,
  });
  expect(await t.read('sessions/flows?of=agents', tenant)).toMatchObject({
    common_flows: [
      { steps: ['Caller', 'helper'], count: 1, share: 100, avg_duration_ms: 600_000, completion_rate: 100 },
    ],
  });
  expect(await t.read('sessions/flows?agent_id=helper', tenant)).toMatchObject({
    common_flows: [{ steps: ['search'], count: 1 }],
  });
});

it('end when nothing has happened in them for half an hour, whether or not a rollup has run since', async () => {
  await send(execution(1, '2026-03-18T11:50:00Z', { session_id: 's', completed_at: '2026-03-18T11:55:00Z' }));
  await t.rollup();
  const active = async (): Promise<unknown[]> => {
    const { active_sessions, completion_rate } = await t.read('sessions/metrics', tenant);
    const [{ status, ended_at } = {} as Json] = await list();
    return [active_sessions, completion_rate, status, ended_at];
  };
  expect(await active()).toEqual([1, null, 'active', null]);
  t.setNow('2026-03-18T12:24:59Z');
  expect(await active()).toEqual([1, null, 'active', null]);
  t.setNow('2026-03-18T12:25:00Z');
  const over = [0, 100, 'completed', '2026-03-18T11:55:00.000Z'];
  expect(await active()).toEqual(over);
  await t.rollup();
  expect(await active()).toEqual(over);
});

it('stay active while an execution runs', async () => {
  await send(execution(1, '2026-03-10T09:00:00Z', { session_id: 's', status: 'running' }));
  await t.rollup();
  expect(await list('?status=active')).toHaveLength(1);
  await send(
    execution(1, '2026-03-10T09:00:00Z', {
      session_id: 's',
      status: 'failure',
      completed_at: '2026-03-10T09:01:00Z',
    }),
  );
  await t.rollup();
  expect(await list('?status=failed')).toMatchObject([{ duration_sec: 60 }]);
});

it('are corrected on both sides when an execution moves to another session or out of any', async () => {
  const run = (n: number, session_id: string | null): TestExecution =>
    execution(n, `2026-03-1${n}T09:00:00Z`, { session_id, agent_id: 'a', steps: [tool(1, `tool-${n}`)] });
  await send(run(6, 'one'), run(7, 'one'), run(8, 'two'));
  await t.rollup();
  const flows = async (): Promise<unknown> =>
    (await t.read<{ common_flows: Json[] }>('sessions/flows', tenant)).common_flows.map(({ steps }) => steps);
  expect(await flows()).toEqual(expect.arrayContaining([['tool-6', 'tool-7'], ['tool-8']]));
  // The first session now begins on another day.
  await send(run(6, 'two'));
  await t.rollup();
  expect(await flows()).toEqual(expect.arrayContaining([['tool-7'], ['tool-6', 'tool-8']]));
  expect((await list()).map(({ session_id, started_at }) => [session_id, started_at])).toEqual([
    ['one', '2026-03-17T09:00:00.000Z'],
    ['two', '2026-03-16T09:00:00.000Z'],
  ]);
  await send(run(7, null));
  await t.rollup();
  expect(await flows()).toEqual([['tool-6', 'tool-8']]);
  expect(await t.read('sessions/metrics', tenant)).toMatchObject({
    total_sessions: 1,
    executions_without_session: 1,
  });
});

it('change with steps that are appended', async () => {
  const run = execution(1, '2026-03-18T09:00:00Z', { session_id: 's', steps: [tool(1, 'search')] });
  await send(run);
  await t.rollup();
  await t.post(`/api/v1/executions/${run.id}/steps`, { steps: [tool(2, 'pay')] }, { tenant });
  await t.rollup();
  expect(await list()).toMatchObject([{ steps: 2, flow: ['search', 'pay'] }]);
});

it('belong to the hour in which they began, also across midnight, whatever their ids contain', async () => {
  const agent = 'team/billing%2Fbot?#é';
  await send(
    execution(1, '2026-03-16T23:55:00Z', {
      ...{ session_id: 'sitzung-ü/✓', agent_id: agent, completed_at: '2026-03-17T00:10:00Z' },
      steps: [tool(1, 'search', '2026-03-16T23:56:00Z'), tool(2, 'größe', '2026-03-17T00:05:00Z')],
    }),
  );
  await t.rollup();
  const of = `&agent_id=${encodeURIComponent(agent)}`;
  for (const [day, count] of [
    ['2026-03-16', 1],
    ['2026-03-17', 0],
  ] as const) {
    const query = `start_date=${day}&end_date=${day}${of}`;
    expect(await t.read(`sessions/metrics?${query}`, tenant)).toMatchObject({ total_sessions: count });
    expect(await t.read(`sessions/dropoff?${query}`, tenant)).toMatchObject({ total_sessions: count });
    expect(await list(`?${query}`)).toHaveLength(count);
    expect(
      await t.read(`sessions/funnel?${query}&steps=search&steps=${encodeURIComponent('größe')}`, tenant),
    ).toMatchObject({
      steps: [{ sessions: count }, { median_ms_from_previous: count === 1 ? 540_000 : null }],
    });
  }
  expect(await list(`?${of.slice(1)}`)).toMatchObject([{ session_id: 'sitzung-ü/✓', duration_sec: 900 }]);
});

it('may have 10,000 steps in an execution and no more', async () => {
  const made = (count: number): object =>
    execution(count, '2026-03-18T09:00:00Z', {
      session_id: `of-${count}`,
      steps: Array.from({ length: count }, (_, i) => tool(i, `tool-${i}`)),
    });
  const answer = await t.post('/api/v1/executions', { executions: [made(10_000), made(10_001)] }, { tenant });
  expect(answer.json<Json>()).toMatchObject({
    accepted: 1,
    rejected: [{ index: 1, message: 'field steps must NOT have more than 10000 items' }],
  });
  await t.rollup();
  const [session, ...others] = await list();
  expect(others).toEqual([]);
  expect(session).toMatchObject({ session_id: 'of-10000', steps: 10_000 });
  expect(session!.flow).toHaveLength(31);
  expect(await t.read('sessions/funnel?steps=tool-0,tool-199,tool-200', tenant)).toMatchObject({
    steps: [{ sessions: 1 }, { sessions: 1 }, { sessions: 0 }],
  });
});

it('have a flow of 30 steps that says where it was cut', async () => {
  const steps = Array.from({ length: 31 }, (_, i) => tool(i, `tool-${i}`));
  await send(
    execution(1, '2026-03-18T09:00:00Z', { session_id: 'cut', status: 'failure', steps }),
    execution(2, '2026-03-18T08:00:00Z', { session_id: 'whole', steps: steps.slice(0, 30) }),
  );
  await t.rollup();
  const names = steps.slice(0, 30).map((_, i) => `tool-${i}`);
  expect(await list()).toMatchObject([{ flow: [...names, '…'] }, { flow: names }]);
  const { steps: places } = await t.read<{ steps: Json[] }>('sessions/dropoff', tenant);
  expect(places.slice(28)).toEqual([
    {
      number: 29,
      reached: 2,
      completed: 0,
      dropped: 0,
      completion_rate: 100,
      drop_rate: 0,
      top_last_steps: [],
    },
    {
      number: 30,
      reached: 2,
      completed: 1,
      dropped: 0,
      completion_rate: 100,
      drop_rate: 0,
      top_last_steps: [{ step: 'tool-29', count: 1 }],
    },
    {
      number: 31,
      reached: 1,
      completed: 0,
      dropped: 1,
      completion_rate: 0,
      drop_rate: 100,
      top_last_steps: [{ step: '…', count: 1 }],
    },
  ]);
  // A funnel looks further.
  expect(await t.read('sessions/funnel?steps=tool-2,tool-30', tenant)).toMatchObject({
    steps: [{ sessions: 2 }, { sessions: 1, conversion_rate: 50 }],
  });
});

it('pass through a funnel of steps, one later than the other', async () => {
  await send(
    execution(1, '2026-03-18T09:00:00Z', {
      session_id: 'a',
      steps: [tool(1, 'search', '2026-03-18T09:00:00Z'), tool(2, 'a,b', '2026-03-18T09:00:10Z')],
    }),
    execution(2, '2026-03-18T09:00:00Z', {
      session_id: 'b',
      steps: [tool(1, 'a,b', '2026-03-18T09:00:00Z'), tool(2, 'search', '2026-03-18T09:00:10Z')],
    }),
  );
  await t.rollup();
  const { steps } = await t.read<{ steps: Json[] }>('sessions/funnel?steps=search&steps=a,b', tenant);
  expect(steps).toEqual([
    {
      step: 'search',
      sessions: 2,
      conversion_rate: 100,
      from_previous_rate: null,
      median_ms_from_previous: null,
    },
    {
      step: 'a,b',
      sessions: 1,
      conversion_rate: 50,
      from_previous_rate: 50,
      median_ms_from_previous: 10_000,
    },
  ]);
});

it.each([
  ['steps=search', 'a funnel has 2 to 10 steps, and this one has 1'],
  [`steps=${Array.from({ length: 11 }, (_, i) => `s${i}`).join()}`, 'this one has 11'],
  ['steps=search,,pay', 'must not contain an empty name'],
])('refuse the funnel %s', async (query, message) => {
  const response = await t.get(`sessions/funnel?${query}`, tenant);
  expect(refusalOf(response)).toEqual([400, 'VALIDATION_ERROR']);
  expect(response.json<Json>().message).toContain(message);
});

it('refuse a cursor that is none', async () => {
  const cursor = Buffer.from(JSON.stringify(['no time', 's'])).toString('base64url');
  expect(refusalOf(await t.get(`sessions?cursor=${cursor}`, tenant))).toEqual([400, 'VALIDATION_ERROR']);
});

it('are zeros and nulls in a period without any, also of an agent that is not there', async () => {
  for (const query of ['', '?agent_id=nobody', '?start_date=2020-01-01&end_date=2020-01-31']) {
    const { period: _, ...metrics } = await t.read(`sessions/metrics${query}`, tenant);
    expect(metrics).toEqual({
      total_sessions: 0,
      active_sessions: 0,
      ended_sessions: 0,
      avg_duration_sec: null,
      avg_steps: null,
      avg_executions: null,
      completion_rate: null,
      executions_without_session: 0,
    });
    expect(await t.read(`sessions/flows${query}`, tenant)).toMatchObject({
      total_sessions: 0,
      common_flows: [],
      other: { count: 0, share: null },
    });
    expect(await t.read(`sessions/dropoff${query}`, tenant)).toMatchObject({ total_sessions: 0, steps: [] });
    expect(await list(query)).toEqual([]);
  }
  expect(await t.read('sessions/funnel?steps=a,b', tenant)).toMatchObject({
    steps: [
      { sessions: 0, conversion_rate: null },
      { sessions: 0, conversion_rate: null, from_previous_rate: null, median_ms_from_previous: null },
    ],
  });
});

it('count flows beyond the limit as other', async () => {
  await send(
    ...['x', 'x', 'y', 'z'].map((name, i) =>
      execution(i, '2026-03-18T09:00:00Z', { session_id: `s-${i}`, steps: [tool(1, name)] }),
    ),
  );
  await t.rollup();
  expect(await t.read('sessions/flows?limit=1', tenant)).toMatchObject({
    total_sessions: 4,
    common_flows: [{ steps: ['x'], count: 2, share: 50 }],
    other: { count: 2, share: 50 },
  });
});
