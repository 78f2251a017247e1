/** `GET /agents/:id/metrics`: the figures of one agent, beside those of the period before. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { sendCached } from '../../../http/response-cache.js';
import { readRoute } from '../../../http/route-options.js';
import { resolveHourPeriod } from '../../../query/executions/period.js';
import { agentMetrics } from '../../../query/executions/summary.js';
import { Count, Id, Milliseconds, Nullable, Percent, Strict, Usd } from '../../../schemas.js';
import {
  agent,
  cachedExecutionPeriod,
  ExecutionPeriodSchema,
  MeanTokens,
  hourPeriodParameters,
} from '../../shared/executions.js';

const tag = 'Agents, usage and teams';
const DEFAULT_PERIOD = '7d';

const figures = {
  execution_count: Count('All executions of the agent, nested ones included.'),
  success_rate: Percent('Share of finished executions that succeeded.'),
  error_rate: Percent('Share of finished executions that failed, timed out or were blocked.'),
  avg_duration_ms: Milliseconds('Mean.'),
  p50_duration_ms: Milliseconds('Median.'),
  p95_duration_ms: Milliseconds('95th percentile.'),
  p99_duration_ms: Milliseconds('99th percentile.'),
  avg_tokens: MeanTokens,
  avg_steps: Nullable(Type.Number({ description: 'Mean of the finished executions.' })),
  total_tokens: Count('Input and output.'),
  total_cost: Nullable(Usd('Models, tools and cost items; null if none of the executions has a price.')),
  unpriced_executions: Count('Executions without a known cost.'),
};

const Metrics = Strict({
  ...agent,
  period: ExecutionPeriodSchema,
  ...figures,
  previous: Strict(figures, { description: 'The same of the period before.' }),
});

export default function routes(app: App, context: RouteContext): void {
  const { now } = context;
  app.get(
    '/agents/:id/metrics',
    readRoute({
      summary: 'Figures of one agent and of the previous period',
      tag,
      params: Strict({ id: Id('The agent.') }),
      querystring: Strict(hourPeriodParameters(DEFAULT_PERIOD)),
      answer: Metrics,
      errors: ['INVALID_DATE_RANGE', 'AGENT_NOT_FOUND'],
    }),
    (request, reply) => {
      const { id } = request.params;
      const period = resolveHourPeriod(request.query, now(), DEFAULT_PERIOD);
      const cached = cachedExecutionPeriod('agent-metrics', period, { id });
      return sendCached(context, request, reply, cached, () =>
        agentMetrics(request.reader, tenantOf(request), id, period),
      );
    },
  );
}
