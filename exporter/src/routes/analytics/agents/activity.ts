/** `GET /agents/activity`: API calls by weekday and hour. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { sendCached } from '../../../http/response-cache.js';
import { readRoute } from '../../../http/route-options.js';
import { callActivity } from '../../../query/reports/calls.js';
import { resolvePeriod } from '../../../query/reports/period.js';
import { Count, Id, Strict } from '../../../schemas.js';
import { agentParameter } from '../../shared/agents.js';
import { cachedPeriod, periodParameters } from '../../shared/periods.js';

const Activity = Strict({
  tenantId: Id('The tenant.'),
  data: Type.Array(
    Strict({
      dow: Type.Integer({ minimum: 0, maximum: 6, description: '0 is Sunday.' }),
      hour: Type.Integer({ minimum: 0, maximum: 23, description: 'UTC.' }),
      count: Count('API calls.'),
    }),
  ),
});

export default function routes(app: App, context: RouteContext): void {
  const { now } = context;
  app.get(
    '/agents/activity',
    readRoute({
      summary: 'API calls by weekday and hour',
      tag: 'Identity usage',
      querystring: Strict({ ...periodParameters, ...agentParameter }),
      answer: Activity,
      errors: ['INVALID_DATE_RANGE', 'AGENT_NOT_FOUND'],
    }),
    (request, reply) => {
      const tenantId = tenantOf(request);
      const { agentId } = request.query;
      const period = resolvePeriod(request.query, now());
      const cached = cachedPeriod('agents-activity', period, { agentId });
      return sendCached(context, request, reply, cached, async () => ({
        tenantId,
        data: await callActivity(request.reader, tenantId, period, agentId),
      }));
    },
  );
}
