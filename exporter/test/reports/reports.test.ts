/** Reports over the API: what is made, changed, refused, run and read. */
import { MAX_METRICS, MAX_RECIPIENTS, MAX_REPORTS, MAX_WAITING_RUNS } from '../../src/reports/bounds.js';
import { TEMPLATE_NAMES } from '../../src/reports/templates.js';
import { type Json, refusalOf, testApp, type TestApp } from '../support/app.js';
import { ask, HOSTILE, makeReport, type RunAnswer, seed } from './reports-app.js';

let t: TestApp;
const TENANT = 'reporting';
const UNKNOWN = '01890a5d-ac96-774b-bcce-b302099a8057';
beforeAll(async () => {
  t = await testApp({ env: { GRAFANA_URL: 'https://grafana.example.org/' } });
  await seed(t, TENANT);
});
afterAll(() => t.close());

describe('a report', () => {
  it('needs a template only, the rest has its default', async () => {
    const response = await ask(t, t.tenant(), 'POST', '', { template: 'cost_report' });
    expect(response.statusCode).toBe(201);
    expect(response.json()).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      name: 'Cost report',
      template: 'cost_report',
      metrics: [],
      group_by: [],
      filters: { period: '7d' },
      schedule: null,
      time_zone: 'UTC',
      recipients: [],
      channels: [],
      next_run_at: null,
      last_run: null,
    });
  });

  it('is made with all that it has, read, listed, changed and deleted', async () => {
    const tenant = t.tenant();
    const channel = { name: 'team', type: 'email', config: { to: ['team@example.org'] } };
    const headers = await t.headers({ tenant, scopes: ['analytics:admin'] });
    const url = '/api/v1/analytics/channels';
    expect((await t.app.inject({ method: 'POST', url, headers, payload: channel })).statusCode).toBe(201);
    const settings = {
      name: 'Monday',
      template: 'executive_summary',
      metrics: ['api_calls'],
      group_by: ['agent'],
      filters: { agent_tags: ['finance'], agent_ids: ['billing'], period: '30d' },
      schedule: 'weekly',
      time_zone: 'Europe/Berlin',
      recipients: ['a@example.org'],
      channels: ['team'],
    };
    const made = await makeReport(t, tenant, settings);
    // Monday, 07:00 in Berlin.
    expect(made).toEqual({
      id: made.id,
      ...settings,
      next_run_at: '2026-03-23T06:00:00.000Z',
      last_run: null,
    });
    expect((await ask(t, tenant, 'GET', `/${made.id.toUpperCase()}`)).json()).toEqual(made);
    const second = await makeReport(t, tenant, { metrics: ['tokens'], group_by: 'model' });
    expect(second.group_by).toEqual(['model']);
    expect((await ask(t, tenant, 'GET')).json()).toEqual({ reports: [made, second], next_cursor: null });
    const page = (await ask(t, tenant, 'GET', '?limit=1')).json<{ reports: Json[]; next_cursor: string }>();
    expect(page.reports).toEqual([made]);
    const rest = (await ask(t, tenant, 'GET', `?limit=1&cursor=${page.next_cursor}`)).json<Json>();
    expect(rest).toEqual({ reports: [second], next_cursor: null });

    const patch = { schedule: '30 6 1,15 * *', filters: { period: '7d' }, name: 'Twice a month' };
    const changed = await ask(t, tenant, 'PATCH', `/${made.id}`, patch);
    expect([changed.statusCode, changed.json()]).toEqual([
      200,
      { ...made, ...patch, next_run_at: '2026-04-01T04:30:00.000Z' },
    ]);
    const deleted = await ask(t, tenant, 'DELETE', `/${made.id}`);
    expect([deleted.statusCode, deleted.body]).toEqual([204, '']);
    expect(refusalOf(await ask(t, tenant, 'GET', `/${made.id}`))).toEqual([404, 'NOT_FOUND']);

    const { entries } = await t.read<{ entries: Json[] }>('audit?resource=report', {
      tenant,
      scopes: ['analytics:admin'],
    });
    expect(entries.map(({ action }) => action)).toEqual(['delete', 'change', 'create', 'create']);
  });

  it.each([
    [{}, /template \(executive_summary, .*\) or at least one of metrics/],
    [{ template: 'weather_report' }, /template/],
    [{ metrics: ['no_such'] }, /no metric "no_such"/],
    [{ metrics: ['cost', 'total_cost_usd'] }, /twice/],
    [
      { metrics: ['total_cost_usd'], group_by: ['model'] },
      /total_cost_usd cannot be grouped by "model"; it can be by agent/,
    ],
    [
      { metrics: ['total_cost_usd'], filters: { environments: ['production'] } },
      /cannot be filtered by "environment"/,
    ],
    [{ template: 'cost_report', group_by: ['agent'] }, /group_by is about the metrics/],
    [{ metrics: Array(MAX_METRICS + 1).fill('cost') }, new RegExp(`metrics.*${MAX_METRICS}`)],
    [{ template: 'cost_report', schedule: '0 30 6 * * 1' }, /expected five fields/],
    [{ template: 'cost_report', schedule: '0 0 31 2 *' }, /matches no date/],
    [{ template: 'cost_report', schedule: 'hourly' }, /daily, weekly, monthly or a cron expression/],
    [{ template: 'cost_report', time_zone: 'Europe/Atlantis' }, /IANA name such as Europe\/Berlin/],
    [{ template: 'cost_report', filters: { period: '365d' } }, /period/],
    [{ template: 'cost_report', recipients: ['nobody'] }, /recipients/],
    [{ template: 'cost_report', channels: ['nowhere'] }, /no channel "nowhere"/],
    [{ template: 'cost_report', owner: 'me' }, /owner/],
    [
      { template: 'cost_report', recipients: Array.from({ length: 10_000 }, (_, i) => `u${i}@example.org`) },
      new RegExp(`recipients.*${MAX_RECIPIENTS}`),
    ],
  ])('is refused with what would be right: %#', async (input, message) => {
    const response = await ask(t, t.tenant(), 'POST', '', input);
    expect(refusalOf(response)).toEqual([400, 'VALIDATION_ERROR']);
    expect(response.json<Json>().message).toMatch(message);
  });

  it('is one of at most so many', async () => {
    const tenant = t.tenant();
    for (let i = 0; i < MAX_REPORTS; i += 1) await makeReport(t, tenant, { template: 'usage_report' });
    const response = await ask(t, tenant, 'POST', '', { template: 'usage_report' });
    expect(refusalOf(response)).toEqual([409, 'CONFLICT']);
    expect(response.json<Json>().message).toMatch(String(MAX_REPORTS));
  });

  it('is changed by an administrator only', async () => {
    const response = await t.post('reports', { template: 'cost_report' }, t.tenant());
    expect(refusalOf(response)).toEqual([403, 'FORBIDDEN']);
  });
});

describe('a run', () => {
  it('is queued, and read as JSON, HTML and CSV when it is done', async () => {
    const { id } = await makeReport(t, TENANT, { name: `Weekly ${HOSTILE}`, template: 'executive_summary' });
    const asked = await ask(t, TENANT, 'POST', `/${id}/run`);
    expect([asked.statusCode, asked.json<Json>().status]).toEqual([202, 'queued']);
    await t.services.reportRunner.runDue();
    const { runs, next_cursor } = (await ask(t, TENANT, 'GET', `/${id}/runs`)).json<{
      runs: RunAnswer[];
      next_cursor: null;
    }>();
    expect([runs.length, runs[0]!.status, next_cursor]).toEqual([1, 'done', null]);
    expect((await ask(t, TENANT, 'GET', `/${id}`)).json<Json>().last_run).toEqual(runs[0]);

    const path = `/${id}/runs/${runs[0]!.id}`;
    const { report, ...run } = (await ask(t, TENANT, 'GET', path)).json<RunAnswer>();
    expect(run).toEqual(runs[0]);
    expect(run.period).toEqual({
      from: '2026-03-11T00:00:00.000Z',
      to: '2026-03-18T00:00:00.000Z',
      time_zone: 'UTC',
    });
    expect(report).toMatchObject({
      template: 'executive_summary',
      period: { first_day: '2026-03-11', last_day: '2026-03-17' },
    });

    const html = await ask(t, TENANT, 'GET', `${path}?format=html`);
    expect(html.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(html.headers['content-security-policy']).toMatch(/default-src 'none'/);
    expect(html.body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;=1+1');
    expect(html.body).not.toMatch(/<script/i);
    expect(html.body).toMatch(/src="data:image\/png;base64,iVBOR/);
    expect(html.body).toContain('https://grafana.example.org/d/agentidp-executions?from=1773187200000');

    const csv = await ask(t, TENANT, 'GET', `${path}?format=csv`);
    expect(csv.headers['content-disposition']).toBe(
      'attachment; filename="report_2026-03-11_2026-03-17.csv"',
    );
    expect(csv.body.split('\n')[0]).toBe('section,title,group,label,day,metric,unit,value,previous,text');
    expect(csv.body).toContain('figure,Executions,,,,executions,short,105,84,');
  });

  it('that is not done has no HTML and no CSV yet', async () => {
    const { id } = await makeReport(t, TENANT, { template: 'cost_report' });
    await t.services.reportRunner.stop();
    const run = (await ask(t, TENANT, 'POST', `/${id}/run`)).json<RunAnswer>();
    const path = `/${id}/runs/${run.id}`;
    expect((await ask(t, TENANT, 'GET', path)).json()).toEqual({ ...run, report: null });
    for (const format of ['html', 'csv'])
      expect(refusalOf(await ask(t, TENANT, 'GET', `${path}?format=${format}`))).toEqual([409, 'CONFLICT']);
  });

  it('is one of at most so many that wait', async () => {
    const tenant = t.tenant();
    const { id } = await makeReport(t, tenant, { template: 'cost_report' });
    for (let i = 0; i < MAX_WAITING_RUNS; i += 1)
      expect((await ask(t, tenant, 'POST', `/${id}/run`)).statusCode).toBe(202);
    expect(refusalOf(await ask(t, tenant, 'POST', `/${id}/run`))).toEqual([409, 'CONFLICT']);
  });

  it('of no report, or of another one, is not found', async () => {
    const { id } = await makeReport(t, TENANT, { template: 'cost_report' });
    for (const path of [
      `/${UNKNOWN}/runs`,
      `/${id}/runs/${UNKNOWN}`,
      `/${UNKNOWN}/runs/${UNKNOWN}`,
      '/nothing/runs',
    ])
      expect(refusalOf(await ask(t, TENANT, 'GET', path))).toEqual([404, 'NOT_FOUND']);
    expect(refusalOf(await ask(t, TENANT, 'POST', `/${UNKNOWN}/run`))).toEqual([404, 'NOT_FOUND']);
  });
});

describe('the templates', () => {
  it('are listed', async () => {
    const { templates } = (await ask(t, TENANT, 'GET', '/templates')).json<{ templates: Json[] }>();
    expect(templates.map(({ name }) => name)).toEqual(TEMPLATE_NAMES);
  });

  it.each(TEMPLATE_NAMES)('can be looked at without making a report: %s', async (name) => {
    const response = await ask(t, TENANT, 'GET', `/preview?template=${name}&time_zone=Europe/Berlin`);
    expect([response.statusCode, response.headers['content-type']]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
    expect(response.body).toContain('11 Mar – 17 Mar 2026');
    expect(response.body).not.toMatch(/<script/i);
  });

  it('are refused where they or their parameters are unknown', async () => {
    for (const query of [
      'template=weather',
      'colour=red',
      'metrics=no_such',
      'time_zone=Nowhere',
      `group_by=${'agent,'.repeat(9)}`,
    ])
      expect(refusalOf(await ask(t, TENANT, 'GET', `/preview?${query}`))).toEqual([400, 'VALIDATION_ERROR']);
  });
});
