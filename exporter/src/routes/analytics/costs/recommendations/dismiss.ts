/** `POST /costs/recommendations/{id}/dismiss`: a recommendation is not wanted. */
import { Type } from 'typebox';
import { dismiss } from '../../../../costs/recommendations/dismissals.js';
import { recommend, type Recommended } from '../../../../costs/recommendations/recommend.js';
import type { ReadPool } from '../../../../db/read-shares.js';
import { AppError } from '../../../../errors.js';
import { authorOf, type App, type RouteContext, tenantOf } from '../../../../http/context.js';
import { adminRoute } from '../../../../http/route-options.js';
import { NO_NUL, UUID_PATTERN } from '../../../../ids.js';
import {
  type PeriodName,
  PERIODS,
  RECOMMENDATION_PERIOD,
  resolveExecutionPeriod,
} from '../../../../query/executions/period.js';
import { ERROR_CODE, Nullable, Strict } from '../../../../schemas.js';
import { formatTime, parseTime, TIME_WANTED } from '../../../../time.js';
import { RecommendationSchema } from '../../../shared/recommendations.js';

const MAX_REASON = 1_000;

const Dismissal = Strict({
  until: Type.Optional(
    Nullable(Type.String({ description: `When it comes back: ${TIME_WANTED}. Default: not by time.` })),
  ),
  reason: Type.Optional(Nullable(Type.String({ maxLength: MAX_REASON, pattern: NO_NUL }))),
});
const Params = Strict({
  id: Type.String({ pattern: UUID_PATTERN, [ERROR_CODE]: 'NOT_FOUND', description: 'The recommendation.' }),
});

/** @throws AppError VALIDATION_ERROR */
function untilOf(until: string | null | undefined, now: number): number | null {
  if (until == null) return null;
  const at = parseTime(until);
  if (at === undefined) throw new AppError('VALIDATION_ERROR', `field until must be ${TIME_WANTED}`);
  if (at <= now) {
    throw new AppError('VALIDATION_ERROR', `field until must lie ahead: it is ${formatTime(now)} now`);
  }
  return at;
}

/** In which period it is recommended, the default one first. @throws AppError NOT_FOUND */
async function find(
  pool: ReadPool,
  tenantId: string,
  id: string,
  now: number,
): Promise<{ period: PeriodName; found: Recommended }> {
  for (const period of new Set([RECOMMENDATION_PERIOD, ...PERIODS])) {
    const { range } = resolveExecutionPeriod({ period }, now);
    const { all } = await recommend(pool, tenantId, range, now);
    const found = all.find(({ recommendation }) => recommendation.id === id);
    if (found !== undefined) return { period, found };
  }
  throw new AppError('NOT_FOUND', `there is no recommendation "${id}"`);
}

export default function routes(app: App, { pool, now }: RouteContext): void {
  app.post(
    '/costs/recommendations/:id/dismiss',
    adminRoute({
      summary: 'Dismisses a recommendation',
      description:
        'It stays in the list as dismissed and does not count to the total, until its savings change by more than a ' +
        'quarter, or until a given time.',
      tag: 'Executions and cost',
      params: Params,
      body: Dismissal,
      answers: { 200: RecommendationSchema },
      errors: ['NOT_FOUND'],
    }),
    async (request) => {
      const tenant = tenantOf(request);
      const { until, reason = null } = request.body;
      const ends = untilOf(until, now());
      const { period, found } = await find(request.reader, tenant, request.params.id.toLowerCase(), now());
      return dismiss(pool, tenant, found, period, { until: ends, reason }, now(), authorOf(request));
    },
  );
}
