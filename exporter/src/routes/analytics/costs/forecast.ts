/** `GET /costs/forecast`: the cost of this month, projected to its end. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { currentHourEnd, sendCached } from '../../../http/response-cache.js';
import { readRoute } from '../../../http/route-options.js';
import { costForecast } from '../../../query/executions/costs.js';
import { Count, DateText, Nullable, Strict, Usd } from '../../../schemas.js';

const Forecast = Strict({
  month: Type.String({ description: 'This UTC month.', examples: ['2026-03'] }),
  month_to_date_usd: Usd('So far.'),
  projected_month_usd: Usd('At the end of the month.'),
  lower_usd: Usd('Lower end of the 80 % interval.'),
  upper_usd: Usd('Upper end of the 80 % interval.'),
  method: Type.String({ description: 'How the cost was projected, or that there is too little history.' }),
  history_days: Count('Complete days since the first cost, at most 180.'),
  daily: Type.Array(
    Strict({
      date: DateText('Day of the month.'),
      actual_usd: Nullable(Usd('Null for future days.')),
      projected_usd: Nullable(
        Usd('Null for past days. Today counts as a whole day, with at least the cost so far.'),
      ),
      cumulative_usd: Usd(
        'Cost of the month up to the end of this day: actual for past days, projected from today on.',
      ),
      lower_usd: Nullable(Usd('Lower end of the 80 % interval of cumulative_usd; null for past days.')),
      upper_usd: Nullable(Usd('Upper end of that interval; null for past days.')),
    }),
  ),
});

export default function routes(app: App, context: RouteContext): void {
  const { now } = context;
  app.get(
    '/costs/forecast',
    readRoute({ summary: "Forecast of this month's cost", tag: 'Executions and cost', answer: Forecast }),
    (request, reply) => {
      const cached = { endpoint: 'costs-forecast', query: {}, to: currentHourEnd(now()) };
      return sendCached(context, request, reply, cached, () =>
        costForecast(request.reader, tenantOf(request), now()),
      );
    },
  );
}
