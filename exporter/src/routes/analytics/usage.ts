/** `GET /usage`: API calls by outcome and endpoint. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { sendCached } from '../../http/response-cache.js';
import { readRoute } from '../../http/route-options.js';
import { resolveHourPeriod } from '../../query/executions/period.js';
import { apiUsage } from '../../query/reports/usage.js';
import { Count, Percent, Strict } from '../../schemas.js';
import { cachedExecutionPeriod, ExecutionPeriodSchema, hourPeriodParameters } from '../shared/executions.js';

const tag = 'Agents, usage and teams';
const DEFAULT_PERIOD = '30d';

const outcomes = {
  successful_calls: Count('Calls with a status below 400, or without one.'),
  failed_calls: Count('Calls with a status of 400 or more, other than 429.'),
  rate_limited_calls: Count('Calls with status 429.'),
};

const Usage = Strict({
  period: ExecutionPeriodSchema,
  total_calls: Count('All calls.'),
  ...outcomes,
  by_endpoint: Type.Array(
    Strict({
      path: Type.String({ description: 'The endpoint, such as `GET /agents/{id}`.' }),
      call_count: Count('All calls.'),
      ...outcomes,
      error_rate: Percent('Share of failed calls.'),
    }),
    { description: 'Most called first.' },
  ),
});

export default function routes(app: App, context: RouteContext): void {
  const { now } = context;
  app.get(
    '/usage',
    readRoute({
      summary: 'API calls by outcome and endpoint',
      tag,
      querystring: Strict(hourPeriodParameters(DEFAULT_PERIOD)),
      answer: Usage,
      errors: ['INVALID_DATE_RANGE'],
    }),
    (request, reply) => {
      const period = resolveHourPeriod(request.query, now(), DEFAULT_PERIOD);
      const cached = cachedExecutionPeriod('usage', period);
      return sendCached(context, request, reply, cached, () =>
        apiUsage(request.reader, tenantOf(request), period),
      );
    },
  );
}
