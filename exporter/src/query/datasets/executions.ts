/** Executions, their steps and token usages, and executions and events by day. */
import { hasPriceSql } from '../../aggregates/index.js';
import type { Columns, FactTable } from '../../facts/column.js';
import { agentName, EXECUTION } from '../../facts/execution/columns.js';
import { partsOf } from '../../facts/execution/parts-of.js';
import { columnsOf, portableColumns } from '../../facts/portable.js';
import { exporting, exportSql } from '../../facts/shown.js';
import { STEP } from '../../facts/step/columns.js';
import { time } from '../../facts/types.js';
import { USAGE } from '../../facts/usage/columns.js';
import { toWire } from '../../money.js';
import { byAgent, type Dataset, daysSql, FIRST_DATE, is } from './dataset.js';

/** Sorts before every id. */
const NIL = '00000000-0000-0000-0000-000000000000';

const FILTERS: Dataset['filters'] = {
  ...byAgent('e.agent_id'),
  user_ids: is('e.user_id'),
  environments: is('e.environment'),
  statuses: is('e.status'),
  model_names: is('e.model_name'),
};

export const executions: Dataset = {
  columns: portableColumns(EXECUTION),
  sql: ({ from, to, after: [at, id], where, limit }) => `
          SELECT ${exportSql(EXECUTION, 'e')}, e.started_at::text AS c0, e.id AS c1
          FROM executions e WHERE e.tenant_id = $1 AND e.started_at >= ${from} AND e.started_at < ${to}
            AND (e.started_at, e.id) > (${at}::timestamptz, ${id}::uuid)${where} ORDER BY e.started_at, e.id LIMIT ${limit}`,
  cursor: [
    { column: 'c0', from: '-infinity' },
    { column: 'c1', from: NIL },
  ],
  filters: FILTERS,
  cells: exporting(EXECUTION),
};

/** What the rows of steps and of token usages say of their execution. */
const OF_EXECUTION = [
  ...columnsOf('text', 'execution_id'),
  ...columnsOf('time', 'started_at'),
  ...columnsOf('text', 'agent_id', 'agent_name'),
];
const EXECUTION_SQL = `e.id AS execution_id, ${time.exportSql!('e.started_at')} AS started_at, e.agent_id,
            ${agentName('e')} AS agent_name`;

/** The parts of executions, in the order of their executions and then of `place`, a whole number. */
const partsDataset = (table: FactTable<Columns>, row: string, place: string): Dataset => ({
  columns: [...OF_EXECUTION, ...portableColumns(table)],
  sql: ({ from, to, after: [at, id, last], where, limit }) => `
          SELECT ${EXECUTION_SQL}, ${exportSql(table, row)},
            e.started_at::text AS c0, e.id AS c1, ${row}.${place}::text AS c2
          FROM executions e CROSS JOIN LATERAL (${partsOf(table.name)}) AS ${row}
          WHERE e.tenant_id = $1 AND e.started_at >= ${from} AND e.started_at < ${to}
            AND e.started_at >= ${at}::timestamptz
            AND (e.started_at, e.id, ${row}.${place}) > (${at}::timestamptz, ${id}::uuid, ${last}::int)${where}
          ORDER BY e.started_at, e.id, ${row}.${place} LIMIT ${limit}`,
  cursor: [
    { column: 'c0', from: '-infinity' },
    { column: 'c1', from: NIL },
    { column: 'c2', from: '-1' },
  ],
  filters: FILTERS,
  cells: exporting(table),
});

export const steps = partsDataset(STEP, 's', 'step_number');
export const tokenUsages = partsDataset(USAGE, 'u', 'position');

export const daily: Dataset = {
  columns: [
    ...columnsOf('date', 'date'),
    ...columnsOf('text', 'agent_id', 'agent_name', 'provider', 'model_name', 'status'),
    ...columnsOf('integer', 'executions', 'steps', 'input_tokens', 'output_tokens'),
    ...columnsOf('money', 'cost_usd'),
    ...columnsOf('integer', 'unpriced_executions'),
  ],
  sql: (page) => `SELECT * FROM (
            SELECT date::text AS date, agent_id, ${agentName('d')} AS agent_name, provider, model_name, status,
              sum(executions)::bigint AS executions, sum(steps)::bigint AS steps,
              sum(input_tokens)::bigint AS input_tokens, sum(output_tokens)::bigint AS output_tokens,
              CASE WHEN ${hasPriceSql()} THEN sum(cost_usd) END AS cost_usd,
              sum(unpriced)::bigint AS unpriced_executions, date::text AS c0, coalesce(agent_id, '') AS c1,
              coalesce(provider, '') AS c2, coalesce(model_name, '') AS c3, status AS c4
            FROM execution_days d WHERE ${daysSql(page)}${page.where}
            GROUP BY tenant_id, date, agent_id, provider, model_name, status
          ) AS days WHERE (c0, c1, c2, c3, c4) > (${page.after[0]}::text, ${page.after.slice(1).join(', ')})
          ORDER BY c0, c1, c2, c3, c4 LIMIT ${page.limit}`,
  cursor: [
    { column: 'c0', from: FIRST_DATE },
    { column: 'c1', from: '' },
    { column: 'c2', from: '' },
    { column: 'c3', from: '' },
    { column: 'c4', from: '' },
  ],
  filters: { ...byAgent('d.agent_id'), statuses: is('d.status'), model_names: is('d.model_name') },
  cells: (row) => ({ ...row, cost_usd: toWire(row.cost_usd as string | null) }),
};

export const usage: Dataset = {
  columns: [
    ...columnsOf('date', 'date'),
    ...columnsOf('text', 'agent_id', 'agent_name', 'metric_type'),
    ...columnsOf('integer', 'count'),
  ],
  sql: (page) => `SELECT * FROM (
            SELECT date::text AS date, agent_id, ${agentName('d')} AS agent_name, metric_type, count, date::text AS c0,
              coalesce(agent_id, '') AS c1, metric_type AS c2
            FROM analytics_daily_aggregates d WHERE ${daysSql(page)}${page.where}
          ) AS days WHERE (c0, c1, c2) > (${page.after[0]}::text, ${page.after.slice(1).join(', ')})
          ORDER BY c0, c1, c2 LIMIT ${page.limit}`,
  cursor: [
    { column: 'c0', from: FIRST_DATE },
    { column: 'c1', from: '' },
    { column: 'c2', from: '' },
  ],
  filters: byAgent('d.agent_id'),
};
