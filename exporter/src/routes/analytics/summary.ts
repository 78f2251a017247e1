/** `GET /summary`: the headline figures of a period, beside those of the period before. */
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { sendCached } from '../../http/response-cache.js';
import { readRoute } from '../../http/route-options.js';
import { resolveHourPeriod } from '../../query/executions/period.js';
import { summary } from '../../query/executions/summary.js';
import { Strict } from '../../schemas.js';
import { cachedExecutionPeriod, ExecutionPeriodSchema, hourPeriodParameters } from '../shared/executions.js';
import { headline } from '../shared/headline.js';

const tag = 'Agents, usage and teams';
const DEFAULT_PERIOD = '30d';

const Summary = Strict({
  period: ExecutionPeriodSchema,
  ...headline,
  previous: Strict(headline, { description: 'The same of the period before.' }),
});

export default function routes(app: App, context: RouteContext): void {
  const { now } = context;
  app.get(
    '/summary',
    readRoute({
      summary: 'Headline figures of a period and of the previous one',
      tag,
      querystring: Strict(hourPeriodParameters(DEFAULT_PERIOD)),
      answer: Summary,
      errors: ['INVALID_DATE_RANGE'],
    }),
    (request, reply) => {
      const period = resolveHourPeriod(request.query, now(), DEFAULT_PERIOD);
      const cached = cachedExecutionPeriod('summary', period);
      return sendCached(context, request, reply, cached, () =>
        summary(request.reader, tenantOf(request), period),
      );
    },
  );
}
