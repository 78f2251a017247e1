/** Datasets for export, read in keyset pages and short transactions, so that a slow reader blocks nothing. */
import { hasPriceSql } from '../../aggregates/index.js';
import type { ReadPool } from '../../db/read-shares.js';
import type { Columns, FactTable } from '../../facts/column.js';
import { agentName, EXECUTION } from '../../facts/execution/columns.js';
import { partsOf } from '../../facts/execution/parts-of.js';
import { exporting, exportNames, exportSql } from '../../facts/shown.js';
import { STEP } from '../../facts/step/columns.js';
import { time } from '../../facts/types.js';
import { USAGE } from '../../facts/usage/columns.js';
import { toWire } from '../../money.js';
import { formatTime } from '../../time.js';
import type { Range } from '../segments.js';

interface Dataset {
  /** Columns in their order; the name on the wire. */
  columns: readonly string[];
  /**
   * A page of rows after the cursor, in the order of its keys: $1 is the tenant, $2 and $3 are the range, then comes the
   * cursor, and last the limit. ORDER BY qualifies its columns: a bare name would be the formatted text of the SELECT
   * list, which no index orders.
   */
  sql: string;
  /** Columns of the cursor, and the values that the first page begins after. */
  cursor: readonly { column: string; from: string }[];
  /** Makes cells of what a row has; without it they are the same. */
  cells?: (row: Record<string, unknown>) => Record<string, unknown>;
}

/** Sorts before every id. */
const NIL = '00000000-0000-0000-0000-000000000000';

/** The days that the range touches; a range of hours may begin and end within a day. */
const DAYS = `tenant_id = $1 AND date >= ($2::timestamptz AT TIME ZONE 'UTC')::date
              AND date <= (($3::timestamptz - interval '1 ms') AT TIME ZONE 'UTC')::date AND date >= $4::text::date`;

/** What the rows of steps and of token usages say of their execution. */
const OF_EXECUTION = ['execution_id', 'started_at', 'agent_id', 'agent_name'] as const;
const EXECUTION_SQL = `e.id AS execution_id, ${time.exportSql!('e.started_at')} AS started_at, e.agent_id,
            ${agentName('e')} AS agent_name`;

/** The parts of executions, in the order of their executions and then of `place`, a whole number. */
const partsDataset = (table: FactTable<Columns>, row: string, place: string) => ({
  columns: [...OF_EXECUTION, ...exportNames(table)],
  sql: `SELECT ${EXECUTION_SQL}, ${exportSql(table, row)},
            e.started_at::text AS c0, e.id AS c1, ${row}.${place}::text AS c2
          FROM executions e CROSS JOIN LATERAL (${partsOf(table.name)}) AS ${row}
          WHERE e.tenant_id = $1 AND e.started_at >= $2 AND e.started_at < $3 AND e.started_at >= $4::timestamptz
            AND (e.started_at, e.id, ${row}.${place}) > ($4::timestamptz, $5::uuid, $6::int)
          ORDER BY e.started_at, e.id, ${row}.${place} LIMIT $7`,
  cursor: [
    { column: 'c0', from: '-infinity' },
    { column: 'c1', from: NIL },
    { column: 'c2', from: '-1' },
  ],
  cells: exporting(table),
});

const showCost: Dataset['cells'] = (row) => ({ ...row, cost_usd: toWire(row.cost_usd as string | null) });

export const DATASETS = {
  executions: {
    columns: exportNames(EXECUTION),
    sql: `SELECT ${exportSql(EXECUTION, 'e')}, e.started_at::text AS c0, e.id AS c1
          FROM executions e WHERE e.tenant_id = $1 AND e.started_at >= $2 AND e.started_at < $3
            AND (e.started_at, e.id) > ($4::timestamptz, $5::uuid) ORDER BY e.started_at, e.id LIMIT $6`,
    cursor: [
      { column: 'c0', from: '-infinity' },
      { column: 'c1', from: NIL },
    ],
    cells: exporting(EXECUTION),
  },
  steps: partsDataset(STEP, 's', 'step_number'),
  token_usages: partsDataset(USAGE, 'u', 'position'),
  daily: {
    columns: [
      ...[
        'date',
        'agent_id',
        'agent_name',
        'provider',
        'model_name',
        'status',
        'executions',
        'steps',
        'input_tokens',
        'output_tokens',
      ],
      ...['cost_usd', 'unpriced_executions'],
    ],
    sql: `SELECT * FROM (
            SELECT date::text AS date, agent_id, ${agentName('d')} AS agent_name, provider, model_name, status,
              sum(executions)::bigint AS executions, sum(steps)::bigint AS steps,
              sum(input_tokens)::bigint AS input_tokens, sum(output_tokens)::bigint AS output_tokens,
              CASE WHEN ${hasPriceSql()} THEN sum(cost_usd) END AS cost_usd,
              sum(unpriced)::bigint AS unpriced_executions, date::text AS c0, coalesce(agent_id, '') AS c1,
              coalesce(provider, '') AS c2, coalesce(model_name, '') AS c3, status AS c4
            FROM execution_days d WHERE ${DAYS}
            GROUP BY tenant_id, date, agent_id, provider, model_name, status
          ) AS days WHERE (c0, c1, c2, c3, c4) > ($4::text, $5, $6, $7, $8)
          ORDER BY c0, c1, c2, c3, c4 LIMIT $9`,
    cursor: [
      { column: 'c0', from: '0001-01-01' },
      { column: 'c1', from: '' },
      { column: 'c2', from: '' },
      { column: 'c3', from: '' },
      { column: 'c4', from: '' },
    ],
    cells: showCost,
  },
  usage: {
    columns: ['date', 'agent_id', 'agent_name', 'metric_type', 'count'],
    sql: `SELECT * FROM (
            SELECT date::text AS date, agent_id, ${agentName('d')} AS agent_name, metric_type, count, date::text AS c0,
              coalesce(agent_id, '') AS c1, metric_type AS c2
            FROM analytics_daily_aggregates d WHERE ${DAYS}
          ) AS days WHERE (c0, c1, c2) > ($4::text, $5, $6) ORDER BY c0, c1, c2 LIMIT $7`,
    cursor: [
      { column: 'c0', from: '0001-01-01' },
      { column: 'c1', from: '' },
      { column: 'c2', from: '' },
    ],
  },
} satisfies Record<string, Dataset>;

export type DatasetName = keyof typeof DATASETS;
export const DATASET_NAMES = Object.keys(DATASETS) as DatasetName[];

/** Rows of a page, at first and at most. */
const FIRST_PAGE = 50;
const MAX_PAGE = 500;
/** Texts of a page, in UTF-16 units: a page of large rows has fewer. */
const PAGE_UNITS = 512 * 1024;

/** The dataset's columns of each row, a page of rows at a time. */
export async function* exportRows(
  pool: ReadPool,
  tenantId: string,
  name: DatasetName,
  { from, to }: Range,
): AsyncGenerator<Record<string, unknown>[]> {
  const { columns, sql, cursor, cells = (row) => row }: Dataset = DATASETS[name];
  let after = cursor.map((key) => key.from);
  for (let limit = FIRST_PAGE; ;) {
    const { rows } = await pool.query<Record<string, unknown>>(sql, [
      tenantId,
      formatTime(from),
      formatTime(to),
      ...after,
      limit,
    ]);
    const last = rows.at(-1);
    if (last === undefined) return;
    after = cursor.map(({ column }) => String(last[column]));
    yield rows.map((row) => ordered(cells(row), columns));
    if (rows.length < limit) return;
    // At most twice as many as before, because the next rows may be larger.
    const fitting = Math.floor(PAGE_UNITS / Math.max(1, unitsOf(rows) / rows.length));
    limit = Math.max(1, Math.min(fitting, 2 * limit, MAX_PAGE));
  }
}

/** UTF-16 units of the texts in rows. */
function unitsOf(rows: readonly Record<string, unknown>[]): number {
  let units = 0;
  for (const row of rows) {
    for (const value of Object.values(row)) if (typeof value === 'string') units += value.length;
  }
  return units;
}

const ordered = (row: Record<string, unknown>, columns: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));
