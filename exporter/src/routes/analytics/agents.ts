/** `GET /agents`: token issuances of this month by agent. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { sendCached } from '../../http/response-cache.js';
import { readRoute } from '../../http/route-options.js';
import { MAX_PAGE } from '../../query/reports/cursor.js';
import { monthlyTokensByAgent } from '../../query/reports/tokens.js';
import { Count, Id, Strict } from '../../schemas.js';
import { formatDate, nextMonth } from '../../time.js';
import { NextCursor, pageParameters } from '../shared/pages.js';

const Agents = Strict({
  tenantId: Id('The tenant.'),
  month: Type.String({ examples: ['2026-03'] }),
  data: Type.Array(Strict({ agentId: Id('The agent.'), tokenCount: Count('Issuances this month.') })),
  nextCursor: NextCursor,
});

export default function routes(app: App, context: RouteContext): void {
  const { now } = context;
  app.get(
    '/agents',
    readRoute({
      summary: 'Token issuances of this month by agent',
      tag: 'Identity usage',
      querystring: Strict(pageParameters),
      answer: Agents,
    }),
    (request, reply) => {
      const tenantId = tenantOf(request);
      const { limit = MAX_PAGE, cursor } = request.query;
      const query = { limit, cursor, month: formatDate(now()).slice(0, 7) };
      const cached = { endpoint: 'agents', query, to: nextMonth(now()) };
      return sendCached(context, request, reply, cached, async () => ({
        tenantId,
        ...(await monthlyTokensByAgent(request.reader, tenantId, { limit, cursor }, now())),
      }));
    },
  );
}
