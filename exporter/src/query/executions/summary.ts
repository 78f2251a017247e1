/** Executions of a tenant, of one agent and of a team, each beside the period before. */
import type { ReadPool } from '../../db/read-shares.js';
import { measureSql } from '../../aggregates/index.js';
import type { Measure } from '../../catalog/index.js';
import { Parameters } from '../../db/parameters.js';
import { toWire } from '../../money.js';
import { baseSql } from '../base.js';
import { meanOf, metricValue } from '../metric-value.js';
import type { PlannedFilter } from '../plan.js';
import { requireAgent } from '../reports/agents.js';
import type { Range } from '../segments.js';
import { selectionOf } from '../selection.js';
import { costsOf, knownTotal } from './all-costs.js';
import { executionFigures } from './figures.js';
import { topFigures } from './levels.js';
import { type ExecutionPeriod, periodAnswer, periodBefore } from './period.js';

/** What `figures` answers of a period, and of the one before. */
async function besideBefore<T>(period: ExecutionPeriod, figures: (range: Range) => Promise<T>) {
  const { range } = period;
  const [now, previous] = await Promise.all([figures(range), figures(periodBefore(range))]);
  return { period: periodAnswer(period), ...now, previous };
}

export const summary = (pool: ReadPool, tenantId: string, period: ExecutionPeriod) =>
  besideBefore(period, (range) => totals(pool, tenantId, range));

/** Counts and rates of the top level, tokens and cost of all. */
async function totals(pool: ReadPool, tenantId: string, range: Range) {
  const [[figures], costs] = await Promise.all([
    topFigures(pool, tenantId, { range, percentiles: false }),
    costsOf(pool, tenantId, { range }),
  ]);
  return {
    total_executions: figures!.executions,
    nested_executions: figures!.nested,
    success_rate: metricValue('execution_success_rate', figures!),
    total_tokens: figures!.all.totalTokens,
    total_cost: toWire(costs.total),
    unpriced_executions: figures!.all.unpriced,
  };
}

/** @throws AppError AGENT_NOT_FOUND */
export async function agentMetrics(
  pool: ReadPool,
  tenantId: string,
  agentId: string,
  period: ExecutionPeriod,
) {
  const agent = await requireAgent(pool, tenantId, agentId);
  const filters: readonly PlannedFilter[] = [{ dimension: 'agent', operator: 'in', values: [agentId] }];
  const figures = await besideBefore(period, async (range) => {
    const [[runs], costs] = await Promise.all([
      executionFigures(pool, tenantId, { range, filters }),
      costsOf(pool, tenantId, { range, filters }),
    ]);
    return {
      execution_count: runs!.executions,
      success_rate: metricValue('execution_success_rate', runs!),
      error_rate: metricValue('execution_error_rate', runs!),
      avg_duration_ms: metricValue('execution_duration_avg_ms', runs!),
      p50_duration_ms: runs!.p50Ms,
      p95_duration_ms: runs!.p95Ms,
      p99_duration_ms: runs!.p99Ms,
      avg_tokens: meanOf(runs!.finishedTokens, runs!.finished),
      avg_steps: meanOf(runs!.finishedSteps, runs!.finished),
      total_tokens: runs!.totalTokens,
      total_cost: knownTotal(costs),
      unpriced_executions: runs!.unpriced,
    };
  });
  return { agent_id: agentId, agent_name: agent.agentName, ...figures };
}

/** How many different agents or users there are. */
async function countActive(pool: ReadPool, tenantId: string, range: Range, metric: string, measure: Measure) {
  const selection = selectionOf(tenantId, { metric, range });
  const parameters = new Parameters();
  const base = baseSql(selection, [measure], [], parameters);
  const { rows } = await pool.query<{ active: number }>(
    `WITH ${base} SELECT (${measureSql(selection.source, measure, 'b')})::float8 AS active FROM base b`,
    parameters.values,
  );
  return rows[0]!.active;
}

export async function teamMetrics(pool: ReadPool, tenantId: string, period: ExecutionPeriod) {
  const [known, figures] = await Promise.all([
    pool.query<{ total_users: number; total_agents: number }>(
      `SELECT (SELECT count(*) FROM users WHERE tenant_id = $1)::float8 AS total_users,
              (SELECT count(*) FROM agents WHERE tenant_id = $1 AND deleted_at IS NULL)::float8 AS total_agents`,
      [tenantId],
    ),
    besideBefore(period, async (range) => {
      const [active_users, active_agents, all] = await Promise.all([
        countActive(pool, tenantId, range, 'active_users', 'executionUsers'),
        countActive(pool, tenantId, range, 'execution_agents', 'executionAgents'),
        totals(pool, tenantId, range),
      ]);
      return { active_users, active_agents, ...all };
    }),
  ]);
  return { org_id: tenantId, ...known.rows[0]!, ...figures };
}
