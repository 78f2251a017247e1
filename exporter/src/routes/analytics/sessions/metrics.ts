/** `GET /sessions/metrics`: how many sessions there were, how long they took, and how they ended. */
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { sendCached } from '../../../http/response-cache.js';
import { readRoute } from '../../../http/route-options.js';
import { periodAnswer } from '../../../query/executions/period.js';
import { sessionMetrics } from '../../../query/sessions/metrics.js';
import { Count, Percent, Strict } from '../../../schemas.js';
import { cachedExecutionPeriod, ExecutionPeriodSchema } from '../../shared/executions.js';
import { Mean, sessionParameters, sessionRequest, SESSIONS_TAG } from '../../shared/sessions.js';

const PERIOD = '7d';

const Metrics = Strict({
  period: ExecutionPeriodSchema,
  total_sessions: Count('Sessions that began in the period.'),
  active_sessions: Count('Those that are active now.'),
  ended_sessions: Count('Those that have ended.'),
  avg_duration_sec: Mean('Mean time from the first start to the last end of a session.'),
  avg_steps: Mean('Mean number of steps.'),
  avg_executions: Mean('Mean number of executions, nested ones included.'),
  completion_rate: Percent('Share of ended sessions whose last top-level execution succeeded.'),
  executions_without_session: Count('Executions of the period that name no session.'),
});

export default function routes(app: App, context: RouteContext): void {
  app.get(
    '/sessions/metrics',
    readRoute({
      summary: 'Figures of sessions',
      description:
        'With `agent_id`, of the sessions in which that agent ran, as a whole. Means include active sessions as they are now.',
      tag: SESSIONS_TAG,
      querystring: Strict(sessionParameters(PERIOD)),
      answer: Metrics,
      errors: ['INVALID_DATE_RANGE'],
    }),
    (request, reply) => {
      const { period, request: wanted } = sessionRequest(context, request.query, PERIOD);
      const { agentId } = wanted;
      const cached = cachedExecutionPeriod('session-metrics', period, { agentId });
      return sendCached(context, request, reply, cached, async () => ({
        period: periodAnswer(period),
        ...(await sessionMetrics(request.reader, tenantOf(request), wanted)),
      }));
    },
  );
}
