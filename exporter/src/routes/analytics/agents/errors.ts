/** `GET /agents/:id/errors`: why the executions of an agent failed. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { sendCached } from '../../../http/response-cache.js';
import { readRoute } from '../../../http/route-options.js';
import { resolveHourPeriod } from '../../../query/executions/period.js';
import { agentErrors } from '../../../query/executions/errors.js';
import { Count, Id, Nullable, Percent, Strict, TimeText } from '../../../schemas.js';
import {
  cachedExecutionPeriod,
  ExecutionPeriodSchema,
  hourPeriodParameters,
} from '../../shared/executions.js';

const tag = 'Agents, usage and teams';
const DEFAULT_PERIOD = '7d';

const Errors = Strict({
  agent_id: Id('The agent.'),
  period: ExecutionPeriodSchema,
  total: Count('Executions that failed, timed out or were blocked.'),
  by_type: Type.Array(
    Strict({
      type: Type.String({ description: '`unknown` for failed executions without a type.' }),
      count: Count('Failed executions.'),
      percentage: Percent('Share of the failed executions.'),
      last_seen_at: Nullable(TimeText('Start of the last one; null once it is no longer kept.')),
      last_execution_id: Nullable(Type.String({ description: 'The last one.' })),
    }),
    { description: 'Most frequent first. Types beyond 1,000 are `other`, the last.' },
  ),
});

export default function routes(app: App, context: RouteContext): void {
  const { now } = context;
  app.get(
    '/agents/:id/errors',
    readRoute({
      summary: 'Failed executions of one agent by type of error',
      tag,
      params: Strict({ id: Id('The agent.') }),
      querystring: Strict(hourPeriodParameters(DEFAULT_PERIOD)),
      answer: Errors,
      errors: ['INVALID_DATE_RANGE', 'AGENT_NOT_FOUND'],
    }),
    (request, reply) => {
      const { id } = request.params;
      const period = resolveHourPeriod(request.query, now(), DEFAULT_PERIOD);
      const cached = cachedExecutionPeriod('agent-errors', period, { id });
      return sendCached(context, request, reply, cached, () =>
        agentErrors(request.reader, tenantOf(request), id, period),
      );
    },
  );
}
