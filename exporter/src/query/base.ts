/** The rows that a query reads: those of its aggregate within the range, from every level that has a part in it. */
import { type Aggregate, measureOf, tableOf } from '../aggregates/index.js';
import { isOneOf, type Only } from '../aggregates/measures.js';
import { partsOf } from '../aggregates/rows.js';
import { columnOf, type DimensionName, type Measure } from '../catalog/index.js';
import type { Parameters } from '../db/parameters.js';
import { formatDate } from '../time.js';
import type { Plan } from './plan.js';
import type { Segment } from './segments.js';

/** What rows are read by: a plan without what only shapes the answer. */
export type Selection = Pick<
  Plan,
  'tenantId' | 'source' | 'range' | 'segments' | 'timeZone' | 'roundHours' | 'filters'
>;

/** A CTE `base` with the columns of the measures and dimensions, and the bucket's start in `at`. */
export function baseSql(
  selection: Selection,
  measures: readonly Measure[],
  dimensions: readonly DimensionName[],
  parameters: Parameters,
): string {
  const { source, segments } = selection;
  const used = [...dimensions, ...selection.filters.map((filter) => filter.dimension)];
  const columns = columnsOf(source, measures, used);
  const tenant = parameters.add(selection.tenantId);
  const only = onlyOf(source, measures);
  const counted =
    only === undefined ? '' : ` AND ${only.column} = ANY (${parameters.add(only.values)}::text[])`;
  const branches = segments.flatMap((segment) => {
    const { at, within } = timeOf(selection, segment, parameters);
    return partsOf(source, segment.level, 'x', tenant).map(({ table, column, where }) => {
      const carried = columns.map((name) => `, ${column(name)} AS ${name}`).join('');
      return `SELECT ${at} AS at${carried} FROM ${table} x WHERE x.tenant_id = ${tenant}${counted} AND ${within} AND ${where}`;
    });
  });
  // A range without any instant still has columns.
  const rows =
    branches.length === 0
      ? `SELECT ${['bucket AS at', ...columns].join(', ')} FROM ${tableOf(source, 'hour')} WHERE false`
      : branches.join('\n  UNION ALL ');
  return `base AS (\n  ${rows}\n)`;
}

function columnsOf(
  source: Aggregate,
  measures: readonly Measure[],
  dimensions: readonly DimensionName[],
): string[] {
  const read = measures.flatMap((measure) => measureOf(source, measure).columns);
  const carried = dimensions.flatMap((name) => columnOf(name) ?? []);
  return [...new Set([...read, ...carried])];
}

/** The key values that the measures count, where all are of some values only. */
function onlyOf(source: Aggregate, measures: readonly Measure[]): Only | undefined {
  const all = measures.map((measure) => measureOf(source, measure).only);
  const [first] = all;
  if (first === undefined || all.some((only) => only?.column !== first.column)) return undefined;
  return { column: first.column, values: [...new Set(all.flatMap((only) => only!.values))] };
}

/** The same as a condition on rows of that alias. */
export function onlySql(source: Aggregate, measures: readonly Measure[], row: string): string {
  const only = onlyOf(source, measures);
  return only === undefined ? 'true' : isOneOf(only, row);
}

/** Where a row of the segment's level lies in time, and the condition that it lies within the segment. */
function timeOf(
  { range, roundHours }: Selection,
  { level, from, to }: Segment,
  parameters: Parameters,
): { at: string; within: string } {
  if (level === 'day') {
    return {
      at: `date::timestamp AT TIME ZONE 'UTC'`,
      within: `date >= ${parameters.add(formatDate(from))}::date AND date < ${parameters.add(formatDate(to))}::date`,
    };
  }
  const between = (at: string, first: number, end: number): string =>
    `${at} >= ${parameters.add(new Date(first))} AND ${at} < ${parameters.add(new Date(end))}`;
  if (!roundHours || level !== 'hour') return { at: 'bucket', within: between('bucket', from, to) };
  const at = `bucket + interval '30 minutes'`;
  // The index can use only the plain bound.
  return {
    at,
    within: `${between(at, range.from, Math.min(range.to, to))} AND ${between('bucket', from, to)}`,
  };
}
