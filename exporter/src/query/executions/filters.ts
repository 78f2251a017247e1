/** Which executions a list is of, and how many there are. */
import type { Pool } from 'pg';
import { countingAggregate, tableOf } from '../../aggregates/index.js';
import { watermarkSql } from '../../db/watermarks.js';
import { EXECUTIONS_FROM } from '../../ingest/executions/retention.js';
import { EXECUTION_MARK } from '../../ingest/executions/store.js';
import { containing } from '../sql.js';

/** Filters by equality with any of the values, and the column of each. */
const FILTERS = [
  'status',
  'agent_id',
  'user_id',
  'session_id',
  'flow_id',
  'model_name',
  'error_type',
] as const;
type FilterName = (typeof FILTERS)[number];

export interface ExecutionFilters extends Partial<Record<FilterName, readonly string[]>> {
  q?: string;
  /** Half-open, milliseconds. */
  from?: number;
  to?: number;
}

export interface Conditions {
  /** Of a row of executions. */
  where: string;
  /** Of any table with the tenant and the columns of the filters: `where` without preview and times. */
  groups: string;
  /** Placeholders of the first instant, and of the first one after. */
  from?: string;
  to?: string;
  values: unknown[];
}

export function conditionsOf(tenantId: string, filters: ExecutionFilters): Conditions {
  const values: unknown[] = [tenantId];
  const place = (value: unknown): string => `$${values.push(value)}`;
  const groups = ['tenant_id = $1'];
  for (const name of FILTERS) {
    const wanted = filters[name];
    if (wanted === undefined) continue;
    // One value lets an index give the rows in their order.
    if (wanted.length === 1) groups.push(`${name} = ${place(wanted[0])}`);
    else groups.push(`${name} = ANY(${place(wanted)}::text[])`);
  }
  const rows = [...groups];
  if (filters.q !== undefined) rows.push(`query_preview ILIKE ${place(containing(filters.q))}`);
  const [from, to] = [filters.from, filters.to].map((at) =>
    at === undefined ? undefined : `${place(new Date(at))}::timestamptz`,
  );
  if (from !== undefined) rows.push(`started_at >= ${from}`);
  if (to !== undefined) rows.push(`started_at < ${to}`);
  return { where: rows.join(' AND '), groups: groups.join(' AND '), from, to, values };
}

/** How many the filters let through: by aggregates where they can tell, so that a page of a million costs no million. */
export async function countExecutions(
  pool: Pool,
  filters: ExecutionFilters,
  conditions: Conditions,
): Promise<number> {
  const given = [...FILTERS, 'q' as const].filter((name) => filters[name] !== undefined);
  const source = countingAggregate('executions', given);
  const sql =
    source === undefined
      ? `SELECT count(*) AS total FROM executions WHERE ${conditions.where}`
      : countSql(tableOf(source, 'day'), conditions);
  const { rows } = await pool.query<{ total: number }>(sql, [...conditions.values]);
  return rows[0]!.total;
}

const dayOf = (instant: string): string => `(${instant} AT TIME ZONE 'UTC')::date`;
const midnight = (day: string): string => `(${day})::timestamp AT TIME ZONE 'UTC'`;

/**
 * The days of the aggregate; and of those that begin or end within the range, that are marked to be recomputed, or of
 * which retention has dropped a part, the executions themselves, a day after the other (OFFSET keeps them apart) by the
 * index of their times. In one statement, which sees one state of both.
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
    SELECT coalesce(${watermarkSql(EXECUTIONS_FROM)}, timestamptz '0001-01-01Z') AS since
  ), raw AS (
    SELECT DISTINCT ${dayOf('bucket')} AS day FROM dirty_marks WHERE tenant_id = $1 AND kind = '${EXECUTION_MARK}'
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
