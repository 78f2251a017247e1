/** Every figure of a report is what `POST /query` answers for the same range. */
import { findMetric } from '../../src/catalog/index.js';
import type { ReportContent, ReportTable } from '../../src/reports/content.js';
import { queryFilters } from '../../src/reports/settings.js';
import { findTemplate, type Shown, TEMPLATE_NAMES } from '../../src/reports/templates.js';
import { rowsOf, testApp, type TestApp } from '../support/app.js';
import { reportOf, seed } from './reports-app.js';

let t: TestApp;
const TENANT = 'reporting';
beforeAll(async () => {
  t = await testApp();
  await seed(t, TENANT);
});
afterAll(() => t.close());

interface Query {
  metric: string;
  groupBy?: readonly string[];
  interval?: string;
  filters: object[];
}

async function answered({ time_zone }: ReportContent, period: { from: string; to: string }, query: Query) {
  const { A } = await t.query(TENANT, {
    range: { from: period.from, to: period.to },
    timeZone: time_zone,
    queries: [{ refId: 'A', ...query }],
  });
  return rowsOf(A!);
}

/** The filters of a figure, besides those of the report. */
function filtersOf(report: ReportContent, shown: readonly Shown[], metric: string, title: string): object[] {
  const found = shown.find(
    (one) =>
      [one.metric, one.otherwise].includes(metric) && (one.title ?? findMetric(metric)!.title) === title,
  );
  return [...queryFilters(report.filters), ...(found?.filters ?? [])];
}

async function expectTable(report: ReportContent, table: ReportTable, shown: readonly Shown[]) {
  for (const [place, { metric, title }] of table.columns.entries()) {
    const filters = filtersOf(report, shown, metric, title);
    const query = { metric, groupBy: table.group_by, filters };
    const rows = await answered(report, report.period, query);
    const before = await answered(report, report.previous_period, query);
    const valueOf = (all: typeof rows, group: (string | null)[]) =>
      all.find((row) => table.group_by.every((name, i) => row[name] === group[i]))?.value ?? 0;
    for (const { group, values, previous } of table.rows) {
      expect([metric, group, values[place]]).toEqual([metric, group, valueOf(rows, group)]);
      if (place === 0) expect(previous).toBe(valueOf(before, group));
    }
  }
}

const FILTERS = [
  { period: '7d' },
  { period: '30d', agent_tags: ['finance', 'care'] },
  { period: '7d', environments: ['production'] },
  { period: '24h', agent_ids: ['billing'] },
];

describe.each(TEMPLATE_NAMES)('the figures of %s', (name) => {
  it.each(FILTERS.flatMap((filters) => ['UTC', 'America/New_York'].map((zone) => ({ filters, zone }))))(
    'are those of the API with $filters in $zone',
    async ({ filters, zone }) => {
      const report = await reportOf(t, TENANT, { template: name, filters, time_zone: zone });
      const template = findTemplate(name);
      expect(report.figures.length).toBeGreaterThan(2);
      for (const { metric, title, value, previous } of report.figures) {
        const query = { metric, filters: filtersOf(report, template.figures, metric, title) };
        const [now] = await answered(report, report.period, query);
        const [before] = await answered(report, report.previous_period, query);
        expect([title, value, previous]).toEqual([title, now!.value, before!.value]);
      }
      for (const { metric, title, points } of report.charts) {
        const filtered = filtersOf(report, template.charts, metric, title);
        const days = await answered(report, report.period, { metric, interval: 'day', filters: filtered });
        expect(points.map(({ time, value }) => ({ time, value }))).toEqual(days);
      }
      // By hours, executions are kept by environment or by agent.
      if (report.tables.length === 0)
        expect(report.notices.join()).toMatch(/Left out, since it is not kept by the filters.* by agent/);
      expect(report.tables.length > 0).toBe(!('environments' in filters));
      for (const table of report.tables)
        await expectTable(report, table, template.tables.find(({ title }) => title === table.title)!.metrics);
    },
  );
});

it('of own metrics, by own dimensions, are those of the API', async () => {
  const report = await reportOf(t, TENANT, {
    metrics: ['cost', 'success_rate', 'p95_duration_ms'],
    group_by: ['agent'],
    filters: { period: '7d', agent_ids: ['billing', 'hostile'] },
  });
  expect(report.figures.map(({ metric }) => metric)).toEqual([
    'total_cost_usd',
    'execution_success_rate',
    'execution_duration_p95_ms',
  ]);
  const [table] = report.tables;
  expect(table!.rows.map(({ group }) => group[0]).sort()).toEqual(['billing', 'hostile']);
  await expectTable(report, table!, []);
});

it('of the summary are those of GET /summary and GET /overview for the same days', async () => {
  const { figures, period } = await reportOf(t, TENANT, { template: 'executive_summary' });
  const dates = `start_date=${period.first_day}&end_date=${period.last_day}`;
  const summary = await t.read(`summary?${dates}`, TENANT);
  const overview = await t.read(`overview?${dates}`, TENANT);
  const valueOf = (metric: string) => figures.find((figure) => figure.metric === metric)!.value;
  expect({
    total_executions: valueOf('executions'),
    success_rate: valueOf('execution_success_rate'),
    total_tokens: valueOf('total_tokens'),
  }).toEqual({
    total_executions: summary.total_executions,
    success_rate: summary.success_rate,
    total_tokens: summary.total_tokens,
  });
  expect(valueOf('total_cost_usd')).toBeCloseTo(Number(summary.total_cost), 6);
  expect(valueOf('execution_agents')).toBe(overview.active_agents);
  expect(valueOf('execution_duration_p95_ms')).toBe(overview.p95_execution_time_ms);
});
