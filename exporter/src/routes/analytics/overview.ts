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
  BOUNDED,
  cachedExecutionPeriod,
  ExecutionPeriodSchema,
  executionPeriodParameters,
  KnownUsd,
  model,
} from '../shared/executions.js';

const figures = {
  total_executions: Count('Top-level executions, including running ones.'),
  nested_executions: Count('Executions that other executions have called.'),
  successful_executions: Count('Top-level executions that succeeded.'),
  failed_executions: Count('Top-level executions that failed.'),
  timeout_executions: Count('Top-level executions that timed out.'),
  success_rate: Percent('Share of finished top-level executions that succeeded.'),
  avg_execution_time_ms: Milliseconds('Mean of the finished top-level executions.'),
  p50_execution_time_ms: Milliseconds('Median of the same.'),
  p95_execution_time_ms: Milliseconds('95th percentile of the same.'),
  p99_execution_time_ms: Milliseconds('99th percentile of the same.'),
  total_cost_usd: Usd('Of all executions, nested ones included, without unpriced ones.'),
  projected_monthly_cost_usd: Usd("The period's daily mean, times 30."),
  unpriced_executions: Count('Executions without a known cost, nested ones included.'),
  total_tokens: Count('Input and output, of all executions, nested ones included.'),
  input_tokens: Count('Including cached tokens.'),
  output_tokens: Count('Including reasoning tokens.'),
  active_agents: Count('Agents with at least one execution, nested ones included.'),
};

const Overview = Strict({
  period: ExecutionPeriodSchema,
  ...figures,
  previous: Strict(figures, {
    description: 'The same figures of the previous period, which has the same length.',
  }),
  top_agents: Type.Array(
    Strict({
      ...agent,
      executions: Count('All of its executions, nested ones included.'),
      success_rate: Percent('Share of finished executions that succeeded.'),
      avg_execution_time_ms: Milliseconds('Mean.'),
      total_tokens: Count('Input and output.'),
      cost_usd: KnownUsd,
    }),
    { description: 'The ten with the most executions.' },
  ),
  cost_by_model: Type.Array(
    Strict({
      ...model,
      executions: Count('Top-level executions.'),
      nested_executions: Count('Executions that other executions have called.'),
      total_tokens: Count('Input and output, of all executions.'),
      cost_usd: KnownUsd,
      share: Percent('Share of the total cost.'),
    }),
    BOUNDED,
  ),
});

export default function routes(app: App, context: RouteContext): void {
  const { now } = context;
  app.get(
    '/overview',
    readRoute({
      summary: 'Executions of a period and of the previous one',
      tag: 'Executions and cost',
      querystring: Strict(executionPeriodParameters),
      answer: Overview,
      errors: ['INVALID_DATE_RANGE'],
    }),
    (request, reply) => {
      const period = resolveExecutionPeriod(request.query, now());
      const cached = cachedExecutionPeriod('overview', period);
      return sendCached(context, request, reply, cached, () =>
        overview(request.reader, tenantOf(request), period),
      );
    },
  );
}
