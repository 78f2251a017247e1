/** Makes the content of a report: its figures, charts and tables, and what stands out in them. */
import type { BudgetView } from '../costs/budget.js';
import type { ReadPool } from '../db/read-shares.js';
import { formatTime } from '../time.js';
import { agentNames, nameOf } from '../query/run.js';
import type { Range } from '../query/segments.js';
import { MAX_ROWS } from './bounds.js';
import type { ReportChart, ReportContent, ReportFigure, ReportTable } from './content.js';
import { labelOf } from './labels.js';
import { Links } from '../grafana-links.js';
import { datesOf, daysBefore } from './period.js';
import { Questions, type Resolved } from './questions.js';
import { queryFilters, type ReportFilters, type ReportSettings } from './settings.js';
import { standouts } from './standouts/index.js';
import { findTemplate, type Shown, type TableSpec, type Template } from './templates.js';

export interface BuildRequest {
  pool: ReadPool;
  tenantId: string;
  settings: ReportSettings;
  range: Range;
  /** First instant with minute aggregates. */
  minutesFrom: number;
  now: number;
  grafanaUrl: string | undefined;
  /** The budgets of the tenant as they are now. */
  readBudgets: () => Promise<BudgetView[]>;
}

/** Rows of a table of a template. */
const ROWS = 10;
/** Charts of the metrics that a report names itself. */
const MAX_CHARTS = 2;

/** One query after the other, so that a report takes few connections. */
export async function buildReport(request: BuildRequest): Promise<ReportContent> {
  const { settings, range } = request;
  const { time_zone: timeZone, filters, name, template: templateName } = settings;
  const template = templateName === null ? undefined : findTemplate(templateName);
  const previous = daysBefore(range, timeZone);
  const questions = new Questions({
    ...{ pool: request.pool, tenantId: request.tenantId, range, previous, timeZone },
    ...{ filters: queryFilters(filters), minutesFrom: request.minutesFrom, now: request.now },
  });
  const links = new Links(request.grafanaUrl, range);
  const own = settings.metrics.map((metric): Shown => ({ metric }));
  const figures = await figuresOf(questions, [...(template?.figures ?? []), ...own]);
  const charts = await chartsOf(questions, template?.charts ?? own.slice(0, MAX_CHARTS));
  const tables = await tablesOf(questions, template?.tables ?? [], settings);
  const found = await standouts({
    questions,
    links,
    settings,
    readBudgets: request.readBudgets,
    sections: template ?? { changes: changesOf(settings) },
  });
  const days = (of: Range) => {
    const { first, last } = datesOf(of, timeZone);
    return { from: formatTime(of.from), to: formatTime(of.to), first_day: first, last_day: last };
  };
  return {
    title: name,
    template: templateName,
    description: template?.description ?? '',
    time_zone: timeZone,
    period: days(range),
    previous_period: days(previous),
    filters,
    about: await filtersInWords(request, filters),
    figures,
    charts,
    tables,
    stands_out: found,
    notices: questions.notices,
    link: links.to(template?.dashboard ?? 'executions'),
  };
}

/** What the report is limited to; nothing if it is about everything. */
async function filtersInWords(
  { pool, tenantId }: BuildRequest,
  { agent_ids = [], agent_tags = [], environments = [] }: ReportFilters,
): Promise<string[]> {
  const names = await agentNames(pool, tenantId, agent_ids);
  const line = (noun: string, values: readonly string[]): string[] =>
    values.length === 0 ? [] : [`${noun}: ${values.join(', ')}`];
  return [
    ...line(
      'Agents',
      agent_ids.map((id) => nameOf(names, id) ?? id),
    ),
    ...line('Tags', agent_tags),
    ...line('Environments', environments),
  ];
}

/** Groups of the report's own metrics change as those of a template do, where a metric adds up. */
function changesOf({ metrics, group_by }: ReportSettings): Template['changes'] {
  const [groupBy] = group_by;
  return groupBy === undefined ? [] : metrics.map((metric) => ({ metric, groupBy }));
}

async function figuresOf(questions: Questions, shown: readonly Shown[]): Promise<ReportFigure[]> {
  const figures: ReportFigure[] = [];
  for (const one of shown) {
    const resolved = questions.shown(one);
    if (resolved === undefined) continue;
    const { range, previous } = questions.context;
    const value = await questions.total(resolved, range);
    const before = await questions.total(resolved, previous);
    figures.push({ ...headOf(resolved), value, previous: before, change: changeOf(resolved, value, before) });
  }
  return figures;
}

const headOf = ({ metric, title }: Resolved) => ({ title, metric: metric.name, unit: metric.unit });

/** Percent of what was before, points for a rate; null where the two cannot be compared. */
function changeOf({ metric }: Resolved, value: number | null, before: number | null): number | null {
  if (value === null || before === null) return null;
  if (metric.unit === 'percent') return value - before;
  if (before !== 0) return ((value - before) * 100) / Math.abs(before);
  return value === 0 ? 0 : null;
}

async function chartsOf(questions: Questions, shown: readonly Shown[]): Promise<ReportChart[]> {
  const charts: ReportChart[] = [];
  for (const one of shown) {
    const resolved = questions.shown(one);
    if (resolved === undefined) continue;
    const points = (await questions.days(resolved)).map(({ time, value }) => {
      const at = Date.parse(time);
      return { time, day: datesOf({ from: at, to: at + 1 }, questions.context.timeZone).first, value };
    });
    // A day alone is no course of anything, and neither is nothing.
    if (points.length > 1 && points.some(({ value }) => value !== null && value !== 0))
      charts.push({ ...headOf(resolved), points });
  }
  return charts;
}

async function tablesOf(
  questions: Questions,
  specs: readonly TableSpec[],
  { metrics, group_by }: ReportSettings,
): Promise<ReportTable[]> {
  const tables: ReportTable[] = [];
  for (const { title, groupBy, metrics: shown, rows = ROWS } of specs) {
    const table = await tableOf(questions, title, [groupBy], shown, rows);
    if (table !== undefined) tables.push(table);
  }
  if (group_by.length > 0) {
    const shown = metrics.map((metric) => ({ metric }));
    const table = await tableOf(questions, `By ${group_by.join(' and ')}`, group_by, shown, MAX_ROWS);
    if (table !== undefined) tables.push(table);
  }
  return tables;
}

/** Undefined if it would have no row. */
async function tableOf(
  questions: Questions,
  title: string,
  groupBy: readonly string[],
  shown: readonly Shown[],
  limit: number,
): Promise<ReportTable | undefined> {
  const [first, ...others] = shown.flatMap((one) => questions.shown(one, groupBy) ?? []);
  if (first === undefined) return undefined;
  const { range, previous } = questions.context;
  const rows = (await questions.groups(first, groupBy, range, limit)).filter(({ value }) => value !== null);
  if (rows.every(({ value }) => value === 0)) return undefined;
  const columns: (number | null)[][] = [];
  for (const other of others) columns.push(await valuesBy(questions, other, groupBy, range, rows));
  const before = await valuesBy(questions, first, groupBy, previous, rows);
  return {
    title,
    group_by: [...groupBy],
    columns: [first, ...others].map(headOf),
    rows: rows.map(({ group, names, value }, i) => ({
      group,
      label: group.map((id, place) => labelOf(groupBy[place]!, id, names[place] ?? null)).join(', '),
      values: [value, ...columns.map((column) => column[i]!)],
      previous: before[i]!,
    })),
  };
}

/** The values of the same groups. */
async function valuesBy(
  questions: Questions,
  resolved: Resolved,
  groupBy: readonly string[],
  range: Range,
  rows: readonly { group: (string | null)[] }[],
): Promise<(number | null)[]> {
  const [dimension] = groupBy;
  const ids = rows.map(({ group }) => group[0] ?? null);
  // A filter cannot name what has no value.
  const narrowed = ids.includes(null)
    ? []
    : [{ dimension: dimension!, operator: 'in', values: [...new Set(ids)] as string[] }];
  const groups = await questions.groups(
    { ...resolved, filters: [...resolved.filters, ...narrowed] },
    groupBy,
    range,
  );
  const byGroup = new Map(groups.map(({ group, value }) => [JSON.stringify(group), value]));
  const { op } = resolved.metric.formula;
  // No row: nothing was counted.
  const nothing = op === 'sum' || op === 'distinct' ? 0 : null;
  return rows.map(({ group }) => byGroup.get(JSON.stringify(group)) ?? nothing);
}
