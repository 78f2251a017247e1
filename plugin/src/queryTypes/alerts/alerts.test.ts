import { FakeBackend } from '../../test/backend';
import { datasource, query, run } from '../../test/requests';
import { fakeTemplates } from '../../test/templates';
import { alert } from '../../test/executions';

let backend: FakeBackend;

beforeEach(() => {
  fakeTemplates();
  backend = new FakeBackend();
});

const columnsOf = (frame: { fields: Array<{ name: string; values: unknown[] }> }) =>
  Object.fromEntries(frame.fields.map(({ name, values }) => [name, values]));

it('alerts are one row each, the worst first', async () => {
  backend.on('GET', 'token/api/v1/analytics/alerts', () => ({
    data: {
      alerts: [
        alert({ id: 'ok', state: 'ok', value: 1 }),
        alert({ id: 'off', state: 'firing', is_active: false }),
        alert({
          id: 'silent',
          name: 'Silent',
          state: 'no_data',
          value: null,
          condition: { metric: 'executions', operator: 'no_data', window: '1h', group_by: ['agent'] },
        }),
        alert({ id: 'firing', state: 'firing' }),
      ],
      next_cursor: null,
    },
  }));
  const { data, errors } = await run(datasource(), [query({ metric: '', queryType: 'alerts' })]);
  expect(errors).toBeUndefined();
  expect(columnsOf(data[0])).toEqual({
    Name: ['Errors', 'Silent', 'Errors', 'Errors'],
    State: ['firing', 'no data', 'ok', 'inactive'],
    Severity: ['warning', 'warning', 'warning', 'warning'],
    Value: [12.5, null, 1, 12.5],
    Condition: [
      'api_error_rate > 5 in 5m',
      'executions no data in 1h',
      'api_error_rate > 5 in 5m',
      'api_error_rate > 5 in 5m',
    ],
    By: [null, 'agent', null, null],
    Since: Array(4).fill(Date.parse('2026-04-13T01:00:00Z')),
    Evaluated: Array(4).fill(Date.parse('2026-04-13T02:00:00Z')),
    Error: [null, null, null, null],
    ID: ['firing', 'silent', 'ok', 'off'],
  });
});

it('annotations of alerts are marks where they began to fire and were resolved', async () => {
  const event = (changes: object) => ({
    id: 'e',
    alert_id: 'a',
    alert_name: 'Errors',
    severity: 'critical',
    at: '2026-04-13T01:00:00Z',
    from: 'ok',
    to: 'firing',
    value: 12.5,
    samples: 8,
    labels: { agent: '<b>' },
    ...changes,
  });
  backend.on('GET', 'token/api/v1/analytics/alerts/events', () => ({
    data: {
      events: [
        event({ at: '2026-04-13T02:00:00Z', from: 'firing', to: 'no_data', value: null }),
        event({}),
        event({ to: 'pending' }),
      ],
      next_cursor: null,
    },
  }));
  const target = query({ refId: 'Anno', queryType: 'annotation', annotation: 'alerts', metric: '' });
  const { data } = await run(datasource(), [target]);
  expect(columnsOf(data[0])).toEqual({
    time: [Date.parse('2026-04-13T02:00:00Z'), Date.parse('2026-04-13T01:00:00Z')],
    title: ['Errors: resolved', 'Errors: firing'],
    text: ['agent &lt;b&gt;, no data', 'agent &lt;b&gt;, value 12.5'],
    tags: ['alert,critical,no_data', 'alert,critical,firing'],
  });
});
