/** `GET /call-patterns`: endpoints by calls, errors and durations. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { sendCached } from '../../http/response-cache.js';
import { readRoute } from '../../http/route-options.js';
import { MAX_ENDPOINTS } from '../../ingest/endpoint-places.js';
import { callPatterns } from '../../query/reports/calls.js';
import { resolvePeriod } from '../../query/reports/period.js';
import { Count, Id, Nullable, Percent, Strict } from '../../schemas.js';
import { cachedPeriod, periodParameters, PeriodSchema } from '../shared/periods.js';

/** Every name of a tenant, and `other`. */
const MAX_PATTERNS = MAX_ENDPOINTS + 1;
const DEFAULT_PATTERNS = 50;

const Duration = Nullable(
  Type.Number({ minimum: 0, description: 'Milliseconds; null if no call has a duration.' }),
);

const PatternsQuery = Strict({
  ...periodParameters,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_PATTERNS, default: DEFAULT_PATTERNS })),
});
const Patterns = Strict({
  tenantId: Id('The tenant.'),
  period: PeriodSchema,
  endpoints: Type.Array(
    Strict({
      endpoint: Type.String(),
      calls: Count('Calls.'),
      errors: Count('Calls answered with a status of 400 or more.'),
      errorRate: Percent('Share of calls that are errors.'),
      averageDurationMs: Duration,
      p95DurationMs: Duration,
      share: Percent('Share of all calls of the period.'),
    }),
  ),
});

export default function routes(app: App, context: RouteContext): void {
  const { now } = context;
  app.get(
    '/call-patterns',
    readRoute({
      summary: 'Endpoints by calls, errors and durations',
      tag: 'Identity usage',
      querystring: PatternsQuery,
      answer: Patterns,
      errors: ['INVALID_DATE_RANGE'],
    }),
    (request, reply) => {
      const tenantId = tenantOf(request);
      const { limit = DEFAULT_PATTERNS } = request.query;
      const period = resolvePeriod(request.query, now());
      return sendCached(
        context,
        request,
        reply,
        cachedPeriod('call-patterns', period, { limit }),
        async () => ({
          tenantId,
          period,
          endpoints: await callPatterns(request.reader, tenantId, period, limit),
        }),
      );
    },
  );
}
