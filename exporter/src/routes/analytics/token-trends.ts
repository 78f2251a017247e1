/** `GET /token-trends`: token issuances and failures by day or week. */
import { Type } from 'typebox';
import { AppError } from '../../errors.js';
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { sendCached } from '../../http/response-cache.js';
import { readRoute } from '../../http/route-options.js';
import { resolvePeriod } from '../../query/reports/period.js';
import { GRANULARITIES, tokenTrends } from '../../query/reports/tokens.js';
import { Count, DateText, ERROR_CODE, Id, Strict } from '../../schemas.js';
import { cachedPeriod, periodParameters, PeriodSchema } from '../shared/periods.js';

const TrendsQuery = Strict({
  ...periodParameters,
  granularity: Type.Optional(
    Type.String({ enum: [...GRANULARITIES], default: 'day', [ERROR_CODE]: 'INVALID_GRANULARITY' }),
  ),
});
const Trends = Strict({
  tenantId: Id('The tenant.'),
  period: PeriodSchema,
  granularity: Type.String({ enum: [...GRANULARITIES] }),
  dataPoints: Type.Array(
    Strict({
      date: DateText('The day, or the Monday of the ISO week, which may lie before `from`.'),
      totalIssuances: Count('Successful and failed.'),
      successfulIssuances: Count('Tokens issued.'),
      failedIssuances: Count('Refused requests.'),
      uniqueAgents: Count('Agents with a successful or failed issuance.'),
    }),
  ),
});

export default function routes(app: App, context: RouteContext): void {
  const { now } = context;
  app.get(
    '/token-trends',
    readRoute({
      summary: 'Token issuances and failures by day or ISO week',
      tag: 'Identity usage',
      querystring: TrendsQuery,
      answer: Trends,
      errors: ['INVALID_DATE_RANGE', 'INVALID_GRANULARITY'],
    }),
    (request, reply) => {
      const tenantId = tenantOf(request);
      const granularity = GRANULARITIES.find((known) => known === (request.query.granularity ?? 'day'));
      if (granularity === undefined)
        throw new AppError('INVALID_GRANULARITY', `granularity is one of ${GRANULARITIES.join(', ')}`);
      const period = resolvePeriod(request.query, now());
      const cached = cachedPeriod('token-trends', period, { granularity });
      return sendCached(context, request, reply, cached, async () => ({
        tenantId,
        period,
        granularity,
        dataPoints: await tokenTrends(request.reader, tenantId, period, granularity),
      }));
    },
  );
}
