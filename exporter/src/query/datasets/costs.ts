/** All costs by day and agent. */
import { agentName } from '../../facts/execution/columns.js';
import { columnsOf } from '../../facts/portable.js';
import { toWire } from '../../money.js';
import { knownTotal } from '../executions/all-costs.js';
import { byAgent, type Dataset, daysSql, FIRST_DATE } from './dataset.js';

const KINDS = ['model', 'tool', 'storage', 'other'] as const;
const SUMS = KINDS.map((kind) => `sum(${kind}_usd) AS ${kind}_costs`);
const PARTS = KINDS.map((kind) => `${kind}_costs`);

export const costs: Dataset = {
  columns: [
    ...columnsOf('date', 'date'),
    ...columnsOf('text', 'agent_id', 'agent_name'),
    ...columnsOf('money', 'cost', ...PARTS),
    ...columnsOf('integer', 'executions', 'unpriced_executions'),
  ],
  sql: (page) => `SELECT *, ${agentName('days')} AS agent_name FROM (
            SELECT date::text AS date, agent_id, sum(model_usd + tool_usd + storage_usd + other_usd) AS cost,
              ${SUMS.join(', ')}, sum(executions)::bigint AS executions, sum(unpriced)::bigint AS unpriced_executions,
              date::text AS c0, coalesce(agent_id, '') AS c1
            FROM cost_days d WHERE ${daysSql(page)}${page.where} GROUP BY date, agent_id
          ) AS days WHERE (c0, c1) > (${page.after[0]}::text, ${page.after[1]}) ORDER BY c0, c1 LIMIT ${page.limit}`,
  cursor: [
    { column: 'c0', from: FIRST_DATE },
    { column: 'c1', from: '' },
  ],
  filters: byAgent('d.agent_id'),
  cells: (row) => ({
    ...row,
    ...Object.fromEntries(PARTS.map((name) => [name, toWire(row[name] as string)])),
    cost: knownTotal({
      total: row.cost as string,
      model: row.model_costs as string,
      executions: row.executions as number,
      unpriced: row.unpriced_executions as number,
    }),
  }),
};
