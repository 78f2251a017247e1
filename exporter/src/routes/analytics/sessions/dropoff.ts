/** `GET /sessions/dropoff`: at which step of their flow sessions end, and how. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { sendCached } from '../../../http/response-cache.js';
import { readRoute } from '../../../http/route-options.js';
import { periodAnswer } from '../../../query/executions/period.js';
import { sessionDropoff } from '../../../query/sessions/flows.js';
import { Count, Percent, Strict } from '../../../schemas.js';
import { cachedExecutionPeriod, ExecutionPeriodSchema } from '../../shared/executions.js';
import { sessionParameters, sessionRequest, SESSIONS_TAG } from '../../shared/sessions.js';

const PERIOD = '7d';

const Dropoff = Strict({
  period: ExecutionPeriodSchema,
  total_sessions: Count('Sessions that began in the period, active ones and those without steps included.'),
  steps: Type.Array(
    Strict({
      number: Type.Integer({ minimum: 1, description: 'Place in the flow.' }),
      reached: Count('Ended sessions that reached it.'),
      completed: Count('Those whose last step it was, and that completed.'),
      dropped: Count('Those whose last step it was, and that failed.'),
      completion_rate: Percent('100 less the drop rate.'),
      drop_rate: Percent('Share of those that reached it that dropped.'),
      top_last_steps: Type.Array(Strict({ step: Type.String(), count: Count('Sessions.') }), {
        description: 'What the step was for those whose last one it was, the most frequent first; at most 5.',
      }),
    }),
  ),
});

export default function routes(app: App, context: RouteContext): void {
  app.get(
    '/sessions/dropoff',
    readRoute({
      summary: 'Where sessions end',
      description: 'With `agent_id`, by the flow of the runs of that agent alone.',
      tag: SESSIONS_TAG,
      querystring: Strict(sessionParameters(PERIOD)),
      answer: Dropoff,
      errors: ['INVALID_DATE_RANGE'],
    }),
    (request, reply) => {
      const { period, request: wanted } = sessionRequest(context, request.query, PERIOD);
      const { agentId } = wanted;
      const cached = cachedExecutionPeriod('session-dropoff', period, { agentId });
      return sendCached(context, request, reply, cached, async () => ({
        period: periodAnswer(period),
        ...(await sessionDropoff(request.reader, tenantOf(request), wanted)),
      }));
    },
  );
}
