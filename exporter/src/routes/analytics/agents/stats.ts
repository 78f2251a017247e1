/** `GET /agents/:id/stats`: the executions of one agent. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { sendCached } from '../../../http/response-cache.js';
import { readRoute } from '../../../http/route-options.js';
import { resolveExecutionPeriod } from '../../../query/executions/period.js';
import { agentStats } from '../../../query/executions/reports.js';
import { Count, DateText, Id, Milliseconds, Nullable, Percent, Strict, Usd } from '../../../schemas.js';
import {
  agent,
  cachedExecutionPeriod,
  ExecutionPeriodSchema,
  executionPeriodParameters,
  KnownUsd,
  BOUNDED,
  MeanTokens,
  model,
} from '../../shared/executions.js';

const Stats = Strict({
  ...agent,
  period: ExecutionPeriodSchema,
  execution_count: Count('Executions.'),
  success_rate: Percent('Share of finished executions that succeeded.'),
  error_rate: Percent('Share of finished executions that failed, timed out or were blocked.'),
  avg_duration_ms: Milliseconds('Mean.'),
  p50_duration_ms: Milliseconds('Median.'),
  p95_duration_ms: Milliseconds('95th percentile.'),
  p99_duration_ms: Milliseconds('99th percentile.'),
  avg_tokens: MeanTokens,
  avg_steps: Nullable(Type.Number({ description: 'Mean of the finished executions.' })),
  total_cost_usd: KnownUsd,
  unpriced_executions: Count('Executions without a known cost.'),
  by_model: Type.Array(
    Strict({
      ...model,
      executions: Count('Executions.'),
      success_rate: Percent('Share of finished executions that succeeded.'),
      avg_duration_ms: Milliseconds('Mean.'),
      total_tokens: Count('Input and output.'),
      cost_usd: KnownUsd,
    }),
    BOUNDED,
  ),
  errors: Type.Array(
    Strict({
      type: Type.String(),
      count: Count('Executions.'),
      percentage: Percent('Share of executions with an error type.'),
    }),
    BOUNDED,
  ),
  daily: Type.Array(
    Strict({
      date: DateText('Day.'),
      executions: Count('Executions.'),
      success_rate: Percent('Share of finished executions that succeeded.'),
      total_tokens: Count('Input and output.'),
      cost_usd: Usd('Without unpriced executions.'),
    }),
  ),
});

export default function routes(app: App, context: RouteContext): void {
  const { now } = context;
  app.get(
    '/agents/:id/stats',
    readRoute({
      summary: 'Executions of one agent',
      tag: 'Executions and cost',
      params: Strict({ id: Id('The agent.') }),
      querystring: Strict(executionPeriodParameters),
      answer: Stats,
      errors: ['INVALID_DATE_RANGE', 'AGENT_NOT_FOUND'],
    }),
    (request, reply) => {
      const { id } = request.params;
      const period = resolveExecutionPeriod(request.query, now());
      const cached = cachedExecutionPeriod('agent-stats', period, { id });
      return sendCached(context, request, reply, cached, () =>
        agentStats(request.reader, tenantOf(request), id, period),
      );
    },
  );
}
