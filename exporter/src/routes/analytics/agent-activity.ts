/** `GET /agent-activity`: what each agent did by day. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { sendCached } from '../../http/response-cache.js';
import { readRoute } from '../../http/route-options.js';
import { agentActivity } from '../../query/reports/agents.js';
import { MAX_PAGE } from '../../query/reports/cursor.js';
import { resolvePeriod } from '../../query/reports/period.js';
import { Count, DateText, Id, Strict } from '../../schemas.js';
import { agent, agentParameter } from '../shared/agents.js';
import { NextCursor, pageParameters } from '../shared/pages.js';
import { cachedPeriod, periodParameters, PeriodSchema } from '../shared/periods.js';

const MAX_DAYS = 90;

const ActivityQuery = Strict({ ...periodParameters, ...agentParameter, ...pageParameters });
const Activity = Strict({
  tenantId: Id('The tenant.'),
  period: PeriodSchema,
  agents: Type.Array(
    Strict({
      ...agent,
      dailyActivity: Type.Array(
        Strict({
          date: DateText('Day with at least one event.'),
          apiCalls: Count('API calls.'),
          tokenIssuances: Count('Tokens issued.'),
          credentialRotations: Count('Credential rotations.'),
        }),
      ),
    }),
  ),
  nextCursor: NextCursor,
});

export default function routes(app: App, context: RouteContext): void {
  const { now } = context;
  app.get(
    '/agent-activity',
    readRoute({
      summary: 'Activity of each agent by day',
      tag: 'Identity usage',
      querystring: ActivityQuery,
      answer: Activity,
      errors: ['INVALID_DATE_RANGE', 'AGENT_NOT_FOUND'],
    }),
    (request, reply) => {
      const tenantId = tenantOf(request);
      const { agentId, limit = MAX_PAGE, cursor } = request.query;
      const period = resolvePeriod(request.query, now(), { maxDays: MAX_DAYS });
      const cached = cachedPeriod('agent-activity', period, { agentId, limit, cursor });
      return sendCached(context, request, reply, cached, async () => ({
        tenantId,
        period,
        ...(await agentActivity(request.reader, tenantId, period, { agentId, limit, cursor })),
      }));
    },
  );
}
