/** `GET /overview`: executions of a period, beside the period before. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { sendCached } from '../../http/response-cache.js';
import { readRoute } from '../../http/route-options.js';
import { resolveExecutionPeriod } from '../../query/executions/period.js';
import { overview } from '../../query/executions/reports.js';
import { Count, Milliseconds, Percent, Strict, Usd } from '../../schemas.js';
import {
  agent,
  cachedExecutionPeriod,
  ExecutionPeriodSchema,
  executionPeriodParameters,
  KnownUsd,
  model,
} from '../shared/executions.js';

const figures = {
  total_executions: Count('All executions, running ones included.'),
  successful_executions: Count('Those that succeeded.'),
  failed_executions: Count('Those that failed.'),
  timeout_executions: Count('Those that took too long.'),
  success_rate: Percent('Successes of the finished executions.'),
  avg_execution_time_ms: Milliseconds('Mean of the finished executions.'),
  p50_execution_time_ms: Milliseconds('Median.'),
  p95_execution_time_ms: Milliseconds('95th percentile.'),
  p99_execution_time_ms: Milliseconds('99th percentile.'),
  total_cost_usd: Usd('Without what is unpriced.'),
  projected_monthly_cost_usd: Usd("The period's daily mean, times 30."),
  unpriced_executions: Count('Executions whose cost is not known.'),
  total_tokens: Count('Input and output.'),
  input_tokens: Count('With cached ones.'),
  output_tokens: Count('With reasoning ones.'),
  active_agents: Count('Agents with an execution.'),
};

const Overview = Strict({
  period: ExecutionPeriodSchema,
  ...figures,
  previous: Strict(figures, { description: 'The same of the period before, which is as long.' }),
  top_agents: Type.Array(
    Strict({
      ...agent,
      executions: Count('Executions.'),
      success_rate: Percent('Successes of the finished executions.'),
      avg_execution_time_ms: Milliseconds('Mean.'),
      total_tokens: Count('Input and output.'),
      cost_usd: KnownUsd,
    }),
    { description: 'The ten with the most executions.' },
  ),
  cost_by_model: Type.Array(
    Strict({
      ...model,
      executions: Count('Executions.'),
      total_tokens: Count('Input and output.'),
      cost_usd: KnownUsd,
      share: Percent('Of the total cost.'),
    }),
  ),
});

export default function routes(app: App, context: RouteContext): void {
  const { pool, now } = context;
  app.get(
    '/overview',
    readRoute({
      summary: 'Executions of a period, and of the one before',
      tag: 'Executions and cost',
      querystring: Strict(executionPeriodParameters),
      answer: Overview,
      errors: ['INVALID_DATE_RANGE'],
    }),
    (request, reply) => {
      const period = resolveExecutionPeriod(request.query, now());
      const cached = cachedExecutionPeriod('overview', period);
      return sendCached(context, request, reply, cached, () => overview(pool, tenantOf(request), period));
    },
  );
}
