/** Dimensions, buckets, filters and formulas over base rows `b`. Values travel as parameters; only declared names stand in the text. */
import { type Aggregate, measureOf, measureSql } from '../aggregates/index.js';
import {
  columnOf,
  type DimensionName,
  findDimension,
  type Formula,
  type Interval,
  type Measure,
  TOP,
} from '../catalog/index.js';
import type { Parameters } from '../db/parameters.js';
import type { Selection } from './base.js';
import { eachOf, joinEach } from './each.js';
import type { PlannedFilter } from './plan.js';

/** Stands for null in a list of groups, so that they can be joined by plain equality. No id or name is empty. */
export const NULL_GROUP = '';

/** Dimensions that are not their column as it is. */
const DERIVED: Partial<Record<DimensionName, (row: string) => string>> = {
  // 0 stands for none.
  statusCode: (row) => `nullif(${row}.status_code, 0)::int`,
  statusClass: (row) => `CASE WHEN ${row}.status_code > 0 THEN (${row}.status_code / 100)::text || 'xx' END`,
  // Null where an earlier release has computed the hour.
  level: (row) => `coalesce(${row}.level, '${TOP}')`,
};

/** A dimension that a row carries; for one with several values, of a row that was joined with them. */
export function carriedSql(name: DimensionName, row: string): string {
  return eachOf(name)?.value ?? DERIVED[name]?.(row) ?? `${row}.${columnOf(name)}`;
}

/** A dimension of a base row. */
export function dimensionSql(name: DimensionName, timeZone: string, parameters: Parameters): string {
  const part = findDimension(name)?.ofTime;
  if (part === undefined) return carriedSql(name, 'b');
  return `extract(${part} FROM b.at AT TIME ZONE ${parameters.add(timeZone)}::text)::int`;
}

/** Start of the bucket that a base row falls into. */
export function bucketSql(
  interval: Exclude<Interval, 'none'>,
  timeZone: string,
  parameters: Parameters,
): string {
  switch (interval) {
    case 'minute':
      return 'b.at';
    case '5m':
    case '15m':
      return `date_bin('${interval === '5m' ? 5 : 15} minutes', b.at, timestamptz 'epoch')`;
    case 'hour':
      return `date_bin('1 hour', b.at, timestamptz 'epoch')`;
    case '6h': {
      const zone = `${parameters.add(timeZone)}::text`;
      const local = `(b.at AT TIME ZONE ${zone})`;
      return `(date_bin('6 hours', ${local}, timestamp '2000-01-01')) AT TIME ZONE ${zone}`;
    }
    default:
      return `date_trunc('${interval}', b.at, ${parameters.add(timeZone)}::text)`;
  }
}

const escapedForLike = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

/** `*` is the only wildcard; the wildcards of LIKE are escaped. */
export const globToLike = (glob: string): string => escapedForLike(glob).replace(/\*+/g, '%');

/** A LIKE pattern for texts that contain this one. */
export const containing = (text: string): string => `%${escapedForLike(text)}%`;

/** Key columns collate by bytes, where ILIKE folds only ASCII. */
export const ANY_CASE = 'COLLATE "default"';

/**
 * @param groupBy what the rows are joined for: of several values, only those that pass are shown
 * @param rows what `b` is of. Patterns are compared with each of its different values, not with each of its rows.
 */
export function filterSql(
  filter: PlannedFilter,
  selection: Selection,
  parameters: Parameters,
  groupBy: readonly DimensionName[] = [],
  rows = 'base',
): string {
  const each = eachOf(filter.dimension);
  const condition = conditionOf(filter, selection, parameters, rows);
  if (each !== undefined && (filter.operator === 'notIn' || !groupBy.includes(filter.dimension))) {
    const has = each.has('b', () => parameters.add(selection.tenantId), condition);
    return filter.operator === 'notIn' ? `(${has}) IS NOT TRUE` : has;
  }
  const passes = condition(dimensionSql(filter.dimension, selection.timeZone, parameters));
  return filter.operator === 'notIn' ? `(${passes}) IS NOT TRUE` : passes;
}

/** That a value is one of those of the filter, or matches one. */
function conditionOf(
  { dimension, operator, values }: PlannedFilter,
  { tenantId, timeZone }: Selection,
  parameters: Parameters,
  rows: string,
): (value: string) => string {
  if (operator !== 'matches') {
    const numeric = values.some((value) => typeof value === 'number');
    const list = `${parameters.add(values)}::${numeric ? 'int' : 'text'}[]`;
    return (value) => `(${value})${numeric ? '' : '::text'} = ANY (${list})`;
  }
  const globs = `${parameters.add(values.map((value) => globToLike(String(value))))}::text[]`;
  // Like ILIKE, which would fold the case of every pattern again for every row.
  const patterns = `ARRAY(SELECT lower(glob ${ANY_CASE}) FROM unnest(${globs}) AS glob)`;
  const value = dimensionSql(dimension, timeZone, parameters);
  const join = joinEach([dimension], 'b', () => parameters.add(tenantId));
  // OFFSET keeps the planner from comparing before it has made the values distinct.
  const matching = `SELECT v FROM (SELECT DISTINCT (${value})::text AS v FROM ${rows} b ${join} OFFSET 0) AS known
    WHERE lower(v ${ANY_CASE}) LIKE ANY (${patterns})`;
  const matches = (compared: string): string => `(${compared})::text IN (${matching})`;
  const names = findDimension(dimension)?.names;
  if (names === undefined) return matches;
  const tenant = parameters.add(tenantId);
  return (compared) =>
    `(${matches(compared)} OR ${compared} IN (SELECT id FROM ${names.table} WHERE tenant_id = ${tenant} AND lower(name) LIKE ANY (${patterns})))`;
}

export function whereSql(
  selection: Selection,
  parameters: Parameters,
  groupBy: readonly DimensionName[] = [],
): string {
  const conditions = selection.filters.map((filter) => filterSql(filter, selection, parameters, groupBy));
  return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
}

/** How much a formula counts, over rows of that alias; undefined for one that is not made of parts. */
export function countedSql(formula: Formula, source: Aggregate, row = 'b'): string | undefined {
  if (formula.op !== 'percent' && formula.op !== 'mean') return undefined;
  const counted = formula.op === 'mean' ? [formula.count] : formula.of;
  return counted.map((measure) => `coalesce(${measureSql(source, measure, row)}, 0)::float8`).join(' + ');
}

/** A formula over rows of that alias. Percentiles, intervals and states have statements of their own. */
export function formulaSql(formula: Formula, source: Aggregate, row = 'b'): string {
  const counted = (measure: Measure): string => `coalesce(${measureSql(source, measure, row)}, 0)`;
  switch (formula.op) {
    case 'sum':
      return measureOf(source, formula.of).unknown
        ? `(${measureSql(source, formula.of, row)})::float8`
        : `${counted(formula.of)}::float8`;
    case 'distinct':
      return `${counted(formula.of)}::float8`;
    case 'percent':
      return `(100.0 * ${counted(formula.part)} / nullif(${formula.of.map(counted).join(' + ')}, 0))::float8`;
    case 'mean':
      return `(${measureSql(source, formula.sum, row)} / nullif(${measureSql(source, formula.count, row)}, 0))::float8`;
    default:
      throw new Error(`${formula.op} has a statement of its own`);
  }
}
