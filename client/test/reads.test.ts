/** The reads of the client with the real service. */
import { AnalyticsError } from '../src/index.js';
import { eventually } from './support/client.js';
import { withRealService } from './support/real-clients.js';

const real = withRealService();
const { clients, open } = real;

it('iterate over all pages of users and agents, each once', async () => {
  const client = open('paged');
  const ids = ['a', 'b', 'c', 'd', 'e'];
  for (const id of ids) {
    client.recordExecution({ agent_id: `agent ${id}`.replace(' ', '-'), user_id: id, status: 'success' });
  }
  await client.flush();
  await eventually('rolled up', async () => (await client.analytics.getTeamMetrics()).active_users === 5);
  const users: string[] = [];
  for await (const { user_id } of client.analytics.userActivity({ limit: 2 })) users.push(user_id);
  expect(users).toEqual(ids);
  const page = await client.analytics.getUserActivity({ limit: 2 });
  expect(page.users).toHaveLength(2);
  expect(page.next_cursor).toEqual(expect.any(String));
  const agents: string[] = [];
  for await (const { agent_id } of client.analytics.agents({ limit: 2 })) agents.push(agent_id);
  expect(agents).toEqual(ids.map((id) => `agent-${id}`));
  const names: (string | null)[] = [];
  for await (const { name } of client.analytics.users()) names.push(name);
  expect(names).toEqual(ids.map(() => null));
});

it('have the sessions of all pages, their flows, and where they end', async () => {
  const client = open('sessions');
  const tool = (tool_name: string) => ({ step_type: 'tool_call', tool_name, status: 'success' }) as const;
  for (const session_id of ['s-1', 's-2', 's-3']) {
    await client.run({ agent_id: 'shop-bot', user_id: 'u-1', session_id }, (execution) => {
      execution.step(tool('search, all'));
      if (session_id !== 's-1') execution.step(tool('pay'));
    });
  }
  await client.flush();
  const { analytics } = client;
  await eventually('rolled up', async () => (await analytics.getSessionMetrics()).total_sessions === 3);

  const sessions: string[] = [];
  for await (const { session_id } of analytics.getSessions({ limit: 2, user_id: 'u-1' }))
    sessions.push(session_id);
  expect(sessions).toEqual(['s-3', 's-2', 's-1']);
  for await (const session of analytics.getSessions({ agent_id: 'nobody' })) expect(session).toBeUndefined();

  expect(await analytics.getSessionMetrics({ period: '24h' })).toMatchObject({
    ...{ total_sessions: 3, active_sessions: 3, ended_sessions: 0, completion_rate: null },
    executions_without_session: 0,
  });
  expect(await analytics.getSessionFlows({ limit: 1 })).toMatchObject({
    common_flows: [{ steps: ['search, all', 'pay'], count: 2 }],
    other: { count: 1 },
  });
  expect((await analytics.getSessionFlows({ of: 'agents' })).common_flows).toMatchObject([
    { steps: ['shop-bot'], count: 3 },
  ]);
  // None of them has ended.
  expect(await analytics.getSessionDropoff()).toMatchObject({ total_sessions: 3, steps: [] });
  // A name with a comma is one step.
  const { steps } = await analytics.getSessionFunnel({ steps: ['search, all', 'pay'] });
  expect(steps).toMatchObject([
    { step: 'search, all', sessions: 3, conversion_rate: 100 },
    { step: 'pay', sessions: 2, conversion_rate: expect.closeTo(66.7, 1) },
  ]);
});

it('throw the error of the service', async () => {
  const { analytics } = open('refused');
  const thrown = await analytics.getAgentMetrics('a/b?c').catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(AnalyticsError);
  expect(thrown).toMatchObject({
    code: 'AGENT_NOT_FOUND',
    status: 404,
    message: 'there is no agent "a/b?c"',
  });
  await expect(analytics.compareAgents({ agent_ids: ['a'] })).rejects.toMatchObject({
    code: 'VALIDATION_ERROR',
    message: 'agent_ids must name 2 to 20, not 1',
  });
  await expect(analytics.getSessionFunnel({ steps: ['pay'] })).rejects.toMatchObject({
    code: 'VALIDATION_ERROR',
    message: expect.stringContaining('a funnel has 2 to 10 steps, and this one has 1'),
  });
});

it('dismiss a recommendation, and say why one cannot be dismissed', async () => {
  const { analytics } = open('saving');
  const date = new Date().toISOString().slice(0, 10);
  const item = { category: 'other', amount_usd: 2.5, agent_id: 'idle', start_date: date, end_date: date };
  await real.service().ask('saving', 'cost-items', item);
  const [found] = (await analytics.getCostRecommendations()).recommendations;
  expect(found).toMatchObject({ kind: 'idle_agent', savings: 2.5, dismissed: false });
  const until = new Date(Date.now() + 86_400_000).toISOString();
  expect(await analytics.dismissCostRecommendation(found!.id, { until })).toMatchObject({ dismissed: true });
  expect(await analytics.getCostRecommendations()).toMatchObject({
    total_savings: 0,
    recommendations: [{ id: found!.id, dismissed: true }],
  });
  await expect(analytics.dismissCostRecommendation('no/such')).rejects.toMatchObject({
    code: 'NOT_FOUND',
    status: 404,
  });
});

it('stream live figures until they are left', async () => {
  const client = open('live');
  client.recordEvent({ metricType: 'api_calls', count: 3 });
  await client.flush();
  const seen: number[] = [];
  for await (const { api_calls_per_minute } of client.analytics.subscribeLive({ interval: '1s' })) {
    seen.push(api_calls_per_minute);
    if (api_calls_per_minute === 3) break;
  }
  expect(seen.at(-1)).toBe(3);
});

it('connect again when a stream of live figures ends', async () => {
  let connections = 0;
  const client = clients.open({
    url: real.service().url,
    token: () => real.service().token('live'),
    retryBaseMs: 1,
    fetch: async () => {
      connections += 1;
      return new Response(`{"api_calls_per_minute":${connections}}\n\n{"api_calls_per_minute":9}\n`);
    },
  });
  const ending = new AbortController();
  const seen: number[] = [];
  for await (const { api_calls_per_minute } of client.analytics.subscribeLive({ signal: ending.signal })) {
    seen.push(api_calls_per_minute);
    if (connections === 3) ending.abort();
  }
  expect(seen.slice(0, 5)).toEqual([1, 9, 2, 9, 3]);
  expect(connections).toBe(3);
});

it('refuse an interval of live figures that there is not', async () => {
  const figures = open('live').analytics.subscribeLive({ interval: '2h' });
  await expect(figures.next()).rejects.toMatchObject({ code: 'VALIDATION_ERROR', status: 400 });
});
