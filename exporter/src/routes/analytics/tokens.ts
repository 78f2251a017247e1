/** `GET /tokens`: token issuances by day. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { currentHourEnd, sendCached } from '../../http/response-cache.js';
import { readRoute } from '../../http/route-options.js';
import { dailyTokens } from '../../query/reports/tokens.js';
import { Count, DateText, Id, Strict } from '../../schemas.js';
import { formatDate } from '../../time.js';

const MAX_DAYS = 90;

const TokensQuery = Strict({
  days: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_DAYS,
      default: 30,
      description: 'Days to look back, including today.',
    }),
  ),
});
const Tokens = Strict({
  tenantId: Id('The tenant.'),
  days: Type.Integer(),
  data: Type.Array(Strict({ date: DateText('Day.'), count: Count('Issuances.') })),
});

export default function routes(app: App, context: RouteContext): void {
  const { now } = context;
  app.get(
    '/tokens',
    readRoute({
      summary: 'Token issuances by day',
      tag: 'Identity usage',
      querystring: TokensQuery,
      answer: Tokens,
    }),
    (request, reply) => {
      const tenantId = tenantOf(request);
      const { days = 30 } = request.query;
      const cached = {
        endpoint: 'tokens',
        query: { days, today: formatDate(now()) },
        to: currentHourEnd(now()),
      };
      return sendCached(context, request, reply, cached, async () => ({
        tenantId,
        days,
        data: await dailyTokens(request.reader, tenantId, days, now()),
      }));
    },
  );
}
