/**
 * Requests of a Grafana viewer through the data proxy: only the routes of plugin.json can be called with the data source's
 * token. A recorder in front of the exporter records the requests that arrive.
 */
import { readFileSync } from 'node:fs';
import { request as send } from 'node:http';

import { type Recorder, startRecorder } from './support/recorder.js';
import { expect, PLUGIN, setting, test, VIEWER } from './support/test.js';

const { routes } = JSON.parse(
  readFileSync(new URL(import.meta.resolve('agentidp-analytics-datasource/plugin.json')), 'utf8'),
) as { routes: Array<{ path: string; method: string }> };

/** Requests of panels, by route. */
const QUESTIONS: Record<string, { path: string; data?: object }> = {
  'GET health/ready': { path: 'health/ready' },
  'GET token/api/v1/analytics/catalog': { path: 'token/api/v1/analytics/catalog' },
  'GET token/api/v1/analytics/dimensions': { path: 'token/api/v1/analytics/dimensions/agent/values?limit=2' },
  'POST token/api/v1/analytics/query': {
    path: 'token/api/v1/analytics/query',
    data: {
      range: { from: '2026-03-01T00:00:00Z', to: '2026-03-02T00:00:00Z' },
      queries: [{ refId: 'A', metric: 'api_calls', interval: 'none' }],
    },
  },
  'GET token/api/v1/analytics/jobs': { path: 'token/api/v1/analytics/jobs' },
  'GET token/api/v1/analytics/executions': { path: 'token/api/v1/analytics/executions?page_size=1' },
  'GET token/api/v1/analytics/budgets': { path: 'token/api/v1/analytics/budgets' },
  'GET token/api/v1/analytics/alerts': { path: 'token/api/v1/analytics/alerts' },
  'GET token/api/v1/analytics/costs/forecast': { path: 'token/api/v1/analytics/costs/forecast' },
  'GET token/api/v1/analytics/sessions': { path: 'token/api/v1/analytics/sessions/flows?limit=2' },
  'GET token/api/v1/analytics/tools': { path: 'token/api/v1/analytics/tools' },
  'GET token/api/v1/analytics/team': { path: 'token/api/v1/analytics/team' },
  'GET token/api/v1/analytics/users/activity': { path: 'token/api/v1/analytics/users/activity' },
  'GET token/api/v1/analytics/agents/compare': {
    path: 'token/api/v1/analytics/agents/compare?agent_ids=billing-reconciler,invoice-matcher',
  },
  'GET token/api/v1/analytics/costs/recommendations': {
    path: 'token/api/v1/analytics/costs/recommendations',
  },
  'GET token/api/v1/analytics/reports': { path: 'token/api/v1/analytics/reports' },
};

/** Never ends, so it is not among the others. */
const LIVE = 'GET token/api/v1/analytics/live';

/** Requests that Grafana itself rejects. */
const STOPPED = [
  'POST api/v1/events',
  'POST token/api/v1/events',
  'POST /token/api/v1/events',
  'POST //api/v1/events',
  'POST api//v1/events',
  'POST token//api/v1/events',
  'POST token/api/v1/analytics/../events',
  'POST token/api/v1/analytics/query/../../events',
  'POST token/api/v1/analytics/query//../../../events',
  'DELETE token/api/v1/analytics/query',
  'DELETE token/api/v1/analytics/catalog',
  'PUT token/api/v1/analytics/query',
  'PATCH token/api/v1/analytics/query',
  'GET token/api/v1/analytics/query',
  'POST token/api/v1/analytics/catalog',
  'POST token/api/v1/analytics/dimensions/agent/values',
  'POST token/api/v1/executions',
  'POST token/api/v1/analytics/executions',
  'POST token/api/v1/analytics/budgets',
  'POST token/api/v1/analytics/budgets/reservations',
  'PATCH token/api/v1/analytics/budgets/018f0000-0000-7000-8000-000000000000',
  'DELETE token/api/v1/analytics/budgets/018f0000-0000-7000-8000-000000000000',
  'POST token/api/v1/analytics/costs/recommendations/1/dismiss',
  'POST token/api/v1/analytics/alerts',
  'POST token/api/v1/analytics/alerts/018f0000-0000-7000-8000-000000000000/test',
  'PATCH token/api/v1/analytics/alerts/018f0000-0000-7000-8000-000000000000',
  'POST token/api/v1/analytics/reports',
  'POST token/api/v1/analytics/reports/018f0000-0000-7000-8000-000000000000/run',
  'POST token/api/v1/analytics/live',
  'GET token/api/v1/analytics/channels',
  'GET token/api/v1/analytics/dashboards',
  'POST token/api/v1/analytics/export',
  'PUT token/api/v1/analytics/prices',
  'GET token/api/v1/analytics/prices',
  'GET token/api/v1/analytics/export',
  'GET token/api/v1/analytics/overview',
  'GET token/api/v1/analytics/costs/summary',
  'GET token/api/v1/analytics/budgets/../prices',
  'GET token/api/v1/analytics/usage-summary',
  'GET token/api/v1/analytics/catalog/../usage-summary',
  'GET token/api/v1/analytics/dimensions/agent/values/../../../tokens',
  'GET metrics',
  'GET metrics/tenants',
  'GET token/metrics/tenant',
  'GET token/metrics/tenants',
  'GET health/ready/../../metrics/tenants',
  'GET token/api/v1/analytics/jobs/../../../../metrics/tenants',
  'GET ',
];

/** Requests that arrive unchanged at the exporter, which has no such route and returns 404 or 403. */
const UNKNOWN = [
  'POST token/api/v1/analytics/queryx',
  'POST token/api/v1/analytics/query/%2e%2e/%2e%2e/events',
  'POST token/api/v1/analytics/query%2f..%2f..%2fevents',
  'POST token/api/v1/analytics/query/..%2f..%2fevents',
  'POST token/api/v1/analytics/query%5c..%5c..%5cevents',
  'POST token/api/v1/analytics/query%252f..%252f..%252fevents',
  'POST token/api/v1/analytics/query/..;/..;/events',
  'POST token/api//v1/analytics/query',
  'GET token/api/v1/analytics/catalog/%2e%2e/usage-summary',
  'GET token/api/v1/analytics/catalog%2f..%2fusage-summary',
  'GET token/api/v1/analytics/dimensions/%2e%2e%2fusage-summary',
  'GET token/api/v1/analytics/dimensions//agent/values',
  'GET token/api/v1/analytics/executionsx',
  'GET token/api/v1/analytics/executions/%2e%2e%2fprices',
  'GET token/api/v1/analytics/budgets%2f..%2fprices',
  'GET token/api/v1/analytics/costs/forecast/%2e%2e/summary',
  'GET token/api/v1/analytics/agents/comparex',
  'GET token/api/v1/analytics/users/activity/%2e%2e/%2e%2e/export',
  'GET health/readyx',
];

const MADE_UP = 'made-up-by-a-viewer';
const EVENTS = { events: [{ metricType: 'api_calls', agentId: MADE_UP }] };

let recorder: Recorder;
let uid: string;

test.beforeEach(async ({ baseURL }) => {
  const upstream = setting('ANALYTICS_URL');
  test.skip(
    !isLoopback(baseURL) || !isLoopback(upstream),
    'Grafana or the exporter runs elsewhere, where nothing on this machine can stand between them',
  );
  recorder = await startRecorder(upstream);
});
// Also runs after a skipped test, so it must not need a Grafana, as the API client of plugin-e2e does.
test.afterEach(async ({ request }) => {
  if (uid) await request.delete(`/api/datasources/uid/${uid}`);
  await recorder?.stop();
});

const isLoopback = (url = ''): boolean => ['127.0.0.1', 'localhost'].includes(new URL(url).hostname);

const dataSource = (token: string) => ({
  name: 'Recorded',
  type: PLUGIN,
  jsonData: { url: recorder.url, authMethod: 'token' },
  secureJsonData: { token },
});

test('a viewer can call exactly the routes that panels need', async ({ viewer, createDataSource }) => {
  ({ uid } = await createDataSource(dataSource(setting('ANALYTICS_TOKEN'))));
  for (const [route, { path, data }] of Object.entries(QUESTIONS)) {
    const [method] = route.split(' ');
    const answer = await viewer.fetch(`/api/datasources/proxy/uid/${uid}/${path}`, { method, data });
    expect([route, answer.status()]).toEqual([route, 200]);
  }
  expect(recorder.seen.map(({ target }) => target.split('?')[0])).toEqual([
    '/health/ready',
    '/api/v1/analytics/catalog',
    '/api/v1/analytics/dimensions/agent/values',
    '/api/v1/analytics/query',
    '/api/v1/analytics/jobs',
    '/api/v1/analytics/executions',
    '/api/v1/analytics/budgets',
    '/api/v1/analytics/alerts',
    '/api/v1/analytics/costs/forecast',
    '/api/v1/analytics/sessions/flows',
    '/api/v1/analytics/tools',
    '/api/v1/analytics/team',
    '/api/v1/analytics/users/activity',
    '/api/v1/analytics/agents/compare',
    '/api/v1/analytics/costs/recommendations',
    '/api/v1/analytics/reports',
  ]);
  // The readiness check does not require a token.
  const [ready, ...rest] = recorder.seen.map(({ authorization }) => authorization?.startsWith('Bearer '));
  expect(ready).toBeFalsy();
  expect(rest).toEqual(Array(rest.length).fill(true));
  // plugin.json has the same routes again for OAuth2, and no others.
  const named = routes.map(({ method, path }) => `${method} ${path.replace(/^oauth2\//, 'token/')}`);
  expect(new Set(named)).toEqual(new Set([...Object.keys(QUESTIONS), LIVE]));
});

test('a viewer can call nothing else with the token', async ({ viewer, createDataSource, baseURL }) => {
  // The token allows writing, so a request that reaches /events would succeed.
  const token = process.env.ANALYTICS_WRITE_TOKEN || setting('ANALYTICS_TOKEN');
  ({ uid } = await createDataSource(dataSource(token)));
  const ask = async (attempt: string): Promise<number> => {
    const [method = '', path = ''] = attempt.split(' ');
    return raw(baseURL, method, `/api/datasources/proxy/uid/${uid}/${path}`);
  };
  for (const attempt of STOPPED) {
    expect([attempt, await ask(attempt)]).toEqual([attempt, 502]);
    expect([attempt, recorder.seen]).toEqual([attempt, []]);
  }
  for (const attempt of UNKNOWN) {
    expect([attempt, [403, 404].includes(await ask(attempt))]).toEqual([attempt, true]);
  }
  expect(recorder.seen).toHaveLength(UNKNOWN.length);
  const allowed = routes.map(({ path }) => path.replace(/^(token|oauth2)/, '').replace(/^\/?/, '/'));
  for (const { target } of recorder.seen) {
    expect(allowed.some((path) => target.startsWith(path))).toBe(true);
  }
  const agents = await viewer.get(
    `/api/datasources/proxy/uid/agentidp-analytics/token/api/v1/analytics/dimensions/agent/values?search=${MADE_UP}`,
  );
  expect(await agents.json()).toEqual({ values: [] });
});

test('a viewer cannot read the token', async ({ viewer, createDataSource }) => {
  const token = setting('ANALYTICS_TOKEN');
  ({ uid } = await createDataSource(dataSource(token)));
  const settings = await (await viewer.get('/api/frontend/settings')).text();
  expect(settings).toContain('Recorded');
  expect(settings).not.toContain(token);
  const details = await (await viewer.get(`/api/datasources/uid/${uid}`)).text();
  expect(details).not.toContain(token);
});

/** Returns the status of a request whose path is sent unchanged. Client libraries would normalise it. */
function raw(baseURL = '', method: string, path: string): Promise<number> {
  const { hostname, port } = new URL(baseURL);
  const body = method === 'GET' ? '' : JSON.stringify(EVENTS);
  const headers = {
    authorization: `Basic ${Buffer.from(`${VIEWER.login}:${VIEWER.password}`).toString('base64')}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  return new Promise((answered, failed) => {
    send({ hostname, port, method, path, headers }, (answer) => {
      answer.resume().on('end', () => answered(answer.statusCode ?? 0));
    })
      .on('error', failed)
      .end(body);
  });
}
