/** What is refused of an alert, with what would be right. */
import { ALERT_TEMPLATES } from '../../src/alerts/templates.js';
import { type Json, testApp, type TestApp } from '../support/app.js';
import { ADMIN, ask, makeAlert } from './alerts-app.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const CONDITION = { metric: 'api_calls', operator: 'greater_than', threshold: 1, window: '5m' };
const condition = (changes: object) => ({ condition: { ...CONDITION, ...changes } });
const message = (text: string) => ({ actions: { message: text } });

it.each<[string, object, RegExp]>([
  ['a threshold that is no number', condition({ threshold: 'ten' }), /threshold/],
  ['no threshold', condition({ threshold: null }), /field condition.threshold is missing: a number/],
  ['an operator that does not exist', condition({ operator: 'above' }), /operator/],
  ['a metric that does not exist', condition({ metric: 'calls' }), /no metric "calls"/],
  ['a dimension that the metric lacks', condition({ group_by: ['model'] }), /cannot be grouped by "model"/],
  ['a window without a unit', condition({ window: '5' }), /window/],
  ['a window of nothing', condition({ window: '0m' }), /from 1m to 30d/],
  ['a window that is too long', condition({ window: '31d' }), /from 1m to 30d/],
  [
    'a window finer than the buckets of its dimensions',
    condition({ window: '90m', group_by: ['agent', 'endpoint'] }),
    /kept by the hour; take whole hours such as 2h/,
  ],
  [
    'a window finer than what is kept of last week',
    condition({ window: '5m', compare: 'last_week' }),
    /kept for 48 hours; take whole hours such as 1h/,
  ],
  [
    'a long window with minutes',
    condition({ window: '3001m' }),
    /kept for 48 hours; take whole hours such as 51h/,
  ],
  ['no_data compared', condition({ operator: 'no_data', compare: 'previous' }), /compare must be left out/],
  [
    'an unknown name in the message',
    message('{{agents}} is slow'),
    /no \{\{agents\}\}; there are \{\{value\}\}/,
  ],
  ['a channel that does not exist', { actions: { channels: ['nowhere'] } }, /no channel "nowhere"/],
  ['an unknown field', { treshold: 1 }, /treshold/],
  ['an unknown severity', { severity: 'fatal' }, /severity/],
  ['a for that is too long', { for: '31d' }, /field for must be at most 30d/],
])('%s', async (_, changes, expected) => {
  const payload = { name: 'Refused', condition: CONDITION, ...changes };
  const response = await ask(t, 'acme', 'POST', '', payload);
  expect([response.statusCode, response.json<Json>().code]).toEqual([400, 'VALIDATION_ERROR']);
  expect(response.json<Json>().message).toMatch(expected);
});

it.each([
  ['1m', []],
  ['1d', ['agent']],
  ['30d', ['agent']],
  ['2h', ['agent', 'endpoint']],
])('a window of %s by %j is taken', async (window, group_by) => {
  await makeAlert(t, 'acme', { condition: { window, group_by } });
});

it('minutes that only an aggregate of all dimensions has can be a window', async () => {
  const fine = { metric: 'executions', window: '5m', group_by: ['agent', 'environment'] };
  const { id } = await makeAlert(t, 'acme', { condition: fine });
  expect((await ask(t, 'acme', 'POST', `/${id}/test`)).json<Json>()).toMatchObject({ state: 'no_data' });
});

it('templates can be created as they are', async () => {
  const { templates } = await t.read<{ templates: { name: string; alert: object }[] }>('alerts/templates');
  expect(templates.map(({ name }) => name)).toEqual([
    ...['error_rate', 'latency_p95', 'spend_a_day', 'token_failures', 'agent_silent', 'rotation_overdue'],
    'retry_loop',
  ]);
  for (const { alert } of ALERT_TEMPLATES)
    expect((await ask(t, 'templates', 'POST', '', alert)).statusCode).toBe(201);
});

it('an alert is as it was made, with defaults, and its changes are recorded', async () => {
  const made = await ask(t, 'audited', 'POST', '', { name: 'Calls', condition: CONDITION });
  const { id, ...rest } = made.json<Json>();
  expect(rest).toEqual({
    name: 'Calls',
    condition: CONDITION,
    for: '0m',
    severity: 'warning',
    actions: { channels: [], message: null },
    repeat_interval: '4h',
    is_active: true,
    state: 'ok',
    value: null,
    since: null,
    last_evaluated_at: null,
    last_error: null,
  });
  await ask(t, 'audited', 'PATCH', `/${String(id)}`, { for: '5m' });
  await ask(t, 'audited', 'DELETE', `/${String(id)}`);
  const asker = { tenant: 'audited', scopes: ADMIN };
  const { entries } = await t.read<{ entries: Json[] }>('audit?resource=alert', asker);
  expect(entries.map(({ action }) => action)).toEqual(['delete', 'change', 'create']);
});

it('reading wants analytics:read, and changing analytics:admin', async () => {
  expect((await t.get('alerts', { scopes: ['analytics:write'] })).statusCode).toBe(403);
  const body = { name: 'Calls', condition: CONDITION };
  expect((await t.post('alerts', body, { scopes: ['analytics:read'] })).statusCode).toBe(403);
});

it('a list has pages', async () => {
  for (const name of ['1', '2', '3']) await makeAlert(t, 'paged', { name });
  const first = await t.read<{ alerts: Json[]; next_cursor: string }>('alerts?limit=2', 'paged');
  const path = `alerts?limit=2&cursor=${first.next_cursor}`;
  const second = await t.read<{ alerts: Json[]; next_cursor: null }>(path, 'paged');
  expect([...first.alerts, ...second.alerts].map(({ name }) => name)).toEqual(['1', '2', '3']);
  expect(second.next_cursor).toBeNull();
});
