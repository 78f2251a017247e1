/** `GET /comparison/models`: models compared by outcome, duration, tokens and cost. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { sendCached } from '../../../http/response-cache.js';
import { readRoute } from '../../../http/route-options.js';
import { resolveExecutionPeriod } from '../../../query/executions/period.js';
import { compareModels } from '../../../query/executions/reports.js';
import { Count, Milliseconds, Nullable, Percent, Strict, Usd } from '../../../schemas.js';
import {
  BOUNDED,
  cachedExecutionPeriod,
  ExecutionPeriodSchema,
  executionPeriodParameters,
  KnownUsd,
  MeanTokens,
  model,
} from '../../shared/executions.js';

const Comparison = Strict({
  period: ExecutionPeriodSchema,
  models: Type.Array(
    Strict({
      ...model,
      executions: Count('Top-level executions.'),
      nested_executions: Count('Executions that other executions have called.'),
      success_rate: Percent('Share of finished top-level executions that succeeded.'),
      error_rate: Percent('Share of finished top-level executions that failed, timed out or were blocked.'),
      avg_execution_time_ms: Milliseconds('Mean of the finished top-level executions.'),
      p50_execution_time_ms: Milliseconds('Median.'),
      p95_execution_time_ms: Milliseconds('95th percentile.'),
      p99_execution_time_ms: Milliseconds('99th percentile.'),
      avg_tokens: MeanTokens,
      total_tokens: Count('Input and output, of all executions, nested ones included.'),
      total_cost_usd: KnownUsd,
      cost_per_execution_usd: Nullable(Usd('Of the executions with a known cost.')),
      cost_per_1k_tokens_usd: Nullable(Usd('Of the executions with a known cost.')),
      unpriced_executions: Count('Executions without a known cost, nested ones included.'),
    }),
    BOUNDED,
  ),
});

export default function routes(app: App, context: RouteContext): void {
  const { now } = context;
  app.get(
    '/comparison/models',
    readRoute({
      summary: 'Comparison of models',
      tag: 'Executions and cost',
      querystring: Strict(executionPeriodParameters),
      answer: Comparison,
      errors: ['INVALID_DATE_RANGE'],
    }),
    (request, reply) => {
      const period = resolveExecutionPeriod(request.query, now());
      const cached = cachedExecutionPeriod('comparison-models', period);
      return sendCached(context, request, reply, cached, () =>
        compareModels(request.reader, tenantOf(request), period),
      );
    },
  );
}
