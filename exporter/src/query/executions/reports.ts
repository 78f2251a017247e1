/** The answers of the routes about executions: overview, an agent's statistics, models compared. */
import type { Pool } from 'pg';
import { parseUsd, toWire } from '../../money.js';
import { formatDate } from '../../time.js';
import { agentNames, nameOf } from '../run.js';
import { requireAgent } from '../reports/agents.js';
import type { Range } from '../segments.js';
import { baseSql, Parameters, whereSql } from '../sql.js';
import {
  costOf,
  executionFigures,
  type Figures,
  type FiguresRequest,
  type GroupedFigures,
  knownCostOf,
  percentOf,
  selectionOf,
  shareOf,
} from './figures.js';
import { daysIn, type ExecutionPeriod, periodAnswer, periodBefore } from './period.js';

const TOP_AGENTS = 10;
/** Of a projected month. */
const MONTH_DAYS = 30;

function totals(figures: Figures, range: Range, active: number) {
  const cost = costOf(figures);
  return {
    total_executions: figures.executions,
    successful_executions: figures.succeeded,
    failed_executions: figures.failed,
    timeout_executions: figures.timeouts,
    success_rate: percentOf(figures.succeeded, figures.finished),
    avg_execution_time_ms: figures.averageMs,
    p50_execution_time_ms: figures.p50Ms,
    p95_execution_time_ms: figures.p95Ms,
    p99_execution_time_ms: figures.p99Ms,
    total_cost_usd: cost,
    projected_monthly_cost_usd: round6((cost / daysIn(range)) * MONTH_DAYS),
    unpriced_executions: figures.unpriced,
    total_tokens: figures.inputTokens + figures.outputTokens,
    input_tokens: figures.inputTokens,
    output_tokens: figures.outputTokens,
    active_agents: active,
  };
}

export const round6 = (value: number): number => Math.round(value * 1e6) / 1e6;

async function allFigures(pool: Pool, tenantId: string, request: FiguresRequest): Promise<Figures> {
  const [figures] = await executionFigures(pool, tenantId, request);
  return figures!;
}

/** Agents with an execution. */
async function activeAgents(pool: Pool, tenantId: string, range: Range): Promise<number> {
  const selection = selectionOf(tenantId, { range }, ['agent']);
  const parameters = new Parameters();
  const base = baseSql(selection, ['executions'], ['agent'], parameters);
  const { rows } = await pool.query<{ active: number }>(
    `WITH ${base} SELECT count(DISTINCT b.agent_id) AS active FROM base b`,
    parameters.values,
  );
  return rows[0]!.active;
}

export async function overview(pool: Pool, tenantId: string, period: ExecutionPeriod) {
  const { range } = period;
  const before = periodBefore(range);
  const [now, previous, activeBefore, agents, models] = await Promise.all([
    allFigures(pool, tenantId, { range }),
    allFigures(pool, tenantId, { range: before }),
    activeAgents(pool, tenantId, before),
    executionFigures(pool, tenantId, {
      range,
      groupBy: ['agent'],
      limit: TOP_AGENTS + 1,
      percentiles: false,
    }),
    executionFigures(pool, tenantId, { range, groupBy: ['provider', 'model'], percentiles: false }),
  ]);
  const top = agents.filter(({ group: [agent] }) => agent !== null).slice(0, TOP_AGENTS);
  const names = await agentNames(
    pool,
    tenantId,
    top.map(({ group: [agent] }) => agent!),
  );
  return {
    period: periodAnswer(period),
    ...totals(now, range, agents[0]?.groups ?? 0),
    previous: totals(previous, before, activeBefore),
    top_agents: top.map((figures) => ({
      agent_id: figures.group[0]!,
      agent_name: nameOf(names, figures.group[0]),
      executions: figures.executions,
      success_rate: percentOf(figures.succeeded, figures.finished),
      avg_execution_time_ms: figures.averageMs,
      total_tokens: figures.inputTokens + figures.outputTokens,
      cost_usd: knownCostOf(figures),
    })),
    cost_by_model: byCost(models).map((figures) => ({
      ...modelOf(figures),
      executions: figures.executions,
      total_tokens: figures.inputTokens + figures.outputTokens,
      cost_usd: knownCostOf(figures),
      share: shareOf(figures, now.cost),
    })),
  };
}

const modelOf = ({ group: [provider, model] }: GroupedFigures) => ({
  provider: provider ?? null,
  model_name: model ?? null,
});

export function byCost<T extends { cost: string }>(rows: readonly T[]): T[] {
  return [...rows].sort((a, b) => {
    const difference = parseUsd(b.cost) - parseUsd(a.cost);
    return difference > 0n ? 1 : difference < 0n ? -1 : 0;
  });
}

export async function compareModels(pool: Pool, tenantId: string, period: ExecutionPeriod) {
  const models = await executionFigures(pool, tenantId, {
    range: period.range,
    groupBy: ['provider', 'model'],
  });
  return {
    period: periodAnswer(period),
    models: models.map((figures) => {
      const tokens = figures.inputTokens + figures.outputTokens;
      const priced = figures.executions - figures.unpriced;
      return {
        ...modelOf(figures),
        executions: figures.executions,
        success_rate: percentOf(figures.succeeded, figures.finished),
        error_rate: percentOf(figures.finished - figures.succeeded, figures.finished),
        avg_execution_time_ms: figures.averageMs,
        p50_execution_time_ms: figures.p50Ms,
        p95_execution_time_ms: figures.p95Ms,
        p99_execution_time_ms: figures.p99Ms,
        avg_tokens: mean(figures.finishedTokens, figures.finished),
        total_tokens: tokens,
        total_cost_usd: knownCostOf(figures),
        // Of what has a price: the rest would make them look cheap.
        cost_per_execution_usd: priced === 0 ? null : round6(Number(figures.cost) / priced),
        cost_per_1k_tokens_usd:
          figures.pricedTokens === 0 ? null : round6((Number(figures.cost) / figures.pricedTokens) * 1000),
        unpriced_executions: figures.unpriced,
      };
    }),
  };
}

const mean = (sum: number, count: number): number | null => (count === 0 ? null : sum / count);

/** @throws AppError AGENT_NOT_FOUND */
export async function agentStats(pool: Pool, tenantId: string, agentId: string, period: ExecutionPeriod) {
  const agent = await requireAgent(pool, tenantId, agentId);
  const request: FiguresRequest = {
    range: period.range,
    filters: [{ dimension: 'agent', operator: 'in', values: [agentId] }],
  };
  const [figures, models, errors, daily] = await Promise.all([
    allFigures(pool, tenantId, request),
    executionFigures(pool, tenantId, { ...request, groupBy: ['provider', 'model'] }),
    errorsOf(pool, tenantId, request),
    dailyOf(pool, tenantId, request),
  ]);
  const known = errors.reduce((sum, { count }) => sum + count, 0);
  return {
    agent_id: agentId,
    agent_name: agent.agentName,
    period: periodAnswer(period),
    execution_count: figures.executions,
    success_rate: percentOf(figures.succeeded, figures.finished),
    error_rate: percentOf(figures.finished - figures.succeeded, figures.finished),
    avg_duration_ms: figures.averageMs,
    p50_duration_ms: figures.p50Ms,
    p95_duration_ms: figures.p95Ms,
    p99_duration_ms: figures.p99Ms,
    avg_tokens: mean(figures.finishedTokens, figures.finished),
    avg_steps: mean(figures.finishedSteps, figures.finished),
    total_cost_usd: knownCostOf(figures),
    unpriced_executions: figures.unpriced,
    by_model: models.map((model) => ({
      ...modelOf(model),
      executions: model.executions,
      success_rate: percentOf(model.succeeded, model.finished),
      avg_duration_ms: model.averageMs,
      total_tokens: model.inputTokens + model.outputTokens,
      cost_usd: knownCostOf(model),
    })),
    errors: errors.map(({ type, count }) => ({ type, count, percentage: percentOf(count, known) })),
    daily,
  };
}

async function errorsOf(
  pool: Pool,
  tenantId: string,
  request: FiguresRequest,
): Promise<{ type: string; count: number }[]> {
  const selection = selectionOf(tenantId, request, ['agent', 'errorType']);
  const parameters = new Parameters();
  const base = baseSql(selection, ['executions'], ['agent', 'errorType'], parameters);
  const { rows } = await pool.query<{ type: string; count: number }>(
    `WITH ${base} SELECT b.error_type AS type, sum(b.executions)::float8 AS count
     FROM base b ${whereSql(selection, parameters)} GROUP BY 1 ORDER BY 2 DESC, 1`,
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

/** Every UTC day of the range. */
async function dailyOf(pool: Pool, tenantId: string, request: FiguresRequest): Promise<DailyFigures[]> {
  const selection = selectionOf(tenantId, request, ['agent']);
  const parameters = new Parameters();
  const measures = ['finished', 'inputTokens', 'outputTokens', 'costUsd'] as const;
  const base = baseSql(selection, measures, ['agent'], parameters);
  const where = whereSql(selection, parameters);
  const from = parameters.add(formatDate(request.range.from));
  const to = parameters.add(formatDate(request.range.to - 1));
  const { rows } = await pool.query<{
    date: string;
    executions: number;
    finished: number;
    succeeded: number;
    tokens: number;
    cost: string;
  }>(
    `WITH ${base}, days AS (
       SELECT (b.at AT TIME ZONE 'UTC')::date AS date, sum(b.executions) AS executions,
              sum(b.executions) FILTER (WHERE b.status <> 'running') AS finished,
              sum(b.executions) FILTER (WHERE b.status = 'success') AS succeeded,
              sum(b.input_tokens + b.output_tokens) AS tokens, sum(b.cost_usd) AS cost
       FROM base b ${where} GROUP BY 1
     )
     SELECT day::date AS date, coalesce(executions, 0)::float8 AS executions, coalesce(finished, 0)::float8 AS finished,
            coalesce(succeeded, 0)::float8 AS succeeded, coalesce(tokens, 0)::float8 AS tokens, coalesce(cost, 0) AS cost
     FROM generate_series(${from}::date, ${to}::date, interval '1 day') AS day LEFT JOIN days ON days.date = day::date
     ORDER BY 1`,
    parameters.values,
  );
  return rows.map(({ date, executions, finished, succeeded, tokens, cost }) => ({
    date,
    executions,
    success_rate: percentOf(succeeded, finished),
    total_tokens: tokens,
    cost_usd: toWire(cost),
  }));
}
