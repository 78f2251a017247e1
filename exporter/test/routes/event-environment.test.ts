/** The deployment environment of events: a field, a dimension of their metrics, and its values. */
import { rowsOf, testApp, type Json, type TestApp } from '../support/app.js';
import { call, issued } from '../support/events.js';
import { execution } from '../support/executions.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const AT = '2026-03-18T09:00:00Z';
const RANGE = { from: '2026-03-18T00:00:00Z', to: '2026-03-19T00:00:00Z' };
const EVENTS = [
  call(AT, { agentId: 'a', endpoint: 'GET /x', status: 500, durationMs: 100, environment: 'production' }),
  call(AT, { agentId: 'a', endpoint: 'GET /x', status: 200, durationMs: 300, environment: 'production' }),
  call(AT, { agentId: 'b', endpoint: 'GET /x', status: 200, durationMs: 5, environment: 'staging' }),
  call(AT, { agentId: 'b', endpoint: 'GET /y', status: 429, count: 4 }),
  issued(AT, { agentId: 'a', environment: 'production' }),
];

const byEnvironment = (rows: Record<string, unknown>[]): Record<string, unknown> =>
  Object.fromEntries(rows.map(({ environment, value }) => [String(environment), value]));

it('groups and filters calls, errors, durations and tokens, together with agent, endpoint and status', async () => {
  const tenant = t.tenant();
  await t.sendAndRollup(tenant, EVENTS);
  const production = [{ dimension: 'environment', operator: 'in', values: ['production'] }];
  const results = await t.query(tenant, {
    range: RANGE,
    queries: [
      { refId: 'calls', metric: 'api_calls', groupBy: ['environment'] },
      { refId: 'p99', metric: 'api_duration_p99_ms', groupBy: ['environment'] },
      { refId: 'tokens', metric: 'token_issuances', groupBy: ['environment'] },
      { refId: 'errors', metric: 'api_errors', groupBy: ['agent', 'endpoint'], filters: production },
    ],
  });
  expect(byEnvironment(rowsOf(results.calls!))).toEqual({ production: 2, staging: 1, null: 4 });
  expect(byEnvironment(rowsOf(results.tokens!))).toEqual({ production: 1 });
  const durations = byEnvironment(rowsOf(results.p99!));
  expect(durations.production).toBeGreaterThan(290);
  expect(durations.staging).toBeLessThan(6);
  expect(rowsOf(results.errors!)).toEqual([
    expect.objectContaining({ agent: 'a', endpoint: 'GET /x', value: 1 }),
  ]);
});

it('lists the environments of events and executions together', async () => {
  const tenant = t.tenant();
  await t.post('/api/v1/executions', { executions: [execution(1, AT, { environment: 'canary' })] }, tenant);
  await t.sendAndRollup(tenant, EVENTS);
  const { values } = await t.read<{ values: { value: string }[] }>('dimensions/environment/values', tenant);
  expect(values.map(({ value }) => value)).toEqual(['canary', 'production', 'staging']);
  const found = await t.read<{ values: unknown[] }>('dimensions/environment/values?search=PROD', tenant);
  expect(found.values).toHaveLength(1);
  expect(await t.read('dimensions/environment/values', t.tenant())).toEqual({ values: [] });
});

it.each(['', 7, 'x\0y', 'e'.repeat(300)])('%j is refused, with what it must be', async (environment) => {
  const events = [call(AT, { environment })];
  const response = await t.post('/api/v1/events', { events }, t.tenant());
  expect(response.statusCode).toBe(400);
  expect(response.json<Json>().message).toMatch(/environment must be a string of 1 to \d+ characters/);
});
