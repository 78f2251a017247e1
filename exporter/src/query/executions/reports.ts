/** The answers of the routes about executions: overview, an agent's statistics, models compared. */
import { measureSql } from '../../aggregates/index.js';
import type { ReadPool } from '../../db/read-shares.js';
import { parseUsd, toWire } from '../../money.js';
import { Parameters } from '../../db/parameters.js';
import { baseSql, type Selection } from '../base.js';
import { foldedSql, MAX_GROUPS, OTHER } from '../fold.js';
import { meanOf, metricValue, percentOf } from '../metric-value.js';
import type { PlannedFilter } from '../plan.js';
import { requireAgent } from '../reports/agents.js';
import { agentNames, nameOf } from '../run.js';
import type { Range } from '../segments.js';
import { selectionOf } from '../selection.js';
import { dimensionSql, whereSql } from '../sql.js';
import { dailySums } from './daily.js';
import {
  costOf,
  executionFigures,
  type Figures,
  type FiguresRequest,
  knownCostOf,
  shareOf,
  wireCostOf,
} from './figures.js';
import { topFigures, type TopFigures } from './levels.js';
import { costOfAll, type ModelFigures, modelFigures, topModelFigures } from './models.js';
import { daysIn, type ExecutionPeriod, periodAnswer, periodBefore } from './period.js';

const TOP_AGENTS = 10;
/** Days of a projected month. */
const MONTH_DAYS = 30;

const successRateOf = (figures: Figures): number | null => metricValue('execution_success_rate', figures);
const errorRateOf = (figures: Figures): number | null => metricValue('execution_error_rate', figures);
const averageMsOf = (figures: Figures): number | null => metricValue('execution_duration_avg_ms', figures);

function totals(figures: TopFigures, range: Range, active: number) {
  const cost = costOf(figures.all);
  return {
    total_executions: figures.executions,
    nested_executions: figures.nested,
    successful_executions: figures.succeeded,
    failed_executions: figures.failed,
    timeout_executions: figures.timedOut,
    success_rate: successRateOf(figures),
    avg_execution_time_ms: averageMsOf(figures),
    p50_execution_time_ms: figures.p50Ms,
    p95_execution_time_ms: figures.p95Ms,
    p99_execution_time_ms: figures.p99Ms,
    total_cost_usd: cost,
    projected_monthly_cost_usd: round6((cost / daysIn(range)) * MONTH_DAYS),
    unpriced_executions: figures.all.unpriced,
    total_tokens: figures.all.totalTokens,
    input_tokens: figures.all.inputTokens,
    output_tokens: figures.all.outputTokens,
    active_agents: active,
  };
}

export const round6 = (value: number): number => Math.round(value * 1e6) / 1e6;

async function allFigures(pool: ReadPool, tenantId: string, request: FiguresRequest): Promise<Figures> {
  const [figures] = await executionFigures(pool, tenantId, request);
  return figures!;
}

/** Agents with an execution. */
async function activeAgents(pool: ReadPool, tenantId: string, range: Range): Promise<number> {
  const selection = selectionOf(tenantId, { metric: 'execution_agents', range });
  const parameters = new Parameters();
  const base = baseSql(selection, ['executionAgents'], [], parameters);
  const { rows } = await pool.query<{ active: number }>(
    `WITH ${base} SELECT ${measureSql(selection.source, 'executionAgents', 'b')} AS active FROM base b`,
    parameters.values,
  );
  return rows[0]!.active;
}

export async function overview(pool: ReadPool, tenantId: string, period: ExecutionPeriod) {
  const { range } = period;
  const before = periodBefore(range);
  const [now, previous, activeBefore, agents, models] = await Promise.all([
    topFigures(pool, tenantId, { range }),
    topFigures(pool, tenantId, { range: before }),
    activeAgents(pool, tenantId, before),
    executionFigures(pool, tenantId, {
      range,
      groupBy: ['agent'],
      limit: TOP_AGENTS + 1,
      percentiles: false,
    }),
    topModelFigures(pool, tenantId, { range, percentiles: false }),
  ]);
  const whole = costOfAll(models);
  const top = agents.filter(({ group: [agent] }) => agent !== null).slice(0, TOP_AGENTS);
  const names = await agentNames(
    pool,
    tenantId,
    top.map(({ group: [agent] }) => agent!),
  );
  return {
    period: periodAnswer(period),
    ...totals(now[0]!, range, agents[0]?.groups ?? 0),
    previous: totals(previous[0]!, before, activeBefore),
    top_agents: top.map((figures) => ({
      agent_id: figures.group[0]!,
      agent_name: nameOf(names, figures.group[0]),
      executions: figures.executions,
      success_rate: successRateOf(figures),
      avg_execution_time_ms: averageMsOf(figures),
      total_tokens: figures.totalTokens,
      cost_usd: knownCostOf(figures),
    })),
    cost_by_model: byCost(models).map((model) => ({
      ...modelOf(model),
      executions: model.executions,
      nested_executions: model.nested,
      total_tokens: model.totalTokens,
      cost_usd: wireCostOf(model.priced),
      share: shareOf(model.priced, whole),
    })),
  };
}

const modelOf = ({ provider, model }: Pick<ModelFigures, 'provider' | 'model'>) => ({
  provider,
  model_name: model,
});

/** The most expensive first, and all that are not shown by themselves last. */
export function byCost<T extends { cost: string; isRest: boolean }>(rows: readonly T[]): T[] {
  return [...rows].sort((a, b) => {
    if (a.isRest !== b.isRest) return a.isRest ? 1 : -1;
    const difference = parseUsd(b.cost) - parseUsd(a.cost);
    return difference > 0n ? 1 : difference < 0n ? -1 : 0;
  });
}

export async function compareModels(pool: ReadPool, tenantId: string, period: ExecutionPeriod) {
  const models = await topModelFigures(pool, tenantId, { range: period.range });
  return {
    period: periodAnswer(period),
    models: models.map((figures) => {
      const { priced } = figures.users;
      return {
        ...modelOf(figures),
        executions: figures.executions,
        nested_executions: figures.nested,
        success_rate: successRateOf(figures),
        error_rate: errorRateOf(figures),
        avg_execution_time_ms: averageMsOf(figures),
        p50_execution_time_ms: figures.p50Ms,
        p95_execution_time_ms: figures.p95Ms,
        p99_execution_time_ms: figures.p99Ms,
        avg_tokens: meanOf(figures.finishedTokens, figures.users.finished),
        total_tokens: figures.totalTokens,
        total_cost_usd: wireCostOf(figures.priced),
        // Only of what has a price: the rest would make them look cheap.
        cost_per_execution_usd: priced === 0 ? null : round6(Number(figures.cost) / priced),
        cost_per_1k_tokens_usd:
          figures.pricedTokens === 0 ? null : round6((Number(figures.cost) / figures.pricedTokens) * 1000),
        unpriced_executions: figures.unpriced,
      };
    }),
  };
}

/** @throws AppError AGENT_NOT_FOUND */
export async function agentStats(pool: ReadPool, tenantId: string, agentId: string, period: ExecutionPeriod) {
  const agent = await requireAgent(pool, tenantId, agentId);
  const { range } = period;
  const filters: readonly PlannedFilter[] = [{ dimension: 'agent', operator: 'in', values: [agentId] }];
  const request: FiguresRequest = { range, filters };
  const [figures, models, errors, daily] = await Promise.all([
    allFigures(pool, tenantId, request),
    modelFigures(pool, tenantId, { ...request, percentiles: false }),
    errorsOf(
      pool,
      selectionOf(tenantId, { metric: 'executions', range, dimensions: ['errorType'], filters }),
    ),
    dailyOf(pool, selectionOf(tenantId, { metric: 'executions', range, filters })),
  ]);
  const known = errors.reduce((sum, { count }) => sum + count, 0);
  return {
    agent_id: agentId,
    agent_name: agent.agentName,
    period: periodAnswer(period),
    execution_count: figures.executions,
    success_rate: successRateOf(figures),
    error_rate: errorRateOf(figures),
    avg_duration_ms: averageMsOf(figures),
    p50_duration_ms: figures.p50Ms,
    p95_duration_ms: figures.p95Ms,
    p99_duration_ms: figures.p99Ms,
    avg_tokens: meanOf(figures.finishedTokens, figures.finished),
    avg_steps: meanOf(figures.finishedSteps, figures.finished),
    total_cost_usd: knownCostOf(figures),
    unpriced_executions: figures.unpriced,
    by_model: models.map((model) => ({
      ...modelOf(model),
      executions: model.executions,
      success_rate: successRateOf(model),
      avg_duration_ms: averageMsOf(model),
      total_tokens: model.totalTokens,
      cost_usd: wireCostOf(model.priced),
    })),
    errors: errors.map(({ type, count }) => ({ type, count, percentage: percentOf(count, known) })),
    daily,
  };
}

/** Executions by the type of their error, most frequent first, and all beyond the most frequent as one. */
async function errorsOf(pool: ReadPool, selection: Selection): Promise<{ type: string; count: number }[]> {
  const parameters = new Parameters();
  const base = baseSql(selection, ['executions'], ['errorType'], parameters);
  const sums = `SELECT ${dimensionSql('errorType', 'UTC', parameters)} AS type,
       ${measureSql(selection.source, 'executions', 'b')} AS count
     FROM base b ${whereSql(selection, parameters)} GROUP BY 1`;
  const folded = foldedSql({
    ...{ from: `(${sums}) AS sums`, keys: ['type'], sums: ['count'], order: 'count DESC, type' },
    limit: `${parameters.add(MAX_GROUPS)}::int`,
  });
  const { rows } = await pool.query<{ type: string; count: number }>(
    `WITH ${base} SELECT CASE WHEN is_rest THEN '${OTHER}' ELSE type END AS type, count::float8 AS count
     FROM (${folded}) AS folded ORDER BY is_rest, count DESC, type`,
    parameters.values,
  );
  return rows;
}

export interface DailyFigures {
  date: string;
  executions: number;
  success_rate: number | null;
  total_tokens: number;
  cost_usd: number;
}

const DAILY = ['executions', 'finished', 'succeeded', 'totalTokens', 'knownCost'] as const;

async function dailyOf(pool: ReadPool, selection: Selection): Promise<DailyFigures[]> {
  const days = await dailySums(pool, selection, DAILY);
  return days.map(({ date, executions, finished, succeeded, totalTokens, knownCost }) => ({
    date,
    executions: Number(executions),
    success_rate: metricValue('execution_success_rate', {
      succeeded: Number(succeeded),
      finished: Number(finished),
    }),
    total_tokens: Number(totalTokens),
    cost_usd: toWire(knownCost),
  }));
}
