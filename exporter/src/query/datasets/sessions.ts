/** Sessions, in the order in which they began. */
import { columnsOf } from '../../facts/portable.js';
import { flowSql, knownCostSql, statusSql } from '../../facts/session/session.js';
import { time } from '../../facts/types.js';
import { toWire } from '../../money.js';
import { type Dataset, is } from './dataset.js';

export const sessions: Dataset = {
  columns: [
    ...columnsOf('text', 'session_id'),
    ...columnsOf('time', 'started_at', 'ended_at'),
    ...columnsOf('number', 'duration_sec'),
    ...columnsOf('integer', 'executions', 'steps'),
    ...columnsOf('json', 'agents'),
    ...columnsOf('text', 'user_id', 'environment', 'status'),
    ...columnsOf('integer', 'total_tokens'),
    ...columnsOf('money', 'total_cost'),
    ...columnsOf('integer', 'unpriced_executions'),
    ...columnsOf('json', 'flow'),
    ...columnsOf('boolean', 'truncated'),
  ],
  sql({ from, to, idleSince, after: [at, id], where, limit }) {
    const status = statusSql('s', idleSince());
    return `SELECT s.session_id, ${time.exportSql!('s.started_at')} AS started_at,
            CASE WHEN ${status} <> 'active' THEN ${time.exportSql!('s.ended_at')} END AS ended_at,
            extract(epoch FROM s.ended_at - s.started_at)::float8 AS duration_sec, s.executions, s.steps, s.agents,
            s.user_id, s.environment, ${status} AS status, s.total_tokens,
            ${knownCostSql('s')} AS total_cost, s.unpriced AS unpriced_executions,
            ${flowSql('s.path')} AS flow, s.is_cut AS truncated, s.started_at::text AS c0, s.session_id AS c1
          FROM sessions s WHERE s.tenant_id = $1 AND s.started_at >= ${from} AND s.started_at < ${to}
            AND (s.started_at, s.session_id) > (${at}::timestamptz, ${id}::text)${where}
          ORDER BY s.started_at, s.session_id LIMIT ${limit}`;
  },
  cursor: [
    { column: 'c0', from: '-infinity' },
    { column: 'c1', from: '' },
  ],
  filters: {
    agent_ids: (values) => `s.agents && ${values}::text[]`,
    agent_tags: (values) => `s.agents && ARRAY(
              SELECT t.id::text FROM agents t WHERE t.tenant_id = $1 AND t.tags && ${values}::text[])`,
    user_ids: is('s.user_id'),
    environments: is('s.environment'),
  },
  cells: (row) => ({ ...row, total_cost: toWire(row.total_cost as string | null) }),
};
