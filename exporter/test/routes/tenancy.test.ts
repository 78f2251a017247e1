/**
 * No request reads, writes or learns of another tenant. Every route that the app registers stands in the table below,
 * and one that is missing from it fails the test: whoever adds a route says how it keeps tenants apart.
 */
import type { LightMyRequestResponse } from 'fastify';
import { ANALYTICS_PREFIXES } from '../../src/http/mount.js';
import type { Scope } from '../../src/auth/principal.js';
import { signToken } from '../../src/auth/tokens.js';
import { FORMAT_NAMES } from '../../src/exports/formats.js';
import { DATASET_NAMES } from '../../src/query/datasets/index.js';
import { TEMPLATE_NAMES } from '../../src/reports/templates.js';
import { download, exported } from '../exports/support.js';
import { type Json, refusalOf, SECRET, testApp, type TestApp, outcomeOf } from '../support/app.js';
import { call, issued, refused, rotated } from '../support/events.js';

const registered = new Set<string>();
let t: TestApp;

/** Whose data are to stay hidden, and who looks for them. */
const OWNER = 'owner-tenant';
const STRANGER = 'stranger-tenant';
const ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const OWNERS_EVENTS = [
  call('2026-03-10T08:00:00Z', {
    id: ID,
    agentId: 'owners-agent',
    agentName: 'Owners Secret Bot',
    endpoint: 'GET /owners-secret',
    status: 226,
    durationMs: 12,
    userId: 'owners-user',
    userName: 'Owners User',
    count: 77_001,
  }),
  call('2026-03-18T11:50:00Z', { agentId: 'owners-agent', status: 226, count: 77_002 }),
  issued('2026-03-10T08:00:00Z', { agentId: 'owners-agent', count: 77_003 }),
  issued('2026-03-10T08:00:00Z', { agentId: 'owners-other-agent', userId: 'owners-other-user' }),
  refused('2026-03-10T08:00:00Z', { agentId: 'owners-other-agent', count: 77_004 }),
  rotated('2026-03-10T08:00:00Z', { agentId: 'owners-agent', count: 77_005 }),
  rotated('2026-03-12T08:00:00Z', { agentId: 'owners-agent' }),
];
const EXECUTION = '01890a5d-ac96-774b-bcce-b302099a8058';
const OWNERS_EXECUTIONS = [
  {
    id: EXECUTION,
    agent_id: 'owners-agent',
    agent_tags: ['owners-tag'],
    user_id: 'owners-user',
    user_name: 'Owners User',
    session_id: 'owners-session',
    flow_id: 'owners-flow',
    provider: 'owners-provider',
    model_name: 'owners-model',
    status: 'failure',
    error_type: 'OwnersError',
    started_at: '2026-03-18T08:00:00Z',
    execution_time_ms: 77_006,
    cost_usd: 77_007,
    query_preview: 'what the owner asked',
    steps: [{ step_number: 1, step_type: 'tool_call', tool_name: 'owners-tool', content: 'owner' }],
    token_usages: [{ component: 'owners-component', model: 'owners-model', input_tokens: 77_008 }],
  },
];
const OWNERS_OTHER_EXECUTION = {
  id: '01890a5d-ac96-774b-bcce-b302099a8059',
  agent_id: 'owners-agent',
  user_id: 'owners-other-user',
  status: 'success',
  started_at: '2026-03-18T08:00:00Z',
};
const SECRETS = /owner|(?<![\d.])7700\d/i;

const RANGE = { from: '2026-03-01T00:00:00Z', to: '2026-03-19T00:00:00Z' };
const METRICS = ['api_calls', 'api_error_rate', 'token_failures', 'days_since_rotation', 'active_agents'];
const reaching = (filter: object) => ({
  range: RANGE,
  queries: METRICS.map((metric) => ({
    refId: metric,
    metric,
    groupBy: ['agent'],
    interval: 'day',
    filters: [filter],
  })),
});

interface Row {
  /** A stranger's attempts; the ways in which the route could be led to the owner's data. */
  attempts: (() => Promise<LightMyRequestResponse>)[];
  /** Attempts that are answered with these instead of an empty 200. */
  refused?: (number | string)[];
  /** Of the attempts, where it is not 200. */
  status?: number;
  /** Where the owner finds something, for a route whose path has a parameter. */
  owners?: string;
}

/** The cursor of the owner's own list, whose keys hold the owner's ids. */
async function ownersCursor(path: string): Promise<string> {
  const { nextCursor, next_cursor = nextCursor } = await t.read<Json>(`${path}?limit=1`, OWNER);
  expect(next_cursor).toEqual(expect.any(String));
  return String(next_cursor);
}

let ownersReservation: string;
let ownersExport: { id: string; download_url: string };

async function ownersBudget(): Promise<string> {
  const { budgets } = await t.read<{ budgets: { id: string }[] }>('budgets', OWNER);
  return budgets[0]!.id;
}

async function ownersAlert(): Promise<string> {
  const { alerts } = await t.read<{ alerts: { id: string }[] }>('alerts', OWNER);
  return alerts[0]!.id;
}

async function ownersPrice(): Promise<string> {
  const { prices } = await t.read<{ prices: { id: string }[] }>('prices', OWNER);
  return prices[0]!.id;
}

async function ownersDashboard(): Promise<string> {
  const { dashboards } = await t.read<{ dashboards: { id: string }[] }>('dashboards', OWNER);
  return dashboards[0]!.id;
}

async function ownersItem(): Promise<string> {
  const { cost_items } = await t.read<{ cost_items: { id: string }[] }>('cost-items', OWNER);
  return cost_items[0]!.id;
}

async function ownersRecommendation(): Promise<string> {
  const { recommendations } = await t.read<{ recommendations: { id: string }[] }>(
    'costs/recommendations',
    OWNER,
  );
  return recommendations[0]!.id;
}
const DASHBOARD = {
  name: 'Mine',
  widgets: [{ type: 'pie', title: 'Pie', metric: 'api_calls', group_by: ['agent'] }],
};

const ownersReport = (): string => `reports/${ownersReportId}`;
let ownersReportId: string;
let ownersRunId: string;
const COST_ITEM = { category: 'storage', amount_usd: 1, start_date: '2026-03-01', end_date: '2026-03-02' };

const CHANNEL = { type: 'email', config: { to: ['mine@example.org'] } };
/** Live figures, which end with the token. */
const brieflyListening = async (): Promise<LightMyRequestResponse> => {
  const scopes: Scope[] = ['analytics:read'];
  const token = await signToken({
    ...{ secret: SECRET, tenantId: STRANGER, subject: 'tests', scopes, lifetimeSeconds: 2 },
  });
  return t.get('live', { token });
};

const get = (path: string) => () => t.get(path, STRANGER);
const query = (body: object) => () => t.post('query', body, STRANGER);
const ADMIN: readonly Scope[] = ['analytics:read', 'analytics:write', 'analytics:admin'];
const change = (method: 'PUT' | 'PATCH' | 'DELETE' | 'POST', path: string, payload?: object) => async () =>
  t.app.inject({
    method,
    url: `/api/v1/analytics/${path}`,
    headers: await t.headers({ tenant: STRANGER, scopes: ADMIN }),
    ...(payload && { payload }),
  });
const PRICE = {
  provider: 'p',
  model_name: 'm',
  effective_from: '2026-03-01',
  input_usd_per_mtok: 1,
  output_usd_per_mtok: 1,
};
const ALERT = {
  name: 'Errors',
  condition: {
    metric: 'api_calls',
    operator: 'greater_than',
    threshold: 1,
    window: '1h',
    group_by: ['agent'],
  },
};
const WITH_AGENT = ['owners-agent', 'owners-other-agent'];

const READS: Record<string, Row> = {
  'GET tokens': { attempts: [get('tokens'), get('tokens?days=90')] },
  'GET agents/activity': { attempts: [get('agents/activity'), get('agents/activity?from=2026-03-01')] },
  'GET agents': {
    attempts: [get('agents'), async () => t.get(`agents?cursor=${await ownersCursor('agents')}`, STRANGER)],
  },
  'GET usage-summary': { attempts: [get('usage-summary')] },
  'GET agent-activity': {
    attempts: [
      get('agent-activity'),
      async () => t.get(`agent-activity?cursor=${await ownersCursor('agent-activity')}`, STRANGER),
    ],
  },
  'GET token-trends': { attempts: [get('token-trends'), get('token-trends?granularity=week')] },
  'GET credential-rotations': {
    attempts: [
      get('credential-rotations'),
      async () =>
        t.get(`credential-rotations?cursor=${await ownersCursor('credential-rotations')}`, STRANGER),
    ],
  },
  'GET call-patterns': { attempts: [get('call-patterns'), get('call-patterns?limit=1001')] },
  'GET catalog': { attempts: [get('catalog')] },
  'GET dimensions/:dimension/values': {
    attempts: ['agent', 'endpoint', 'statusCode', 'statusClass'].flatMap((name) => [
      get(`dimensions/${name}/values`),
      get(`dimensions/${name}/values?search=own*`),
      get(`dimensions/${name}/values?search=2`),
    ]),
  },
  'GET directory/agents': {
    attempts: [
      get('directory/agents'),
      get('directory/agents?search=owner'),
      get('directory/agents?tag=owners-tag'),
      async () => t.get(`directory/agents?cursor=${await ownersCursor('directory/agents')}`, STRANGER),
    ],
  },
  'PUT directory/agents/:id': {
    attempts: [change('PUT', 'directory/agents/some-agent', { name: 'Mine' })],
  },
  'DELETE directory/agents/:id': {
    attempts: [change('DELETE', 'directory/agents/owners-agent-2')],
    refused: [404, 'AGENT_NOT_FOUND'],
  },
  'GET directory/users': {
    attempts: [
      get('directory/users'),
      get('directory/users?search=owner'),
      async () => t.get(`directory/users?cursor=${await ownersCursor('directory/users')}`, STRANGER),
    ],
  },
  'PUT directory/users/:id': { attempts: [change('PUT', 'directory/users/some-user', { name: 'Mine' })] },
  'DELETE directory/users/:id': {
    attempts: [change('DELETE', 'directory/users/nobody')],
    refused: [404, 'NOT_FOUND'],
  },
  'GET summary': { attempts: [get('summary')] },
  'GET agents/:id/metrics': {
    attempts: [get('agents/owners-agent-2/metrics')],
    refused: [404, 'AGENT_NOT_FOUND'],
    owners: 'agents/owners-agent/metrics',
  },
  'GET agents/:id/errors': {
    attempts: [get('agents/owners-agent-2/errors')],
    refused: [404, 'AGENT_NOT_FOUND'],
    owners: 'agents/owners-agent/errors',
  },
  'GET agents/compare': {
    attempts: [get('agents/compare?agent_ids=owners-agent-2,nobody&metrics=cost')],
    refused: [404, 'AGENT_NOT_FOUND'],
    owners: 'agents/compare?agent_ids=owners-agent,owners-other-agent&metrics=cost',
  },
  'GET usage': { attempts: [get('usage')] },
  'GET tokens/usage': { attempts: [get('tokens/usage')] },
  'GET tools': { attempts: [get('tools')] },
  'GET team': { attempts: [get('team'), get(`team?org_id=${STRANGER}`)] },
  'GET users/activity': {
    attempts: [
      get('users/activity'),
      async () => t.get(`users/activity?cursor=${await ownersCursor('users/activity')}`, STRANGER),
    ],
  },
  'GET costs': { attempts: [get('costs')] },
  'GET costs/trends': {
    attempts: ['agent', 'model', 'environment'].map((group) => get(`costs/trends?group_by=${group}`)),
  },
  'GET costs/recommendations': {
    attempts: ['', '?period=7d', '?period=90d'].map((period) => get(`costs/recommendations${period}`)),
  },
  'POST costs/recommendations/:id/dismiss': {
    attempts: [
      async () => change('POST', `costs/recommendations/${await ownersRecommendation()}/dismiss`, {})(),
    ],
    refused: [404, 'NOT_FOUND'],
  },
  'GET cost-items': { attempts: [get('cost-items')] },
  'POST cost-items': { attempts: [change('POST', 'cost-items', COST_ITEM)], status: 201 },
  'PATCH cost-items/:id': {
    attempts: [async () => change('PATCH', `cost-items/${await ownersItem()}`, { amount_usd: 1 })()],
    refused: [404, 'NOT_FOUND'],
  },
  'DELETE cost-items/:id': {
    attempts: [async () => change('DELETE', `cost-items/${await ownersItem()}`)()],
    refused: [404, 'NOT_FOUND'],
  },
  'GET jobs': { attempts: [get('jobs')] },
  'GET overview': { attempts: [get('overview'), get('overview?period=24h')] },
  'GET costs/summary': { attempts: [get('costs/summary')] },
  'GET costs/forecast': { attempts: [get('costs/forecast')] },
  'GET comparison/models': { attempts: [get('comparison/models')] },
  'GET agents/:id/stats': {
    attempts: [get('agents/owners-agent-2/stats'), get('agents/nobody/stats')],
    refused: [404, 'AGENT_NOT_FOUND'],
    owners: 'agents/owners-agent/stats',
  },
  'GET executions': {
    attempts: [
      get('executions'),
      get('executions?agent_id=owners-agent'),
      get('executions?q=owner'),
      get('executions?sort_by=cost_usd&page=1'),
    ],
  },
  'GET executions/:id': {
    attempts: [get(`executions/${EXECUTION}`)],
    refused: [404, 'EXECUTION_NOT_FOUND'],
    owners: `executions/${EXECUTION}`,
  },
  'GET sessions': {
    attempts: [get('sessions'), get('sessions?agent_id=owners-agent&user_id=owners-user')],
  },
  'GET sessions/metrics': {
    attempts: [get('sessions/metrics'), get('sessions/metrics?agent_id=owners-agent')],
  },
  'GET sessions/flows': {
    attempts: [
      get('sessions/flows'),
      get('sessions/flows?of=agents'),
      get('sessions/flows?agent_id=owners-agent'),
    ],
  },
  'GET sessions/dropoff': {
    attempts: [get('sessions/dropoff'), get('sessions/dropoff?agent_id=owners-agent')],
  },
  'GET sessions/funnel': {
    attempts: [
      get('sessions/funnel?steps=thought,final_answer'),
      get('sessions/funnel?steps=thought,final_answer&agent_id=owners-agent'),
    ],
    owners: 'sessions/funnel?steps=owners-tool,final_answer',
  },
  'GET dashboards': { attempts: [get('dashboards')] },
  'POST dashboards': { attempts: [change('POST', 'dashboards', DASHBOARD)], status: 201 },
  'GET dashboards/:id': {
    attempts: [async () => t.get(`dashboards/${await ownersDashboard()}`, STRANGER)],
    refused: [404, 'NOT_FOUND'],
    owners: 'dashboards',
  },
  'PUT dashboards/:id': {
    attempts: [async () => change('PUT', `dashboards/${await ownersDashboard()}`, DASHBOARD)()],
    refused: [404, 'NOT_FOUND'],
  },
  'DELETE dashboards/:id': {
    attempts: [async () => change('DELETE', `dashboards/${await ownersDashboard()}`)()],
    refused: [404, 'NOT_FOUND'],
  },
  'GET dashboards/:id/data': {
    attempts: [async () => t.get(`dashboards/${await ownersDashboard()}/data`, STRANGER)],
    refused: [404, 'NOT_FOUND'],
    owners: 'dashboards',
  },
  'GET dashboards/:id/grafana': {
    attempts: [async () => t.get(`dashboards/${await ownersDashboard()}/grafana`, STRANGER)],
    refused: [404, 'NOT_FOUND'],
    owners: 'dashboards',
  },
  'POST dashboards/:id/publish': {
    attempts: [async () => change('POST', `dashboards/${await ownersDashboard()}/publish`)()],
    refused: [404, 'NOT_FOUND'],
  },
  'GET live': { attempts: [brieflyListening], owners: 'summary' },
  'GET budgets': { attempts: [get('budgets')] },
  'GET budgets/:id': {
    attempts: [async () => t.get(`budgets/${await ownersBudget()}`, STRANGER)],
    refused: [404, 'BUDGET_NOT_FOUND'],
    owners: 'budgets',
  },
  'POST budgets': { attempts: [change('POST', 'budgets', { threshold_usd: 1 })], status: 201 },
  'PATCH budgets/:id': {
    attempts: [async () => change('PATCH', `budgets/${await ownersBudget()}`, { threshold_usd: 1 })()],
    refused: [404, 'BUDGET_NOT_FOUND'],
  },
  'DELETE budgets/:id': {
    attempts: [async () => change('DELETE', `budgets/${await ownersBudget()}`)()],
    refused: [404, 'BUDGET_NOT_FOUND'],
  },
  'GET alerts': { attempts: [get('alerts'), get('alerts?state=firing')] },
  'GET alerts/templates': { attempts: [get('alerts/templates')] },
  'GET alerts/events': { attempts: [get('alerts/events'), get('alerts/events?from=2026-03-01T00:00:00Z')] },
  'GET alerts/:id': {
    attempts: [async () => t.get(`alerts/${await ownersAlert()}`, STRANGER)],
    refused: [404, 'NOT_FOUND'],
    owners: 'alerts',
  },
  'GET alerts/:id/events': {
    attempts: [async () => t.get(`alerts/${await ownersAlert()}/events`, STRANGER)],
    refused: [404, 'NOT_FOUND'],
    owners: 'alerts/events',
  },
  'POST alerts': { attempts: [change('POST', 'alerts', ALERT)], status: 201 },
  'POST alerts/:id/test': {
    attempts: [async () => change('POST', `alerts/${await ownersAlert()}/test`)()],
    refused: [404, 'NOT_FOUND'],
  },
  'PATCH alerts/:id': {
    attempts: [async () => change('PATCH', `alerts/${await ownersAlert()}`, { is_active: false })()],
    refused: [404, 'NOT_FOUND'],
  },
  'DELETE alerts/:id': {
    attempts: [async () => change('DELETE', `alerts/${await ownersAlert()}`)()],
    refused: [404, 'NOT_FOUND'],
  },
  // The owner's budget is a hard stop that nothing fits into any more.
  'POST budgets/reservations': {
    attempts: [change('POST', 'budgets/reservations', { agent_id: 'some-agent', estimated_cost_usd: 0.5 })],
    status: 201,
  },
  'DELETE budgets/reservations/:id': {
    attempts: [async () => change('DELETE', `budgets/reservations/${ownersReservation}`)()],
    refused: [404, 'NOT_FOUND'],
  },
  'GET channels': {
    attempts: [
      get('channels'),
      async () => t.get(`channels?cursor=${await ownersCursor('channels')}`, STRANGER),
    ],
  },
  'GET channels/:name': {
    attempts: [get('channels/secret-channel')],
    refused: [404, 'NOT_FOUND'],
    owners: 'channels/secret-channel',
  },
  // The owner has a channel of this name too.
  'POST channels': { attempts: [change('POST', 'channels', { ...CHANNEL, name: 'shared' })], status: 201 },
  'POST channels/:name/test': {
    attempts: [change('POST', 'channels/secret-channel/test')],
    refused: [404, 'NOT_FOUND'],
  },
  'PATCH channels/:name': {
    attempts: [change('PATCH', 'channels/secret-channel', { config: { to: ['x@example.org'] } })],
    refused: [404, 'NOT_FOUND'],
  },
  'DELETE channels/:name': {
    attempts: [change('DELETE', 'channels/secret-channel')],
    refused: [404, 'NOT_FOUND'],
  },
  'GET export': {
    attempts: DATASET_NAMES.flatMap((dataset) =>
      FORMAT_NAMES.map((format) => get(`export?dataset=${dataset}&format=${format}`)),
    ),
  },
  'POST export': {
    attempts: [
      () => t.post('export', { datasets: DATASET_NAMES }, STRANGER),
      () => t.post('export', { datasets: ['executions'], filters: { agent_ids: WITH_AGENT } }, STRANGER),
    ],
    status: 202,
  },
  'GET export/:id': {
    attempts: [() => t.get(`export/${ownersExport.id}`, STRANGER)],
    refused: [404, 'NOT_FOUND'],
    owners: 'export',
  },
  // The link of the owner with the stranger as its tenant.
  'GET export/:id/download': {
    attempts: [
      () => {
        const url = new URL(ownersExport.download_url);
        url.searchParams.set('tenant', STRANGER);
        return t.get(`${url.pathname}${url.search}`, STRANGER);
      },
    ],
    refused: [403, 'FORBIDDEN'],
    owners: 'export',
  },
  'GET audit': {
    attempts: ['', '?resource=budget', '?resource=price&action=create&limit=1'].map(
      (query) => () => t.get(`audit${query}`, { tenant: STRANGER, scopes: ['analytics:admin'] }),
    ),
    owners: 'budgets',
  },
  'GET reports': { attempts: [get('reports')] },
  'POST reports': {
    attempts: [
      change('POST', 'reports', { template: 'cost_report', filters: { agent_ids: ['some-agent'] } }),
    ],
    status: 201,
  },
  'GET reports/:id': {
    attempts: [async () => get(ownersReport())()],
    refused: [404, 'NOT_FOUND'],
    owners: 'reports',
  },
  'PATCH reports/:id': {
    attempts: [async () => change('PATCH', ownersReport(), { name: 'Mine' })()],
    refused: [404, 'NOT_FOUND'],
  },
  'DELETE reports/:id': {
    attempts: [async () => change('DELETE', ownersReport())()],
    refused: [404, 'NOT_FOUND'],
  },
  'POST reports/:id/run': {
    attempts: [async () => change('POST', `${ownersReport()}/run`)()],
    refused: [404, 'NOT_FOUND'],
  },
  'GET reports/:id/runs': {
    attempts: [async () => get(`${ownersReport()}/runs`)()],
    refused: [404, 'NOT_FOUND'],
    owners: 'reports',
  },
  'GET reports/:id/runs/:run': {
    attempts: ['json', 'html', 'csv'].map(
      (format) => async () => get(`${ownersReport()}/runs/${ownersRunId}?format=${format}`)(),
    ),
    refused: [404, 'NOT_FOUND'],
    owners: 'reports',
  },
  'GET reports/templates': { attempts: [get('reports/templates')] },
  'GET reports/preview': {
    attempts: [
      ...TEMPLATE_NAMES.map((template) => get(`reports/preview?template=${template}&period=30d`)),
      get('reports/preview?metrics=api_calls,executions&group_by=agent&period=30d'),
    ],
  },
  'GET prices': { attempts: [get('prices')] },
  'GET prices/resolve': {
    attempts: [
      get('prices/resolve?model_name=shared-model'),
      get('prices/resolve?provider=acme&model_name=shared-model'),
    ],
    owners: 'prices/resolve?model_name=shared-model',
  },
  'PUT prices': { attempts: [change('PUT', 'prices', PRICE)] },
  'DELETE prices/:id': {
    attempts: [async () => change('DELETE', `prices/${await ownersPrice()}`)()],
    refused: [404, 'NOT_FOUND'],
  },
  'POST query': {
    attempts: [
      query(reaching({ dimension: 'agent', operator: 'in', values: WITH_AGENT })),
      query(reaching({ dimension: 'agent', operator: 'notIn', values: [] })),
      query(reaching({ dimension: 'agent', operator: 'matches', values: ['*'] })),
      query(reaching({ dimension: 'agent', operator: 'matches', values: ['owners secret bot'] })),
      query({
        range: RANGE,
        queries: [{ refId: 'A', metric: 'api_calls', groupBy: ['endpoint', 'statusCode'] }],
      }),
    ],
  },
};

const AT_THE_ROOT: Record<string, Row> = {
  'POST /api/v1/events': { attempts: [() => t.post('/api/v1/events', { events: OWNERS_EVENTS }, STRANGER)] },
  'POST /api/v1/executions': {
    attempts: [
      () =>
        t.post(
          '/api/v1/executions',
          { executions: [{ ...OWNERS_EXECUTIONS[0], status: 'success' }] },
          'imitator',
        ),
    ],
  },
  'POST /api/v1/executions/:id/steps': {
    attempts: [
      () =>
        t.post(
          `/api/v1/executions/${EXECUTION}/steps`,
          { steps: [{ step_number: 1, step_type: 'thought' }] },
          STRANGER,
        ),
    ],
    refused: [404, 'EXECUTION_NOT_FOUND'],
  },
  'POST /api/v1/executions/:id/token-usages': {
    attempts: [
      () =>
        t.post(
          `/api/v1/executions/${EXECUTION}/token-usages`,
          { token_usages: [{ component: 'x' }] },
          STRANGER,
        ),
    ],
    refused: [404, 'EXECUTION_NOT_FOUND'],
  },
  'POST /v1/traces': {
    attempts: [
      () =>
        t.post(
          '/v1/traces',
          {
            resourceSpans: [
              {
                scopeSpans: [
                  {
                    spans: [
                      {
                        // The trace that would be the owner's execution.
                        traceId: EXECUTION.replaceAll('-', ''),
                        spanId: '00f067aa0ba902b7',
                        name: 'chat gpt-4o',
                        startTimeUnixNano: '1773820800000000000',
                        endTimeUnixNano: '1773820801000000000',
                        attributes: [{ key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }],
                      },
                    ],
                  },
                ],
              },
            ],
          },
          'imitator',
        ),
    ],
  },
  'POST /v1/logs': { attempts: [() => t.post('/v1/logs', { resourceLogs: [] }, STRANGER)] },
  'POST /v1/metrics': { attempts: [() => t.post('/v1/metrics', { resourceMetrics: [] }, STRANGER)] },
  'GET /metrics/tenant': { attempts: [get('/metrics/tenant')] },
  'GET /metrics/tenants': { attempts: [get('/metrics/tenants')], refused: [401, 'UNAUTHORIZED'] },
  'GET /metrics': { attempts: [get('/metrics')] },
  'GET /health/live': { attempts: [get('/health/live')] },
  'GET /health/ready': { attempts: [get('/health/ready')] },
  'GET /openapi.json': { attempts: [get('/openapi.json')] },
};

/** Static files and the document that they show. */
const isDocumentation = (route: string): boolean => /^GET \/docs(\/|$)/.test(route);

const TABLE: Record<string, Row> = {
  ...AT_THE_ROOT,
  ...Object.fromEntries(
    Object.entries(READS).flatMap(([route, row]) =>
      ANALYTICS_PREFIXES.map((prefix) => [route.replace(' ', ` ${prefix}/`), row]),
    ),
  ),
};

beforeAll(async () => {
  t = await testApp({
    env: { CACHE_ENABLED: 'true', METRICS_TOKEN: 'prometheus-token' },
    onRoute: ({ method, url }) => {
      for (const one of [method].flat()) if (one !== 'HEAD') registered.add(`${one} ${url}`);
    },
  });
  await t.send(OWNER, OWNERS_EVENTS);
  const { accepted } = (
    await t.post('/api/v1/executions', { executions: [...OWNERS_EXECUTIONS, OWNERS_OTHER_EXECUTION] }, OWNER)
  ).json<Json>();
  expect(accepted).toBe(2);
  const price = { ...PRICE, provider: 'owners-provider', model_name: 'owners-model' };
  const headers = await t.headers({ tenant: OWNER, scopes: ADMIN });
  const shared = { ...PRICE, provider: 'acme', model_name: 'shared-model', input_usd_per_mtok: 77_011 };
  for (const payload of [price, shared]) {
    await t.app.inject({ method: 'PUT', url: '/api/v1/analytics/prices', headers, payload });
  }
  const make = (path: string, payload: object) =>
    t.app.inject({ method: 'POST', url: `/api/v1/analytics/${path}`, headers, payload });
  const held = await make('budgets/reservations', { agent_id: 'owners-agent', estimated_cost_usd: 77_009 });
  ownersReservation = String(held.json<Json>().id);
  const budget = { name: 'Owners budget', threshold_usd: 77_010, alert_type: 'hard_stop' };
  expect((await make('budgets', budget)).statusCode).toBe(201);
  expect((await make('alerts', { ...ALERT, name: 'Owners alert' })).statusCode).toBe(201);
  const item = { ...COST_ITEM, amount_usd: 77_012, agent_id: 'owners-agent', description: 'Owners disk' };
  expect((await make('cost-items', item)).statusCode).toBe(201);
  for (const name of ['secret-channel', 'shared']) {
    const to = ['owner@example.org'];
    expect((await make('channels', { name, type: 'email', config: { to } })).statusCode).toBe(201);
  }
  expect((await make('dashboards', { ...DASHBOARD, name: 'Owners wall' })).statusCode).toBe(201);
  // It never runs, so that there is something to recommend.
  const idle = { ...COST_ITEM, amount_usd: 77_013, agent_id: 'owners-idle-agent' };
  expect((await make('cost-items', idle)).statusCode).toBe(201);
  await t.rollup();
  ownersExport = await exported(t, OWNER, { datasets: DATASET_NAMES });
  const report = { name: 'Owners report', template: 'executive_summary', filters: { period: '30d' } };
  ownersReportId = String((await make('reports', report)).json<Json>().id);
  ownersRunId = String((await make(`${ownersReport()}/run`, {})).json<Json>().id);
  await t.services.reportRunner.runDue();
  const run = await t.get(`${ownersReport()}/runs/${ownersRunId}?format=html`, OWNER);
  expect(run.body).toMatch(SECRETS);
});
afterAll(() => t.close());

describe('the table of routes', () => {
  it('holds every route that the app registers, and no other', () => {
    expect([...registered].filter((route) => !isDocumentation(route)).sort()).toEqual(
      Object.keys(TABLE).sort(),
    );
  });
});

describe('an export of a stranger', () => {
  it('has nothing of the owner', async () => {
    for (const format of FORMAT_NAMES) {
      const file = await download(t, await exported(t, STRANGER, { datasets: ['executions'], format }));
      expect(file.toString('latin1')).not.toMatch(SECRETS);
      expect((await download(t, await exported(t, OWNER, { format }))).toString('latin1')).toMatch(SECRETS);
    }
  });
});

describe('a stranger', () => {
  // The owner asks first, so that an answer kept for the wrong tenant would be found.
  beforeAll(async () => {
    const asOwner = async (path: string): Promise<void> =>
      expect((await t.get(path, OWNER)).statusCode).toBe(200);
    for (const [route, { owners }] of Object.entries(READS).filter(([name]) => name.startsWith('GET'))) {
      await asOwner(owners ?? route.slice('GET '.length).replace(':dimension', 'agent'));
    }
    await asOwner('dimensions/agent/values?search=own*');
    const filter = { dimension: 'agent', operator: 'in', values: WITH_AGENT };
    const { body } = await t.post('query', reaching(filter), OWNER);
    expect(body).toMatch(SECRETS);
  });

  it.each(Object.keys({ ...READS, ...AT_THE_ROOT }))('at %s sees nothing of the owner', async (route) => {
    const { attempts, refused: refusal, status = 200 } = { ...READS, ...AT_THE_ROOT }[route]!;
    for (const attempt of attempts) {
      const response = await attempt();
      if (refusal !== undefined) expect(refusalOf(response)).toEqual(refusal);
      else expect([response.statusCode, response.body.slice(0, 200)]).toEqual([status, expect.anything()]);
      // What the stranger has named itself is told again: the id of what is not found.
      expect(response.body.replaceAll('owners-agent-2', '')).not.toMatch(SECRETS);
      expect(JSON.stringify(response.headers)).not.toMatch(SECRETS);
    }
  });

  it.each(['agents/activity', 'agent-activity'])(
    'at GET %s cannot tell the owner’s agent from none',
    async (path) => {
      const [theirs, nobodys] = await Promise.all([
        get(`${path}?agentId=owners-agent-2`)(),
        get(`${path}?agentId=nobody`)(),
      ]);
      const asked = await t.get(`${path}?agentId=owners-other-agent`, 'another-stranger');
      expect(refusalOf(asked)).toEqual([404, 'AGENT_NOT_FOUND']);
      expect(asked.json<Json>().message).toBe(
        nobodys.json<{ message: string }>().message.replace('nobody', 'owners-other-agent'),
      );
      expect(refusalOf(theirs)).toEqual(refusalOf(nobodys));
    },
  );

  it.each(['tenantId', 'tenant', 'organization_id', 'tenant_id'])(
    'cannot name a tenant by %s',
    async (name) => {
      expect(refusalOf(await get(`usage-summary?${name}=${OWNER}`)())).toEqual([400, 'VALIDATION_ERROR']);
      const event = { metricType: 'api_calls', [name]: OWNER };
      const { rejected } = outcomeOf<{ rejected: unknown[] }>(
        await t.post('/api/v1/events', { events: [event] }, STRANGER),
      );
      expect(rejected).toHaveLength(1);
      for (const body of [
        { events: [], [name]: OWNER },
        { events: [event], [name]: OWNER },
      ]) {
        expect(refusalOf(await t.post('/api/v1/events', body, STRANGER))).toEqual([400, 'VALIDATION_ERROR']);
      }
    },
  );

  it('changes nothing of the owner by sending the same events, agents and names', async () => {
    const before = await Promise.all([t.read('usage-summary', OWNER), t.read('agent-activity', OWNER)]);
    const stolen = OWNERS_EVENTS.map((event) => ({ ...event, agentName: 'Renamed', count: 5 }));
    await t.sendAndRollup('thief', stolen);
    // Past the cache, which would hide a change.
    const fresh = await testApp({ database: t.database });
    const after = await Promise.all([
      fresh.read('usage-summary', OWNER),
      fresh.read('agent-activity', OWNER),
    ]);
    expect((await fresh.read<Json>(`executions/${EXECUTION}`, OWNER)).status).toBe('failure');
    expect(after).toEqual(before);
    expect((await fresh.read<{ summary: Json }>('usage-summary', 'thief')).summary.totalApiCalls).toBe(10);
    await fresh.close();
  });

  it('is told apart from a tenant whose id begins or ends with its own', async () => {
    for (const tenant of [`${OWNER}:x`, `${OWNER}-`, 'owner', OWNER.toUpperCase(), `${OWNER}%`]) {
      expect(await t.read('usage-summary', tenant)).toMatchObject({
        tenantId: tenant,
        summary: { totalApiCalls: 0 },
      });
    }
  });
});
