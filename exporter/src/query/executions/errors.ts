/** Why the executions of an agent failed: how often by type, and the last of each. */
import type { ReadPool } from '../../db/read-shares.js';
import { measureSql } from '../../aggregates/index.js';
import { RUNNING, SUCCESS } from '../../catalog/index.js';
import { Parameters } from '../../db/parameters.js';
import { formatTime } from '../../time.js';
import { baseSql } from '../base.js';
import { MAX_GROUPS, OTHER } from '../fold.js';
import { percentOf } from '../metric-value.js';
import type { PlannedFilter } from '../plan.js';
import { requireAgent } from '../reports/agents.js';
import type { Range } from '../segments.js';
import { selectionOf } from '../selection.js';
import { dimensionSql, whereSql } from '../sql.js';
import { executionFigures } from './figures.js';
import { type ExecutionPeriod, periodAnswer } from './period.js';

/** Failed executions without a type. */
const UNKNOWN = 'unknown';

interface Counted {
  /** Null: without a type. */
  type: string | null;
  count: number;
}

/** @throws AppError AGENT_NOT_FOUND */
export async function agentErrors(
  pool: ReadPool,
  tenantId: string,
  agentId: string,
  period: ExecutionPeriod,
) {
  await requireAgent(pool, tenantId, agentId);
  const { range } = period;
  const filters: readonly PlannedFilter[] = [{ dimension: 'agent', operator: 'in', values: [agentId] }];
  const [[all], typed] = await Promise.all([
    executionFigures(pool, tenantId, { range, filters, percentiles: false }),
    byType(pool, tenantId, range, filters),
  ]);
  const total = all!.unsuccessful;
  const untyped = total - typed.reduce((sum, { count }) => sum + count, 0);
  const counted = untyped > 0 ? [...typed, { type: null, count: untyped }] : typed;
  counted.sort((a, b) => b.count - a.count);
  const shown = counted.slice(0, MAX_GROUPS);
  const rest = counted.slice(MAX_GROUPS).reduce((sum, { count }) => sum + count, 0);
  const last = await lastOf(pool, tenantId, agentId, range, shown);
  const rowOf = (type: string, count: number, found?: Last) => ({
    type,
    count,
    percentage: percentOf(count, total),
    last_seen_at: found === undefined ? null : formatTime(found.at.getTime()),
    last_execution_id: found?.id ?? null,
  });
  return {
    agent_id: agentId,
    period: periodAnswer(period),
    total,
    by_type: [
      ...shown.map(({ type, count }) => rowOf(type ?? UNKNOWN, count, last.get(type))),
      ...(rest > 0 ? [rowOf(OTHER, rest)] : []),
    ],
  };
}

async function byType(
  pool: ReadPool,
  tenantId: string,
  range: Range,
  filters: readonly PlannedFilter[],
): Promise<Counted[]> {
  const selection = selectionOf(tenantId, {
    ...{ metric: 'executions', range, dimensions: ['errorType'] },
    filters: [...filters, { dimension: 'executionStatus', operator: 'notIn', values: [RUNNING, SUCCESS] }],
  });
  const parameters = new Parameters();
  const base = baseSql(selection, ['executions'], ['errorType'], parameters);
  const { rows } = await pool.query<Counted>(
    `WITH ${base} SELECT ${dimensionSql('errorType', 'UTC', parameters)} AS type,
       (${measureSql(selection.source, 'executions', 'b')})::float8 AS count
     FROM base b ${whereSql(selection, parameters)} GROUP BY 1 ORDER BY 2 DESC, 1`,
    parameters.values,
  );
  return rows;
}

interface Last {
  type: string | null;
  at: Date;
  id: string;
}

/** The last failed execution of each type, one look into the index a type. */
async function lastOf(
  pool: ReadPool,
  tenantId: string,
  agentId: string,
  { from, to }: Range,
  types: readonly Counted[],
): Promise<Map<string | null, Last>> {
  const { rows } = await pool.query<Last>(
    `SELECT t.type, e.started_at AS at, e.id
     FROM unnest($5::text[]) AS t (type) CROSS JOIN LATERAL (
       SELECT e.started_at, e.id FROM executions e
       WHERE e.tenant_id = $1 AND e.agent_id = $2 AND e.started_at >= $3 AND e.started_at < $4
         AND e.error_type IS NOT DISTINCT FROM t.type AND e.status NOT IN ('${RUNNING}', '${SUCCESS}')
       ORDER BY e.started_at DESC, e.id DESC LIMIT 1
     ) AS e`,
    [tenantId, agentId, new Date(from), new Date(to), types.map(({ type }) => type)],
  );
  return new Map(rows.map((row) => [row.type, row]));
}
