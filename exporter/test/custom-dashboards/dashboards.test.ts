/** Dashboards of tenants: what is kept and refused, the data of their widgets, and Grafana. */
import type { LightMyRequestResponse } from 'fastify';
import { MAX_DASHBOARDS, MAX_WIDGETS } from '../../src/custom-dashboards/schema.js';
import { publish } from '../../src/custom-dashboards/publish.js';
import { bodyOf, type Json, refusalOf, testApp, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';
import { execution, step } from '../support/executions.js';
import { accepts, GrafanaServer, json } from './grafana-server.js';

const TOKEN = 'a token of a service account';
const UNKNOWN = '01890a5d-ac96-774b-bcce-b302099a8057';

const WIDGETS = [
  { type: 'metric', title: 'Calls', metric: 'api_calls', period: '7d', width: 6 },
  {
    type: 'chart',
    title: 'Calls by agent',
    metric: 'api_calls',
    group_by: ['agent'],
    chart_type: 'area',
    period: '7d',
  },
  { type: 'table', title: 'Costs', metric: 'cost', group_by: ['agent'], limit: 5, period: '30d' },
  { type: 'pie', title: 'Endpoints', metric: 'api_calls', group_by: ['endpoint'], period: '7d' },
  { type: 'heatmap', title: 'When', metric: 'api_calls', period: '7d' },
  { type: 'funnel', title: 'Way', steps: ['search', 'pay'], period: '24h' },
];

interface Answer {
  id: string;
  name: string;
  widgets: Json[];
}

let t: TestApp;
let grafana: GrafanaServer;

beforeAll(async () => {
  grafana = new GrafanaServer();
  const url = await grafana.start();
  t = await testApp({ env: { GRAFANA_URL: `${url}/grafana`, GRAFANA_TOKEN: TOKEN } });
});
afterAll(async () => {
  await t.close();
  await grafana.stop();
});

async function change(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  payload?: object,
  tenant = 'acme',
  scopes: ('analytics:read' | 'analytics:write' | 'analytics:admin')[] = ['analytics:admin'],
): Promise<LightMyRequestResponse> {
  const headers = await t.headers({ tenant, scopes });
  return t.app.inject({ method, url: `/api/v1/analytics/${path}`, headers, ...(payload && { payload }) });
}

async function create(body: object = { name: 'Wall', widgets: WIDGETS }, tenant = 'acme'): Promise<Answer> {
  const made = await change('POST', 'dashboards', body, tenant);
  expect([made.statusCode, made.body]).toEqual([201, expect.anything()]);
  return made.json<Answer>();
}

describe('a dashboard', () => {
  it('is answered as it was sent, listed, replaced and deleted', async () => {
    const tenant = t.tenant();
    const made = await create(undefined, tenant);
    expect(made).toEqual({
      ...{ id: expect.stringMatching(/^[\da-f-]{36}$/), name: 'Wall', widgets: WIDGETS },
      ...{ created_at: '2026-03-18T12:00:00.000Z', updated_at: '2026-03-18T12:00:00.000Z' },
    });
    expect(await t.read(`dashboards/${made.id}`, tenant)).toEqual(made);
    expect(await t.read('dashboards', tenant)).toEqual({ dashboards: [made], next_cursor: null });
    const replaced = await change('PUT', `dashboards/${made.id}`, { name: 'Empty', widgets: [] }, tenant);
    expect(bodyOf(replaced)).toMatchObject({ id: made.id, name: 'Empty', widgets: [] });
    expect((await change('DELETE', `dashboards/${made.id}`, undefined, tenant)).statusCode).toBe(204);
    expect(refusalOf(await t.get(`dashboards/${made.id}`, tenant))).toEqual([404, 'NOT_FOUND']);
  });

  it('takes one name in group_by, and a week where no period is given', async () => {
    const widget = { type: 'pie', title: 'Pie', metric: 'executions', group_by: 'agent' };
    const { widgets } = await create({ name: 'One', widgets: [widget] });
    expect(widgets).toEqual([{ ...widget, group_by: ['agent'], period: '7d' }]);
  });

  it('is changed with the scope analytics:admin only', async () => {
    const body = { name: 'Wall', widgets: [] };
    for (const [method, path] of [
      ['POST', 'dashboards'],
      ['PUT', `dashboards/${UNKNOWN}`],
    ] as const) {
      const refused = await change(method, path, body, 'acme', ['analytics:read', 'analytics:write']);
      expect(refusalOf(refused)).toEqual([403, 'FORBIDDEN']);
    }
  });

  it('that does not exist is a 404, whatever is done with it', async () => {
    for (const id of [UNKNOWN, 'nonsense']) {
      for (const path of ['', '/data', '/grafana'])
        expect(refusalOf(await t.get(`dashboards/${id}${path}`))).toEqual([404, 'NOT_FOUND']);
      const body = { name: 'Wall', widgets: [] };
      for (const answer of [
        await change('PUT', `dashboards/${id}`, body),
        await change('DELETE', `dashboards/${id}`),
        await change('POST', `dashboards/${id}/publish`, undefined, 'acme', [
          'analytics:admin',
          'analytics:read',
        ]),
      ])
        expect(refusalOf(answer)).toEqual([404, 'NOT_FOUND']);
    }
  });

  it('is refused beyond what a tenant may have', async () => {
    const tenant = t.tenant();
    for (let i = 0; i < MAX_DASHBOARDS; i += 1) await create({ name: `${i}`, widgets: [] }, tenant);
    const refused = await change('POST', 'dashboards', { name: 'One more', widgets: [] }, tenant);
    expect(refusalOf(refused)).toEqual([409, 'CONFLICT']);
    expect(refused.json<Json>().message).toContain('100 dashboards');
  });
});

describe('a widget is refused', () => {
  const CALLS = { type: 'metric', title: 'W', metric: 'api_calls' };
  it.each<[string, object, string]>([
    ['of a metric that there is not', { ...CALLS, metric: 'calls' }, 'there is no metric "calls"'],
    ['without a metric', { type: 'table', title: 'W' }, 'a table needs a metric'],
    ['of a dimension that its metric lacks', { ...CALLS, type: 'table', group_by: ['model'] }, 'agent'],
    ['of a period that there is not', { ...CALLS, period: '8d' }, '24h, 7d, 30d, 90d'],
    ['of an interval that there is not', { ...CALLS, type: 'chart', interval: '7m' }, '15m'],
    ['of a chart without time', { ...CALLS, type: 'chart', interval: 'none' }, 'a chart is over time'],
    ['of a pie without slices', { ...CALLS, type: 'pie' }, 'a pie needs one dimension'],
    ['of a heatmap that cannot be drawn', { ...CALLS, type: 'heatmap', group_by: ['endpoint'] }, '["agent"]'],
    ['of a field of another type', { ...CALLS, steps: ['a', 'b'] }, 'a metric has no steps'],
    ['of a funnel of one step', { type: 'funnel', title: 'W', steps: ['a'] }, '2 to 10 steps'],
    [
      'of a funnel with a metric',
      { type: 'funnel', title: 'W', steps: ['a', 'b'], metric: 'x' },
      'has no metric',
    ],
    [
      'of a funnel filtered by what it does not know',
      {
        ...{ type: 'funnel', title: 'W', steps: ['a', 'b'] },
        filters: [{ dimension: 'model', operator: 'in', values: ['m'] }],
      },
      'filtered by one agent',
    ],
    [
      'with an operator that there is not',
      { ...CALLS, filters: [{ dimension: 'agent', operator: '~', values: ['x'] }] },
      'matches',
    ],
  ])('%s', async (_, widget, said) => {
    const body = { name: 'Wall', widgets: [{ ...CALLS, title: 'Fine' }, widget] };
    const refused = await change('POST', 'dashboards', body);
    expect(refusalOf(refused)).toEqual([400, 'VALIDATION_ERROR']);
    expect(refused.json<Json>().message).toMatch(/^widgets\[1\] \("W"\): /);
    expect(refused.json<Json>().message).toContain(said);
  });

  it.each<[string, object]>([
    ['of an unknown type', { ...CALLS, type: 'gauge' }],
    ['wider than the dashboard', { ...CALLS, width: 25 }],
    ['with an unknown field', { ...CALLS, colour: 'red' }],
    ['with a title of nothing', { ...CALLS, title: '' }],
  ])('%s', async (_, widget) => {
    const refused = await change('POST', 'dashboards', { name: 'Wall', widgets: [widget] });
    expect(refusalOf(refused)).toEqual([400, 'VALIDATION_ERROR']);
  });

  it('beyond their number, and beyond their length together', async () => {
    const many = Array.from({ length: MAX_WIDGETS + 1 }, () => CALLS);
    expect(refusalOf(await change('POST', 'dashboards', { name: 'W', widgets: many }))).toEqual([
      400,
      'VALIDATION_ERROR',
    ]);
    const values = Array.from({ length: 40 }, () => 'x'.repeat(2_000));
    const long = { ...CALLS, filters: [{ dimension: 'agent', operator: 'in', values }] };
    const refused = await change('POST', 'dashboards', { name: 'W', widgets: [long] });
    expect(refusalOf(refused)).toEqual([400, 'VALIDATION_ERROR']);
    expect(refused.json<Json>().message).toContain('at most 65536');
  });
});

describe('the data', () => {
  const AT = '2026-03-18T09:15:00Z';
  const query = async (tenant: string, from: string, query: object): Promise<unknown> => {
    const range = { from, to: '2026-03-19T00:00:00Z' };
    return (await t.query(tenant, { range, queries: [{ refId: 'A', ...query }] })).A;
  };

  it('of every widget is what the query API answers for its period', async () => {
    const tenant = t.tenant();
    const events = [
      call(AT, { agentId: 'a', endpoint: 'GET /x', count: 3 }),
      call('2026-03-14T08:00:00Z', { agentId: 'b', endpoint: 'GET /y', count: 2 }),
      call('2026-03-01T08:00:00Z', { agentId: 'b', endpoint: 'GET /y', count: 8 }),
    ];
    const steps = ['search', 'pay'].map((tool_name, i) => step(i + 1, 'tool_call', { tool_name }));
    const executions = [execution(1, AT, { agent_id: 'a', session_id: 's', cost_usd: 2, steps })];
    await t.post('/api/v1/executions', { executions }, tenant);
    await t.sendAndRollup(tenant, events);
    const { id } = await create(undefined, tenant);
    const { widgets, name } = await t.read<Answer>(`dashboards/${id}/data`, tenant);
    expect(name).toBe('Wall');
    expect(widgets.map(({ title }) => title)).toEqual(WIDGETS.map(({ title }) => title));
    const week = '2026-03-12T00:00:00.000Z';
    const period = { name: '7d', start: week, end: '2026-03-19T00:00:00.000Z' };
    const month = { name: '30d', start: '2026-02-17T00:00:00.000Z', end: '2026-03-19T00:00:00.000Z' };
    expect(widgets[0]).toMatchObject({ period, columns: [{ name: 'value', values: [5] }] });
    const asked = [
      [week, { metric: 'api_calls' }],
      [week, { metric: 'api_calls', groupBy: ['agent'], interval: 'day', limit: 10 }],
      [month.start, { metric: 'total_cost_usd', groupBy: ['agent'], limit: 5 }],
      [week, { metric: 'api_calls', groupBy: ['endpoint'], limit: 10 }],
      [week, { metric: 'api_calls', groupBy: ['weekday', 'hourOfDay'] }],
    ] as const;
    for (const [i, [from, one]] of asked.entries())
      expect(widgets[i]).toMatchObject((await query(tenant, from, one)) as object);
    expect(widgets[2]).toMatchObject({ period: month });
    expect(widgets[5]).toMatchObject({
      period: { name: '24h', start: '2026-03-17T13:00:00.000Z', end: '2026-03-18T13:00:00.000Z' },
      columns: [
        { name: 'step', values: ['search', 'pay'] },
        { name: 'sessions', values: [1, 1] },
        { name: 'conversion_rate', values: [100, 100] },
        { name: 'from_previous_rate', values: [null, 100] },
        { name: 'median_ms_from_previous' },
      ],
    });
  });

  it('is of one period where one is asked for', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [call('2026-03-01T08:00:00Z', { count: 8 })]);
    const { id } = await create({ name: 'One', widgets: [WIDGETS[0]!] }, tenant);
    const { widgets } = await t.read<Answer>(`dashboards/${id}/data?period=30d`, tenant);
    expect(widgets).toMatchObject([{ period: { name: '30d' }, columns: [{ values: [8] }] }]);
    expect(refusalOf(await t.get(`dashboards/${id}/data?period=8d`, tenant))).toEqual([
      400,
      'VALIDATION_ERROR',
    ]);
  });

  it('has an error in the place of a widget that cannot be answered', async () => {
    const tenant = t.tenant();
    const minutes = {
      type: 'chart',
      title: 'Minutes',
      metric: 'api_calls',
      interval: 'minute',
      period: '24h',
    };
    const { id } = await create({ name: 'Two', widgets: [WIDGETS[0]!, minutes] }, tenant);
    const { widgets } = await t.read<Answer>(`dashboards/${id}/data?period=90d`, tenant);
    expect(widgets[0]).toMatchObject({ columns: [{ values: [0] }] });
    expect(widgets[1]).toMatchObject({ title: 'Minutes', error: { code: 'VALIDATION_ERROR' } });
  });
});

describe('in Grafana', () => {
  interface Panel {
    type: string;
    title: string;
    timeFrom?: string;
    gridPos: { x: number; y: number; w: number; h: number };
    targets: Json[];
    fieldConfig: { defaults: { unit: string; custom?: Json } };
  }

  const panelsOf = async (id: string): Promise<Panel[]> => {
    const { panels } = await t.read<{ panels: Panel[] }>(`dashboards/${id}/grafana`);
    return panels.filter(({ type }) => type !== 'row');
  };

  it('panels wrap at 24 columns, and do not overlap', async () => {
    const [metric] = WIDGETS;
    const widgets = [8, 16, 8, 12, 24, 12, 13].map((width, i) => ({
      ...metric!,
      width,
      height: 3 + (i % 4),
    }));
    const { id } = await create({ name: 'Widths', widgets });
    const places = (await panelsOf(id)).map(({ gridPos }) => gridPos);
    expect(places.map(({ w }) => w)).toEqual(widgets.map(({ width }) => width));
    expect(places.map(({ x, w }) => x + w <= 24)).toEqual(widgets.map(() => true));
    const overlapping = places.flatMap((a, i) =>
      places
        .slice(i + 1)
        .filter((b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h),
    );
    expect(overlapping).toEqual([]);
  });

  it('a widget is a panel that queries the plugin for the same', async () => {
    const { id } = await create();
    const panels = await panelsOf(id);
    expect(panels.map(({ type }) => type)).toEqual([
      ...['stat', 'timeseries', 'table', 'piechart', 'heatmap', 'bargauge'],
    ]);
    expect(panels.map(({ title }) => title)).toEqual(WIDGETS.map(({ title }) => title));
    expect(panels.map(({ timeFrom }) => timeFrom)).toEqual([
      ...[undefined, undefined, 'now-29d/d', undefined, undefined, 'now-23h/h'],
    ]);
    expect(panels[0]!.gridPos).toMatchObject({ w: 6, h: 4 });
    expect(panels[1]!.fieldConfig.defaults.custom).toMatchObject({ fillOpacity: 30 });
    expect(panels.map(({ targets: [target] }) => target)).toMatchObject([
      { queryType: 'metric', metric: 'api_calls', interval: 'none', format: 'table' },
      { metric: 'api_calls', groupBy: ['agent'], limit: 10, interval: 'auto', format: 'timeseries' },
      { metric: 'cost', groupBy: ['agent'], limit: 5, format: 'table' },
      { metric: 'api_calls', groupBy: ['endpoint'], format: 'table' },
      { groupBy: ['weekday', 'hourOfDay'], format: 'heatmap-weekday-hour' },
      { queryType: 'funnel', funnelSteps: ['search', 'pay'], format: 'bars' },
    ]);
    const dashboard = await t.read<Json>(`dashboards/${id}/grafana`);
    expect(dashboard).toMatchObject({
      title: 'Wall',
      schemaVersion: 42,
      time: { from: 'now-6d/d', to: 'now' },
    });
  });

  it('publishing answers the address, and publishing again updates the same dashboard', async () => {
    grafana.received.splice(0);
    const { id } = await create();
    const first = await change('POST', `dashboards/${id}/publish`);
    const uid = `aidp-${id.replaceAll('-', '')}`;
    expect(bodyOf(first)).toEqual({
      ...{ uid, version: 1 },
      url: expect.stringMatching(new RegExp(`^http://127.0.0.1:\\d+/grafana/d/${uid}/wall$`)),
    });
    await change('PUT', `dashboards/${id}`, { name: 'Other', widgets: WIDGETS.slice(0, 1) });
    expect((await change('POST', `dashboards/${id}/publish`)).statusCode).toBe(200);
    expect(grafana.received.map(({ method, url, authorization }) => [method, url, authorization])).toEqual(
      Array.from({ length: 2 }, () => ['POST', '/grafana/api/dashboards/db', `Bearer ${TOKEN}`]),
    );
    expect(
      grafana.received.map(({ body }) => [body.overwrite, body.dashboard.uid, body.dashboard.title]),
    ).toEqual([
      [true, uid, 'Wall'],
      [true, uid, 'Other'],
    ]);
  });

  it.each<[string, GrafanaServer['answer'], string]>([
    [
      'does not accept the token',
      (r) => json(r, 401, { message: 'Unauthorized' }),
      'did not accept GRAFANA_TOKEN',
    ],
    ['lacks the permission', (r) => json(r, 403, {}), 'the role Editor'],
    ['fails', (r) => json(r, 500, { message: 'database is locked' }), '500: database is locked'],
    [
      'redirects',
      (r) => void r.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
      'answered 302',
    ],
    ['is something else', (r) => void r.writeHead(200).end('<html>'), 'is not Grafana'],
    ['does not end its answer', (r) => void r.writeHead(200).end('x'.repeat(100_000)), 'too long'],
    ['closes the connection', (r) => void r.destroy(), 'unreachable'],
  ])('a Grafana that %s is a 503 that says so', async (_, answer, said) => {
    const { id } = await create({ name: 'Wall', widgets: [] }, 'acme');
    grafana.answer = answer;
    const refused = await change('POST', `dashboards/${id}/publish`);
    grafana.answer = accepts;
    expect(refusalOf(refused)).toEqual([503, 'UNAVAILABLE']);
    expect(refused.json<Json>().message).toContain(said);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    await change('DELETE', `dashboards/${id}`);
  });

  const DASHBOARD = { id: UNKNOWN, name: 'Wall', widgets: [], created_at: '', updated_at: '' };

  it('a Grafana that does not answer is waited for, but not for long', async () => {
    grafana.answer = () => undefined;
    const url = t.config.grafanaUrl;
    await expect(publish(DASHBOARD, { url, token: TOKEN, timeoutMs: 300 })).rejects.toThrow(
      'did not answer within 0.3 s',
    );
    grafana.answer = accepts;
  });

  it('nothing is published where no Grafana is set', async () => {
    await expect(publish(DASHBOARD, { url: undefined, token: TOKEN })).rejects.toThrow('GRAFANA_URL');
  });
});
