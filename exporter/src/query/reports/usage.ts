/** API calls by outcome, tokens by model, and calls of tools. */
import type { ReadPool } from '../../db/read-shares.js';
import { executionTool, measureSql, tableOf } from '../../aggregates/index.js';
import { ERROR_STATUS, RATE_LIMITED_STATUS } from '../../catalog/index.js';
import { Parameters } from '../../db/parameters.js';
import { toWire } from '../../money.js';
import { formatTime } from '../../time.js';
import { baseSql } from '../base.js';
import { type ExecutionPeriod, periodAnswer } from '../executions/period.js';
import { tokensByModel } from '../executions/models.js';
import { percentOf } from '../metric-value.js';
import { percentileSql, rankedDurations } from '../percentiles.js';
import type { PlannedFilter } from '../plan.js';
import { selectionOf } from '../selection.js';
import { dimensionSql, formulaSql, whereSql } from '../sql.js';
import { findMetric } from '../../catalog/index.js';
import { requireAgent } from './agents.js';

/** More names than a tenant may have, `other` included. */
const MAX_ENDPOINTS = 1_001;
export const MAX_TOOLS = 1_000;

interface Calls {
  calls: number;
  failed: number;
  limited: number;
}

const outcomesOf = ({ calls, failed, limited }: Calls) => ({
  // Those without a status are successful.
  successful_calls: calls - failed - limited,
  failed_calls: failed,
  rate_limited_calls: limited,
});

/** A call with status 429 is rate limited and has not failed. */
export async function apiUsage(pool: ReadPool, tenantId: string, period: ExecutionPeriod) {
  const { range } = period;
  const selection = selectionOf(tenantId, {
    metric: 'api_calls',
    range,
    dimensions: ['endpoint', 'statusCode'],
  });
  const parameters = new Parameters();
  const base = baseSql(selection, ['calls'], ['endpoint', 'statusCode'], parameters);
  const calls = (condition: string): string =>
    `coalesce(sum(b.calls) FILTER (WHERE ${condition}), 0)::float8`;
  const { rows } = await pool.query<Calls & { path: string }>(
    `WITH ${base} SELECT b.endpoint AS path, ${calls('true')} AS calls,
       ${calls(`b.status_code >= ${ERROR_STATUS} AND b.status_code <> ${RATE_LIMITED_STATUS}`)} AS failed,
       ${calls(`b.status_code = ${RATE_LIMITED_STATUS}`)} AS limited
     FROM base b GROUP BY 1 ORDER BY 2 DESC, 1`,
    parameters.values,
  );
  const all = rows.reduce<Calls>(
    (sum, row) => ({
      calls: sum.calls + row.calls,
      failed: sum.failed + row.failed,
      limited: sum.limited + row.limited,
    }),
    { calls: 0, failed: 0, limited: 0 },
  );
  return {
    period: periodAnswer(period),
    total_calls: all.calls,
    ...outcomesOf(all),
    by_endpoint: rows.slice(0, MAX_ENDPOINTS).map((row) => ({
      path: row.path,
      call_count: row.calls,
      ...outcomesOf(row),
      error_rate: percentOf(row.failed, row.calls),
    })),
  };
}

const TOKENS = [
  'totalTokens',
  'inputTokens',
  'outputTokens',
  'cachedInputTokens',
  'reasoningTokens',
] as const;

export async function tokenUsage(pool: ReadPool, tenantId: string, period: ExecutionPeriod) {
  const { range } = period;
  const selection = selectionOf(tenantId, { metric: 'total_tokens', range });
  const parameters = new Parameters();
  const base = baseSql(selection, TOKENS, [], parameters);
  const sums = TOKENS.map(
    (measure) => `coalesce(${measureSql(selection.source, measure, 'b')}, 0)::float8 AS "${measure}"`,
  );
  const [{ rows }, models] = await Promise.all([
    pool.query<Record<(typeof TOKENS)[number], number>>(
      `WITH ${base} SELECT ${sums.join(', ')} FROM base b`,
      parameters.values,
    ),
    tokensByModel(pool, tenantId, range),
  ]);
  const all = rows[0]!;
  const whole = models.reduce((sum, { totalTokens }) => sum + totalTokens, 0);
  return {
    period: periodAnswer(period),
    total_tokens: all.totalTokens,
    input_tokens: all.inputTokens,
    output_tokens: all.outputTokens,
    cached_input_tokens: all.cachedInputTokens,
    reasoning_tokens: all.reasoningTokens,
    by_model: models.map(({ provider, model, totalTokens, inputTokens, outputTokens }) => ({
      name: model,
      provider,
      tokens: totalTokens,
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      share: percentOf(totalTokens, whole),
    })),
  };
}

interface ToolRow {
  name: string | null;
  calls: number;
  success: number | null;
  average: number | null;
  p95: number | null;
  cost: string;
  priced: number;
  agents: number;
}

const MEASURES = [
  'toolCalls',
  'toolRated',
  'toolSuccesses',
  'toolDurationSum',
  'toolDurationCount',
  'toolDurations',
  'toolCost',
  'toolPriced',
] as const;

/**
 * Tools by the number of their calls.
 * @throws AppError AGENT_NOT_FOUND
 */
export async function toolUsage(
  pool: ReadPool,
  tenantId: string,
  period: ExecutionPeriod,
  { agentId, limit }: { agentId?: string; limit: number },
) {
  if (agentId !== undefined) await requireAgent(pool, tenantId, agentId);
  const filters: readonly PlannedFilter[] =
    agentId === undefined ? [] : [{ dimension: 'agent', operator: 'in', values: [agentId] }];
  const selection = selectionOf(tenantId, {
    ...{ metric: 'tool_calls', range: period.range, dimensions: ['tool', 'agent'], filters },
  });
  const parameters = new Parameters();
  const base = baseSql(selection, MEASURES, ['tool', 'agent'], parameters);
  const from = `FROM base b ${whereSql(selection, parameters)}`;
  const tool = dimensionSql('tool', 'UTC', parameters);
  const metric = (name: string): string => formulaSql(findMetric(name)!.formula, selection.source);
  const { rows } = await pool.query<ToolRow>(
    `WITH ${base}, ${rankedDurations([{ name: 'name', sql: tool }], 'b', from)}, p95 AS (
       SELECT name, ${percentileSql(0.95)} AS p95 FROM ranked GROUP BY name
     ), tools AS (
       SELECT ${tool} AS name, ${metric('tool_calls')} AS calls, ${metric('tool_success_rate')} AS success,
         ${metric('tool_duration_avg_ms')} AS average, sum(b.cost_usd) AS cost, sum(b.priced)::float8 AS priced,
         count(DISTINCT b.agent_id)::float8 AS agents
       ${from} GROUP BY 1
     )
     SELECT tools.*, p95.p95 FROM tools LEFT JOIN p95 ON p95.name IS NOT DISTINCT FROM tools.name
     ORDER BY calls DESC, tools.name LIMIT ${parameters.add(limit)}`,
    parameters.values,
  );
  const errors = await lastErrors(pool, tenantId, period, agentId, rows);
  return {
    period: periodAnswer(period),
    tools: rows.map((row) => ({
      name: row.name,
      call_count: row.calls,
      success_rate: row.success,
      avg_duration_ms: row.average,
      p95_duration_ms: row.p95,
      cost: row.priced === 0 ? null : toWire(row.cost),
      agents: row.agents,
      last_error: errors.get(row.name) ?? null,
    })),
  };
}

interface ToolError {
  at: string;
  execution_id: string;
  /** The content of the step, else its status. */
  message: string;
}

/** The last failed call of each tool: first its hour, of the aggregates, then the call in it. */
async function lastErrors(
  pool: ReadPool,
  tenantId: string,
  { range }: ExecutionPeriod,
  agentId: string | undefined,
  tools: readonly Pick<ToolRow, 'name'>[],
): Promise<Map<string | null, ToolError>> {
  const { rows } = await pool.query<{ name: string | null; at: Date; execution_id: string; message: string }>(
    `WITH hours AS (
       SELECT h.tool_name AS name, max(h.bucket) AS bucket FROM ${tableOf(executionTool, 'hour')} h
       WHERE h.tenant_id = $1 AND h.bucket >= $2 AND h.bucket < $3 AND ($4::text IS NULL OR h.agent_id = $4)
         AND h.rated > h.successes AND coalesce(h.tool_name, '') = ANY ($5::text[])
       GROUP BY 1
     )
     SELECT hours.name, last.* FROM hours CROSS JOIN LATERAL (
       SELECT coalesce(s.occurred_at, e.started_at) AS at, e.id AS execution_id, coalesce(s.content, s.status) AS message
       FROM executions e JOIN execution_steps s ON s.tenant_id = $1 AND s.execution_id = e.id
       WHERE e.tenant_id = $1 AND e.started_at >= hours.bucket AND e.started_at < hours.bucket + interval '1 hour'
         AND ($4::text IS NULL OR e.agent_id = $4) AND s.step_type = 'tool_call'
         AND s.tool_name IS NOT DISTINCT FROM hours.name AND s.status NOT IN ('success', 'running')
       ORDER BY e.started_at DESC, e.id DESC, s.step_number DESC LIMIT 1
     ) AS last`,
    [
      tenantId,
      new Date(range.from),
      new Date(range.to),
      agentId ?? null,
      tools.map(({ name }) => name ?? ''),
    ],
  );
  return new Map(rows.map(({ name, at, ...rest }) => [name, { at: formatTime(at.getTime()), ...rest }]));
}
