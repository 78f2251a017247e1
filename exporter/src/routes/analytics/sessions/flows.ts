/** `GET /sessions/flows`: the most common flows of sessions. */
import { Type } from 'typebox';
import { MAX_FLOWS } from '../../../aggregates/index.js';
import { MAX_FLOW, MORE } from '../../../facts/session/session.js';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { sendCached } from '../../../http/response-cache.js';
import { readRoute } from '../../../http/route-options.js';
import { periodAnswer } from '../../../query/executions/period.js';
import { type FlowOf, FLOWS_OF, sessionFlows } from '../../../query/sessions/flows.js';
import { Count, Milliseconds, Percent, Strict } from '../../../schemas.js';
import { cachedExecutionPeriod, ExecutionPeriodSchema } from '../../shared/executions.js';
import { sessionParameters, sessionRequest, SESSIONS_TAG } from '../../shared/sessions.js';

const PERIOD = '7d';
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 1_000;

const Flows = Strict({
  period: ExecutionPeriodSchema,
  total_sessions: Count('Sessions that began in the period.'),
  common_flows: Type.Array(
    Strict({
      steps: Type.Array(Type.String(), {
        description: `In their order, equal neighbours as one. After ${MAX_FLOW} it is cut and ends with \`${MORE}\`.`,
      }),
      count: Count('Sessions.'),
      share: Percent('Share of all sessions.'),
      avg_duration_ms: Milliseconds('Mean duration of the sessions.'),
      completion_rate: Percent('Share of the ended ones whose last top-level execution succeeded.'),
    }),
    { description: 'The most common first.' },
  ),
  other: Strict(
    { count: Count('Sessions.'), share: Percent('Share of all sessions.') },
    { description: 'Sessions with any other flow.' },
  ),
});

export default function routes(app: App, context: RouteContext): void {
  app.get(
    '/sessions/flows',
    readRoute({
      summary: 'The most common flows of sessions',
      description:
        'With `agent_id`, flows of the runs of that agent alone. ' +
        `Of each hour and day the ${MAX_FLOWS} most common flows are kept apart; rarer ones count as other.`,
      tag: SESSIONS_TAG,
      querystring: Strict({
        ...sessionParameters(PERIOD),
        of: Type.Optional(
          Type.Unsafe<FlowOf>(
            Type.String({
              enum: [...FLOWS_OF],
              default: 'steps',
              description: '`steps`: tools and types of steps; `agents`: names of the agents that run.',
            }),
          ),
        ),
        limit: Type.Optional(
          Type.Integer({ minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT, description: 'Flows.' }),
        ),
      }),
      answer: Flows,
      errors: ['INVALID_DATE_RANGE'],
    }),
    (request, reply) => {
      const { of = 'steps', limit = DEFAULT_LIMIT } = request.query;
      const { period, request: wanted } = sessionRequest(context, request.query, PERIOD);
      const { agentId } = wanted;
      const cached = cachedExecutionPeriod('session-flows', period, { agentId, of, limit });
      return sendCached(context, request, reply, cached, async () => ({
        period: periodAnswer(period),
        ...(await sessionFlows(request.reader, tenantOf(request), { ...wanted, of, limit })),
      }));
    },
  );
}
