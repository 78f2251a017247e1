/** `GET /usage-summary`: totals of a period. */
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { sendCached } from '../../http/response-cache.js';
import { readRoute } from '../../http/route-options.js';
import { usageSummary } from '../../query/reports/calls.js';
import { resolvePeriod } from '../../query/reports/period.js';
import { Count, DateText, Id, Nullable, Strict } from '../../schemas.js';
import { cachedPeriod, periodParameters, PeriodSchema } from '../shared/periods.js';

const UsageSummary = Strict({
  tenantId: Id('The tenant.'),
  period: PeriodSchema,
  summary: Strict({
    totalApiCalls: Count('API calls.'),
    totalTokenIssuances: Count('Tokens issued.'),
    totalCredentialRotations: Count('Credential rotations.'),
    activeAgentCount: Count('Agents with at least one event of any kind.'),
    averageDailyApiCalls: Count('Mean calls a day, rounded down.'),
    peakDailyApiCalls: Count('Calls of the busiest day.'),
    peakDate: Nullable(
      DateText('The busiest day; the earliest one if several are equal. Null without calls.'),
    ),
  }),
});

export default function routes(app: App, context: RouteContext): void {
  const { now } = context;
  app.get(
    '/usage-summary',
    readRoute({
      summary: 'Totals of a period',
      tag: 'Identity usage',
      querystring: Strict(periodParameters),
      answer: UsageSummary,
      errors: ['INVALID_DATE_RANGE'],
    }),
    (request, reply) => {
      const tenantId = tenantOf(request);
      const period = resolvePeriod(request.query, now());
      return sendCached(context, request, reply, cachedPeriod('usage-summary', period), async () => ({
        tenantId,
        period,
        summary: await usageSummary(request.reader, tenantId, period),
      }));
    },
  );
}
