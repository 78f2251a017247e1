/** The filters of the list of executions, and how many executions match them. */
import { countingAggregate, EXECUTIONS, tableOf } from '../../aggregates/index.js';
import { NESTED, TOP } from '../../catalog/index.js';
import type { ReadPool } from '../../db/read-shares.js';
import { watermarkSql } from '../../db/watermarks.js';
import { columnsWith, type FilterName } from '../../facts/column.js';
import { EXECUTION } from '../../facts/execution/columns.js';
import { containing } from '../sql.js';

/** Filters by equality with any of the values, each of a column. */
type ColumnFilter = FilterName<typeof EXECUTION.columns>;

export const LEVELS = [TOP, NESTED] as const;
export type Level = (typeof LEVELS)[number];

/** Filters that are no equality with a column. */
interface OtherFilters {
  /** Part of the preview. */
  q?: string;
  level?: Level;
}

export interface ExecutionFilters extends Partial<Record<ColumnFilter, readonly string[]>>, OtherFilters {
  /** Half-open, milliseconds. */
  from?: number;
  to?: number;
}

export interface Conditions {
  /** Of a row of executions. */
  where: string;
  /** Of an aggregate that has `columns`: `where` without the times. */
  groups: string;
  /** What the given filters compare, without the times: columns, and the names of other filters. */
  columns: readonly string[];
  /** Placeholders of the first instant, and of the first one after. */
  from?: string;
  to?: string;
  values: unknown[];
}

/** Takes a value of the statement and answers its placeholder. */
type Place = (value: unknown) => string;

const FILTER_COLUMNS = columnsWith(EXECUTION, 'filter').map(({ wire, column, type }) => ({
  name: wire as ColumnFilter,
  column,
  type: type.sql,
}));

/** A condition of executions, and the same of an aggregate that has a column of that name, if one can have it. */
interface OtherCondition {
  ofRow: string;
  ofGroup?: string;
}

/** The condition of each, if it is given; one that is left out does not compile. */
const OTHER_FILTERS: Record<
  keyof OtherFilters,
  (wanted: OtherFilters, place: Place) => OtherCondition | undefined
> = {
  q: ({ q }, place) =>
    q === undefined ? undefined : { ofRow: `query_preview ILIKE ${place(containing(q))}` },
  level: ({ level }) =>
    level && {
      ofRow: `parent_execution_id IS ${level === TOP ? '' : 'NOT '}NULL`,
      ofGroup: `level = '${level}'`,
    },
};

export function conditionsOf(tenantId: string, request: ExecutionFilters): Conditions {
  const values: unknown[] = [tenantId];
  const place: Place = (value) => `$${values.push(value)}`;
  const columns: string[] = [];
  const groups = ['tenant_id = $1'];
  for (const { name, column, type } of FILTER_COLUMNS) {
    const wanted = request[name];
    if (wanted === undefined) continue;
    columns.push(column);
    // One value lets an index give the rows in their order.
    if (wanted.length === 1) groups.push(`${column} = ${place(wanted[0])}`);
    else groups.push(`${column} = ANY(${place(wanted)}::${type}[])`);
  }
  const rows = [...groups];
  for (const [name, conditionOf] of Object.entries(OTHER_FILTERS)) {
    const condition = conditionOf(request, place);
    if (condition === undefined) continue;
    columns.push(name);
    rows.push(condition.ofRow);
    if (condition.ofGroup !== undefined) groups.push(condition.ofGroup);
  }
  const [from, to] = [request.from, request.to].map((at) =>
    at === undefined ? undefined : `${place(new Date(at))}::timestamptz`,
  );
  if (from !== undefined) rows.push(`started_at >= ${from}`);
  if (to !== undefined) rows.push(`started_at < ${to}`);
  return { where: rows.join(' AND '), groups: groups.join(' AND '), columns, from, to, values };
}

/**
 * How many executions match; counted from aggregates where they carry the filters, so that it does not read them all.
 * Where they carry all but the level, the top level is all executions without the nested ones, which have an index.
 */
export async function countExecutions(
  pool: ReadPool,
  tenantId: string,
  request: ExecutionFilters,
): Promise<number> {
  const wanted = conditionsOf(tenantId, request);
  const sql = countedSql(wanted) ?? topSql(tenantId, request) ?? rawSql(wanted);
  const { rows } = await pool.query<{ total: number }>(sql, [...wanted.values]);
  return rows[0]!.total;
}

const rawSql = ({ where }: Conditions): string => `SELECT count(*) AS total FROM executions WHERE ${where}`;

function topSql(tenantId: string, { level, ...rest }: ExecutionFilters): string | undefined {
  const all = level === TOP ? countedSql(conditionsOf(tenantId, rest)) : undefined;
  return all && `SELECT (${all}) - (${rawSql(conditionsOf(tenantId, { ...rest, level: NESTED }))}) AS total`;
}

/** Undefined if no aggregate carries the filters. */
function countedSql(conditions: Conditions): string | undefined {
  const aggregate = countingAggregate('executions', conditions.columns);
  return aggregate && countSql(tableOf(aggregate, 'day'), conditions);
}

const dayOf = (instant: string): string => `(${instant} AT TIME ZONE 'UTC')::date`;
const midnight = (day: string): string => `(${day})::timestamp AT TIME ZONE 'UTC'`;

/**
 * Adds up the days of the aggregate. Days that the range cuts, that are marked to be recomputed, or that retention has
 * dropped in part are counted from the executions themselves, one day at a time (OFFSET keeps them apart) by the index on
 * their times. It is one statement, so that both parts see the same state.
 */
function countSql(table: string, { where, groups, from, to }: Conditions): string {
  const within = [
    ...(from === undefined ? [] : [`date >= ${dayOf(from)}`]),
    ...(to === undefined ? [] : [`date < ${dayOf(to)}`]),
  ];
  const ragged = [from, to].flatMap((at) =>
    at === undefined ? [] : [`UNION SELECT ${dayOf(at)} WHERE ${midnight(dayOf(at))} <> ${at}`],
  );
  return `
  WITH kept AS (
    SELECT coalesce(${watermarkSql(EXECUTIONS.retention.watermark)}, timestamptz '0001-01-01Z') AS since
  ), raw AS (
    SELECT DISTINCT ${dayOf('bucket')} AS day FROM dirty_marks WHERE tenant_id = $1 AND kind = '${EXECUTIONS.marks.hour}'
    UNION SELECT ${dayOf('since')} FROM kept
    ${ragged.join('\n    ')}
  )
  SELECT (SELECT coalesce(sum(executions), 0) FROM ${table}, kept
          WHERE ${[groups, ...within].join(' AND ')} AND date > ${dayOf('since')}
            AND date NOT IN (SELECT day FROM raw))::float8 +
         (SELECT count(*) FROM raw CROSS JOIN LATERAL (
            SELECT FROM executions WHERE ${where} AND started_at >= ${midnight('day')}
              AND started_at < ${midnight('day + 1')}
            OFFSET 0
          ) AS marked) AS total`;
}
