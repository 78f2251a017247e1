/** The frames of sessions, tools, the team and compared agents, from a real exporter with a few sessions. */
import type { DataFrame } from '@grafana/data';
import type { AnalyticsQuery } from './query';
import { RealExporter } from './test/exporter';
import { columnsOf, datasource, query, run } from './test/requests';
import { fakeTemplates } from './test/templates';

const TENANT = 'real-sessions';
const HOUR = 3_600_000;
const NOW = Date.now();
/** In the middle of the previous hour, so that all sessions have ended. */
const STARTED = Math.floor(NOW / HOUR) * HOUR - HOUR / 2;
const RANGE = { from: new Date(NOW - 24 * HOUR).toISOString(), to: new Date(NOW).toISOString() };

function at(ms: number): string {
  return new Date(STARTED + ms).toISOString();
}

let ids = 0;

/** An execution that calls some tools, one a second. */
function execution(
  session_id: string,
  agent_id: string,
  begins: number,
  tools: string[],
  status = 'success',
) {
  return {
    id: `018f0000-0000-7000-8000-${String(++ids).padStart(12, '0')}`,
    ...{ session_id, agent_id, agent_name: `${agent_id}-bot`, user_id: 'u-7', user_name: 'Ada', status },
    started_at: at(begins),
    completed_at: at(begins + 1_000 * tools.length),
    cost_usd: 0.5,
    steps: tools.map((tool_name, index) => ({
      ...{ step_number: index + 1, step_type: 'tool_call', tool_name, duration_ms: 100 },
      status: status === 'success' || index < tools.length - 1 ? 'success' : 'failure',
      timestamp: at(begins + 1_000 * index),
      content: `${tool_name} said so`,
    })),
  };
}

const EXECUTIONS = [
  execution('s-1', 'shop', 0, ['search', 'pay']),
  execution('s-2', 'shop', 60_000, ['search', 'pay']),
  execution('s-3', 'shop', 120_000, ['search'], 'failure'),
  execution('s-4', 'shop', 180_000, ['search']),
  execution('s-4', 'help', 185_000, ['refund']),
];

const exporter = new RealExporter({ ROLLUP_INTERVAL_SECONDS: '1', SESSION_IDLE_MINUTES: '5' });

beforeAll(async () => {
  await exporter.serve(TENANT);
  fakeTemplates();
  const token = exporter.token(TENANT, 'analytics:write');
  const answer = await exporter.send('POST', '/api/v1/executions', token, { executions: EXECUTIONS });
  expect(answer).toMatchObject({ accepted: EXECUTIONS.length, rejected: [] });
  await rolledUp();
}, 120_000);

afterAll(() => exporter.stop(), 60_000);

async function ask(changes: Partial<AnalyticsQuery>): Promise<DataFrame[]> {
  const { data, errors } = await run(datasource(), [query({ metric: '', ...changes })], RANGE);
  expect(errors).toBeUndefined();
  return data as DataFrame[];
}

const rowsOf = async (changes: Partial<AnalyticsQuery>) => columnsOf((await ask(changes))[0]);
const byAgent = (...values: string[]) => [{ dimension: 'agent', operator: 'in' as const, values }];

async function rolledUp(): Promise<void> {
  const isDone = async () =>
    (await rowsOf({ queryType: 'sessions', sessionPart: 'metrics' })).Sessions?.[0] === 4 &&
    (await rowsOf({ queryType: 'tools' })).Calls?.length === 3;
  while (!(await isDone())) {
    await new Promise((waited) => setTimeout(waited, 200));
  }
}

it('real sessions are listed, the latest first', async () => {
  expect(await rowsOf({ queryType: 'sessions' })).toMatchObject({
    Session: ['s-4', 's-3', 's-2', 's-1'],
    Status: ['completed', 'failed', 'completed', 'completed'],
    Agents: ['shop-bot, help-bot', 'shop-bot', 'shop-bot', 'shop-bot'],
    Duration: [6, 1, 2, 2],
    Flow: ['search → refund', 'search', 'search → pay', 'search → pay'],
  });
  expect(
    await rowsOf({ queryType: 'sessions', sessionStatus: 'failed', filters: byAgent('shop') }),
  ).toMatchObject({
    Session: ['s-3'],
  });
});

it('the executions of a real session are listed', async () => {
  const { Execution } = await rowsOf({ queryType: 'executions', sessionId: 's-4' });
  expect(Execution).toEqual([EXECUTIONS[4]?.id, EXECUTIONS[3]?.id]);
});

it('real sessions have figures', async () => {
  expect(await rowsOf({ queryType: 'sessions', sessionPart: 'metrics' })).toMatchObject({
    Sessions: [4],
    Ended: [4],
    Duration: [2.75],
    'Completion rate': [75],
  });
});

it('real flows are a table and a graph', async () => {
  expect(await rowsOf({ queryType: 'flows', limit: 1 })).toMatchObject({
    Flow: ['search → pay', '(other flows)'],
    Sessions: [2, 2],
  });
  const [nodes, edges] = await ask({ queryType: 'flows', flowOf: 'agents', format: 'node-graph' });
  expect(columnsOf(nodes)).toMatchObject({
    title: ['Start', 'shop-bot', 'End', 'help-bot'],
    mainstat: ['4', '4', '4', '1'],
  });
  expect(columnsOf(edges)).toMatchObject({ mainstat: ['4', '3', '1', '1'] });
});

it('a real drop-off and a real funnel count the same sessions', async () => {
  expect(await rowsOf({ queryType: 'dropoff' })).toEqual({
    Step: ['1', '2'],
    'Went on': [3, 0],
    Completed: [0, 3],
    Dropped: [1, 0],
  });
  expect(await rowsOf({ queryType: 'funnel', funnelSteps: ['search', 'pay'], format: 'table' })).toEqual({
    Step: ['search', 'pay'],
    Sessions: [4, 2],
    'Of first': [100, 50],
    'Of previous': [null, 50],
    'Time from previous': [null, 1_000],
  });
});

it('real tools have their calls and their last error', async () => {
  expect(await rowsOf({ queryType: 'tools', filters: byAgent('shop') })).toMatchObject({
    Tool: ['search', 'pay'],
    Calls: [4, 2],
    'Success rate': [75, 100],
    'Last error': ['search said so', null],
    Execution: [EXECUTIONS[2]?.id, null],
  });
});

it('a real team has figures and users', async () => {
  expect(await rowsOf({ queryType: 'team' })).toMatchObject({
    Agents: [Infinity, 2],
    Executions: [Infinity, 5],
    'Success rate': [Infinity, 80],
  });
  expect(await rowsOf({ queryType: 'userActivity' })).toMatchObject({
    User: ['Ada'],
    Executions: [5],
    Cost: [2.5],
  });
});

it('real agents are compared', async () => {
  const compared = { compareMetrics: ['execution_count', 'cost'], filters: byAgent('help', 'shop') };
  expect(await rowsOf({ queryType: 'compareAgents', ...compared })).toEqual({
    Agent: ['help-bot', 'shop-bot'],
    'Agent ID': ['help', 'shop'],
    Executions: [1, 4],
    'Total cost': [0.5, 2],
  });
  const missing = query({ queryType: 'compareAgents', metric: '', filters: byAgent('help', 'nobody') });
  const { errors } = await run(datasource(), [missing], RANGE);
  expect(errors?.[0]?.message).toContain('nobody');
});

it('real recommendations are none where the evidence is thin', async () => {
  expect(await ask({ queryType: 'recommendations' })).toEqual([]);
  expect(await rowsOf({ queryType: 'recommendations', recommendationPart: 'total' })).toEqual({
    Savings: [0],
    Recommendations: [0],
  });
});
