/** `GET /costs/recommendations`: how to spend less, each with its evidence. */
import { Type } from 'typebox';
import { withDismissals } from '../../../costs/recommendations/dismissals.js';
import { KINDS } from '../../../costs/recommendations/kinds.js';
import { recommendOrLast } from '../../../costs/recommendations/nightly.js';
import { packed, unpacked } from '../../../costs/recommendations/recommend.js';
import { MAX_EXECUTIONS } from '../../../costs/recommendations/window.js';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { cachedPart } from '../../../http/response-cache.js';
import { readRoute } from '../../../http/route-options.js';
import {
  periodAnswer,
  RECOMMENDATION_PERIOD,
  resolveExecutionPeriod,
} from '../../../query/executions/period.js';
import { Strict, Usd } from '../../../schemas.js';
import { ExecutionPeriodSchema, periodParameters } from '../../shared/executions.js';
import { RecommendationSchema } from '../../shared/recommendations.js';

const tag = 'Executions and cost';

const Recommendations = Strict({
  period: ExecutionPeriodSchema,
  total_savings: Usd(
    'Sum of the savings that are known and can still be made, without dismissed ones. Recommendations about the same ' +
      'executions overlap.',
  ),
  recommendations: Type.Array(RecommendationSchema, { description: 'The largest savings first.' }),
});

export default function routes(app: App, context: RouteContext): void {
  const { now } = context;
  app.get(
    '/costs/recommendations',
    readRoute({
      summary: 'How to spend less, each with its evidence',
      description: [
        `From what is stored of the period, of its newest ${MAX_EXECUTIONS} executions at most. Savings are those of 30 days.`,
        'One whose evidence is thin is not made. They are found again after a minute. If finding them takes too long, those of the last night are answered.',
        ...KINDS.map(({ name, description }) => `\n- \`${name}\`: ${description}`),
      ].join(' '),
      tag,
      querystring: Strict(periodParameters(RECOMMENDATION_PERIOD)),
      answer: Recommendations,
      errors: ['INVALID_DATE_RANGE'],
    }),
    // What is dismissed is not from the cache: one that was just dismissed must not be in the total.
    async (request) => {
      const tenant = tenantOf(request);
      const { name, range } = resolveExecutionPeriod(request.query, now(), RECOMMENDATION_PERIOD);
      const cached = { endpoint: 'recommendations', query: { range } };
      const { period, all } = unpacked(
        await cachedPart(context, tenant, cached, async () =>
          packed(await recommendOrLast(request.reader, tenant, range, now())),
        ),
      );
      return {
        period: periodAnswer({ name, range: period }),
        ...(await withDismissals(request.reader, tenant, all, name, now())),
      };
    },
  );
}
