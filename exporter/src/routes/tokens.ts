/** Token issuances: by day, by agent this month, and their trend. */
import { Type } from 'typebox';
import { AppError } from '../errors.js';
import { MAX_PAGE } from '../query/reports/cursor.js';
import { resolvePeriod, rangeOf } from '../query/reports/period.js';
import { dailyTokens, GRANULARITIES, monthlyTokensByAgent, tokenTrends } from '../query/reports/tokens.js';
import { formatDate, nextMonth } from '../time.js';
import { currentHourEnd, sendCached } from '../http/response-cache.js';
import { type App, type RouteContext, tenantOf } from '../http/context.js';
import { readRoute } from '../http/route-options.js';
import {
  Count,
  DateText,
  ERROR_CODE,
  Id,
  NextCursor,
  pageParameters,
  Period,
  periodParameters,
  Strict,
} from '../http/schemas.js';

const MAX_DAYS = 90;

const DaysQuery = Strict({
  days: Type.Optional(
    Type.Integer({ minimum: 1, maximum: MAX_DAYS, default: 30, description: 'Days back, today included.' }),
  ),
});
const DaysAnswer = Strict({
  tenantId: Id('The tenant.'),
  days: Type.Integer(),
  data: Type.Array(Strict({ date: DateText('Day.'), count: Count('Issuances.') })),
});

const AgentsQuery = Strict(pageParameters);
const AgentsAnswer = Strict({
  tenantId: Id('The tenant.'),
  month: Type.String({ examples: ['2026-03'] }),
  data: Type.Array(Strict({ agentId: Id('The agent.'), tokenCount: Count('Issuances this month.') })),
  nextCursor: NextCursor,
});

const TrendsQuery = Strict({
  ...periodParameters,
  granularity: Type.Optional(
    Type.String({ enum: [...GRANULARITIES], default: 'day', [ERROR_CODE]: 'INVALID_GRANULARITY' }),
  ),
});
const TrendsAnswer = Strict({
  tenantId: Id('The tenant.'),
  period: Period,
  granularity: Type.String({ enum: [...GRANULARITIES] }),
  dataPoints: Type.Array(
    Strict({
      date: DateText('The day, or the Monday of the ISO week, which may lie before `from`.'),
      totalIssuances: Count('Successful and failed.'),
      successfulIssuances: Count('Tokens issued.'),
      failedIssuances: Count('Requests refused.'),
      uniqueAgents: Count('Agents with either.'),
    }),
  ),
});

export function tokenRoutes(app: App, context: RouteContext): void {
  const { pool, now } = context;

  app.get(
    '/tokens',
    readRoute({
      summary: 'Token issuances by day',
      tag: 'Identity usage',
      querystring: DaysQuery,
      answer: DaysAnswer,
    }),
    async (request, reply) => {
      const { days = 30 } = request.query;
      const tenantId = tenantOf(request);
      const today = formatDate(now());
      return sendCached(
        context,
        request,
        reply,
        { endpoint: 'tokens', query: { days, today }, to: currentHourEnd(now()) },
        async () => ({
          tenantId,
          days,
          data: await dailyTokens(pool, tenantId, days, now()),
        }),
      );
    },
  );

  app.get(
    '/agents',
    readRoute({
      summary: 'Token issuances of this month by agent',
      tag: 'Identity usage',
      querystring: AgentsQuery,
      answer: AgentsAnswer,
    }),
    async (request, reply) => {
      const tenantId = tenantOf(request);
      const { limit = MAX_PAGE, cursor } = request.query;
      const query = { limit, cursor, month: formatDate(now()).slice(0, 7) };
      return sendCached(
        context,
        request,
        reply,
        { endpoint: 'agents', query, to: nextMonth(now()) },
        async () => ({
          tenantId,
          ...(await monthlyTokensByAgent(pool, tenantId, { limit, cursor }, now())),
        }),
      );
    },
  );

  app.get(
    '/token-trends',
    readRoute({
      summary: 'Token issuances and failures by day or ISO week',
      tag: 'Identity usage',
      querystring: TrendsQuery,
      answer: TrendsAnswer,
      errors: ['INVALID_DATE_RANGE', 'INVALID_GRANULARITY'],
    }),
    async (request, reply) => {
      const tenantId = tenantOf(request);
      const granularity = GRANULARITIES.find((known) => known === (request.query.granularity ?? 'day'));
      if (granularity === undefined)
        throw new AppError('INVALID_GRANULARITY', `granularity is one of ${GRANULARITIES.join(', ')}`);
      const period = resolvePeriod(request.query, now());
      const query = { period, granularity };
      return sendCached(
        context,
        request,
        reply,
        { endpoint: 'token-trends', query, to: rangeOf(period).to },
        async () => ({
          tenantId,
          period,
          granularity,
          dataPoints: await tokenTrends(pool, tenantId, period, granularity),
        }),
      );
    },
  );
}
