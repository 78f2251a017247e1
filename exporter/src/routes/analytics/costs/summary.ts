/** `GET /costs/summary`: what executions cost, by model, agent, user, component and day. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { sendCached } from '../../../http/response-cache.js';
import { readRoute } from '../../../http/route-options.js';
import { costSummary } from '../../../query/executions/costs.js';
import { resolveExecutionPeriod } from '../../../query/executions/period.js';
import { Count, DateText, Nullable, Percent, Strict, Text, Usd } from '../../../schemas.js';
import {
  BOUNDED,
  cachedExecutionPeriod,
  ExecutionPeriodSchema,
  executionPeriodParameters,
  KnownUsd,
  model,
} from '../../shared/executions.js';

const share = {
  executions: Count('Executions.'),
  unpriced_executions: Count('Executions without a known cost.'),
  total_tokens: Count('Input and output.'),
  cost_usd: KnownUsd,
  share: Percent('Share of the total cost.'),
};

const CostSummary = Strict({
  period: ExecutionPeriodSchema,
  total_cost_usd: Usd('Without unpriced executions.'),
  unpriced_executions: Count('Executions without a known cost.'),
  by_model: Type.Array(Strict({ ...model, ...share }), BOUNDED),
  by_agent: Type.Array(Strict({ agent_id: Text, agent_name: Text, ...share }), BOUNDED),
  by_user: Type.Array(Strict({ user_id: Text, user_name: Text, ...share }), BOUNDED),
  by_component: Type.Array(
    Strict({
      component: Text,
      usages: Count('Token usages; executions if the component is null.'),
      unpriced_usages: Count('Usages without a known cost.'),
      total_tokens: Count('Input and output.'),
      cost_usd: Nullable(Usd('Computed from token usages; null if none has a price.')),
      share: Percent('Share of the cost of all components.'),
    }),
    BOUNDED,
  ),
  daily: Type.Array(Strict({ date: DateText('Day.'), cost_usd: Usd('Without unpriced executions.') })),
});

export default function routes(app: App, context: RouteContext): void {
  const { now } = context;
  app.get(
    '/costs/summary',
    readRoute({
      summary: 'Cost of executions by model, agent, user, component and day',
      tag: 'Executions and cost',
      querystring: Strict(executionPeriodParameters),
      answer: CostSummary,
      errors: ['INVALID_DATE_RANGE'],
    }),
    (request, reply) => {
      const period = resolveExecutionPeriod(request.query, now());
      const cached = cachedExecutionPeriod('costs-summary', period);
      return sendCached(context, request, reply, cached, () =>
        costSummary(request.reader, tenantOf(request), period),
      );
    },
  );
}
