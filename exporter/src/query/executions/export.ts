/** Whole datasets, row by row: keyset pages in short transactions, so that a slow reader holds nothing up. */
import type { Pool } from 'pg';
import { toWire } from '../../costs/money.js';
import { partsOf } from '../../aggregates/parts-of.js';
import { formatTime } from '../../time.js';
import type { Range } from '../segments.js';

type Cell = string | number | boolean | readonly string[] | null;

interface Dataset {
  /** Columns in their order; the name on the wire. */
  columns: readonly string[];
  /**
   * A page of rows after the cursor, in the order of its keys: $1 the tenant, $2 and $3 the range, then the cursor, last
   * the limit. The order names its columns with their table: a bare name would be that of the text which is shown, by
   * which no index has the rows in order.
   */
  sql: string;
  /** Columns of the cursor, with the types of their parameters, and what they begin with. */
  cursor: readonly { column: string; from: string }[];
}

/** Lowest of all in the order of bytes, and no id. */
const NIL = '00000000-0000-0000-0000-000000000000';
const TIME = `to_char(%s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const time = (column: string): string => TIME.replace('%s', column);

const EXECUTION = ['execution_id', 'started_at', 'agent_id', 'agent_name'] as const;
/** The name of the agent of a row; null where it has none. */
const agentName = (row: string): string =>
  `(SELECT name FROM agents a WHERE a.tenant_id = $1 AND a.id = ${row}.agent_id) AS agent_name`;
/** The days that the range touches: one of hours may begin and end within a day. */
const DAYS = `tenant_id = $1 AND date >= ($2::timestamptz AT TIME ZONE 'UTC')::date
              AND date <= (($3::timestamptz - interval '1 ms') AT TIME ZONE 'UTC')::date AND date >= $4::text::date`;

export const DATASETS = {
  executions: {
    columns: [
      ...[
        'id',
        'started_at',
        'completed_at',
        'status',
        'agent_id',
        'agent_name',
        'agent_type',
        'flow_id',
        'user_id',
        'session_id',
      ],
      ...[
        'request_id',
        'provider',
        'model_name',
        'execution_time_ms',
        'llm_time_ms',
        'input_tokens',
        'output_tokens',
      ],
      ...[
        'total_tokens',
        'cached_input_tokens',
        'cache_write_tokens',
        'reasoning_tokens',
        'cost_usd',
        'cost_source',
      ],
      ...['step_count', 'error_type', 'error_message', 'query_preview', 'tags'],
    ],
    sql: `SELECT id, ${time('started_at')} AS started_at, ${time('completed_at')} AS completed_at, status, agent_id,
            ${agentName('e')}, agent_type, flow_id, user_id, session_id, request_id, provider, model_name,
            execution_time_ms, llm_time_ms, input_tokens, output_tokens, total_tokens, cached_input_tokens,
            cache_write_tokens, reasoning_tokens, cost_usd, cost_source, steps AS step_count, error_type, error_message,
            query_preview, tags, started_at::text AS c0, id AS c1
          FROM executions e WHERE tenant_id = $1 AND started_at >= $2 AND started_at < $3
            AND (started_at, id) > ($4::timestamptz, $5::uuid) ORDER BY e.started_at, e.id LIMIT $6`,
    cursor: [
      { column: 'c0', from: '-infinity' },
      { column: 'c1', from: NIL },
    ],
  },
  steps: {
    columns: [
      ...EXECUTION,
      ...[
        'step_number',
        'step_type',
        'tool_name',
        'status',
        'input_tokens',
        'output_tokens',
        'duration_ms',
        'timestamp',
      ],
      'content',
    ],
    sql: `SELECT e.id AS execution_id, ${time('e.started_at')} AS started_at, e.agent_id, ${agentName('e')},
            s.step_number, s.step_type, s.tool_name, s.status, s.input_tokens, s.output_tokens, s.duration_ms,
            ${time('s.occurred_at')} AS timestamp, s.content, e.started_at::text AS c0, e.id AS c1, s.step_number::text AS c2
          FROM executions e CROSS JOIN LATERAL (${partsOf('execution_steps')}) AS s
          WHERE e.tenant_id = $1 AND e.started_at >= $2 AND e.started_at < $3 AND e.started_at >= $4::timestamptz
            AND (e.started_at, e.id, s.step_number) > ($4::timestamptz, $5::uuid, $6::int)
          ORDER BY e.started_at, e.id, s.step_number LIMIT $7`,
    cursor: [
      { column: 'c0', from: '-infinity' },
      { column: 'c1', from: NIL },
      { column: 'c2', from: '-1' },
    ],
  },
  token_usages: {
    columns: [
      ...EXECUTION,
      ...[
        'component',
        'provider',
        'model',
        'step_number',
        'input_tokens',
        'output_tokens',
        'cached_input_tokens',
      ],
      ...['cache_write_tokens', 'reasoning_tokens', 'cost_usd', 'cost_source'],
    ],
    sql: `SELECT e.id AS execution_id, ${time('e.started_at')} AS started_at, e.agent_id, ${agentName('e')},
            u.component, u.provider, u.model_name AS model, u.step_number, u.input_tokens, u.output_tokens,
            u.cached_input_tokens, u.cache_write_tokens, u.reasoning_tokens, u.cost_usd, u.cost_source,
            e.started_at::text AS c0, e.id AS c1, u.position::text AS c2
          FROM executions e CROSS JOIN LATERAL (${partsOf('token_usages')}) AS u
          WHERE e.tenant_id = $1 AND e.started_at >= $2 AND e.started_at < $3 AND e.started_at >= $4::timestamptz
            AND (e.started_at, e.id, u.position) > ($4::timestamptz, $5::uuid, $6::int)
          ORDER BY e.started_at, e.id, u.position LIMIT $7`,
    cursor: [
      { column: 'c0', from: '-infinity' },
      { column: 'c1', from: NIL },
      { column: 'c2', from: '-1' },
    ],
  },
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
            SELECT date::text AS date, agent_id, ${agentName('d')}, provider, model_name, status, executions, steps,
              input_tokens, output_tokens, CASE WHEN unpriced < executions THEN cost_usd END AS cost_usd,
              unpriced AS unpriced_executions, date::text AS c0, coalesce(agent_id, '') AS c1,
              coalesce(provider, '') AS c2, coalesce(model_name, '') AS c3, status AS c4
            FROM execution_days d WHERE ${DAYS}
          ) AS days WHERE (c0, c1, c2, c3, c4) > ($4::text, $5, $6, $7, $8)
          ORDER BY c0, c1, c2, c3, c4 LIMIT $9`,
    cursor: [
      { column: 'c0', from: '0001-01-01' },
      { column: 'c1', from: '' },
      { column: 'c2', from: '' },
      { column: 'c3', from: '' },
      { column: 'c4', from: '' },
    ],
  },
  usage: {
    columns: ['date', 'agent_id', 'agent_name', 'metric_type', 'count'],
    sql: `SELECT * FROM (
            SELECT date::text AS date, agent_id, ${agentName('d')}, metric_type, count, date::text AS c0,
              coalesce(agent_id, '') AS c1, metric_type AS c2
            FROM analytics_daily_aggregates d WHERE ${DAYS}
          ) AS days WHERE (c0, c1, c2) > ($4::text, $5, $6) ORDER BY c0, c1, c2 LIMIT $7`,
    cursor: [
      { column: 'c0', from: '0001-01-01' },
      { column: 'c1', from: '' },
      { column: 'c2', from: '' },
    ],
  },
} as const satisfies Record<string, Dataset>;

export type DatasetName = keyof typeof DATASETS;
export const DATASET_NAMES = Object.keys(DATASETS) as DatasetName[];

const PAGE = 500;

/** The dataset's columns of each row, a page of rows at a time. */
export async function* exportRows(
  pool: Pool,
  tenantId: string,
  name: DatasetName,
  { from, to }: Range,
): AsyncGenerator<Record<string, Cell>[]> {
  const { columns, sql, cursor }: Dataset = DATASETS[name];
  let after = cursor.map((key) => key.from);
  for (;;) {
    const { rows } = await pool.query<Record<string, Cell>>(sql, [
      tenantId,
      formatTime(from),
      formatTime(to),
      ...after,
      PAGE,
    ]);
    if (rows.length > 0) yield rows.map((row) => cellsOf(row, columns));
    if (rows.length < PAGE) return;
    const last = rows.at(-1)!;
    after = cursor.map(({ column }) => String(last[column]));
  }
}

const cellsOf = (row: Record<string, Cell>, columns: readonly string[]): Record<string, Cell> =>
  Object.fromEntries(
    columns.map((column) => [
      column,
      column === 'cost_usd' ? toWire(row[column] as string | null) : (row[column] ?? null),
    ]),
  );
