/** `GET /credential-rotations`: credential rotations by agent. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { sendCached } from '../../http/response-cache.js';
import { readRoute } from '../../http/route-options.js';
import { credentialRotations } from '../../query/reports/agents.js';
import { MAX_PAGE } from '../../query/reports/cursor.js';
import { resolvePeriod } from '../../query/reports/period.js';
import { Count, DateText, Id, Nullable, Strict, TimeText } from '../../schemas.js';
import { agent } from '../shared/agents.js';
import { NextCursor, pageParameters } from '../shared/pages.js';
import { cachedPeriod, periodParameters, PeriodSchema } from '../shared/periods.js';

const Rotations = Strict({
  tenantId: Id('The tenant.'),
  period: PeriodSchema,
  agents: Type.Array(
    Strict({
      ...agent,
      rotations: Count('Rotations within the period.'),
      lastRotatedAt: Nullable(
        TimeText('The latest rotation, also before the period; null if there was none.'),
      ),
      averageIntervalDays: Nullable(
        Type.Number({ description: 'Within the period; null with fewer than two rotations.' }),
      ),
      daily: Type.Array(Strict({ date: DateText('Day.'), count: Count('Rotations.') })),
    }),
  ),
  nextCursor: NextCursor,
});

export default function routes(app: App, context: RouteContext): void {
  const { now } = context;
  app.get(
    '/credential-rotations',
    readRoute({
      summary: 'Credential rotations by agent',
      tag: 'Identity usage',
      querystring: Strict({ ...periodParameters, ...pageParameters }),
      answer: Rotations,
      errors: ['INVALID_DATE_RANGE'],
    }),
    (request, reply) => {
      const tenantId = tenantOf(request);
      const { limit = MAX_PAGE, cursor } = request.query;
      const period = resolvePeriod(request.query, now());
      const cached = cachedPeriod('credential-rotations', period, { limit, cursor });
      return sendCached(context, request, reply, cached, async () => ({
        tenantId,
        period,
        ...(await credentialRotations(request.reader, tenantId, period, { limit, cursor })),
      }));
    },
  );
}
