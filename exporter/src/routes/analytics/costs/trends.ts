/** `GET /costs/trends`: the course of costs of all kinds. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { readRoute } from '../../../http/route-options.js';
import {
  costTrends,
  GRANULARITIES,
  type Granularity,
  TREND_GROUPS,
  type TrendGroup,
} from '../../../query/executions/cost-trends.js';
import { resolveHourPeriod } from '../../../query/executions/period.js';
import { DateText, ERROR_CODE, Strict, Text, Usd } from '../../../schemas.js';
import { ExecutionPeriodSchema, hourPeriodParameters } from '../../shared/executions.js';

const tag = 'Executions and cost';
const DEFAULT_PERIOD = '90d';
const DEFAULT_GRANULARITY: Granularity = 'daily';

const granularity = Type.Unsafe<Granularity>(
  Type.String({
    enum: [...GRANULARITIES],
    default: DEFAULT_GRANULARITY,
    [ERROR_CODE]: 'INVALID_GRANULARITY',
    description: 'Weeks are ISO weeks.',
  }),
);

const Trends = Strict({
  period: ExecutionPeriodSchema,
  granularity,
  data: Type.Array(
    Strict({
      date: DateText('First day of the bucket; of the first week or month it may lie before the period.'),
      cost: Usd('All costs, without unpriced executions.'),
      model_costs: Usd('Tokens of models.'),
      tool_costs: Usd('Tool calls.'),
      storage_costs: Usd('Cost items of storage.'),
      other_costs: Usd('Other cost items.'),
      groups: Type.Optional(
        Type.Array(Strict({ id: Text, name: Text, cost: Usd('All costs of the group.') }), {
          description:
            'The 20 largest of the period, and `other`, where `group_by` is given. They add up to the cost of the bucket. ' +
            'With a null id and name it is what belongs to no agent, model or environment: by model also tools and cost ' +
            'items, less what models have cost in executions without a known cost; by environment also cost items.',
        }),
      ),
    }),
    { description: 'Every bucket, those without costs included; only what lies within the period counts.' },
  ),
});

export default function routes(app: App, { now }: RouteContext): void {
  app.get(
    '/costs/trends',
    readRoute({
      summary: 'Costs by day, week or month',
      tag,
      querystring: Strict({
        granularity: Type.Optional(granularity),
        group_by: Type.Optional(
          Type.Unsafe<TrendGroup>(Type.String({ enum: [...TREND_GROUPS], description: 'Adds `groups`.' })),
        ),
        ...hourPeriodParameters(DEFAULT_PERIOD),
      }),
      answer: Trends,
      errors: ['INVALID_DATE_RANGE', 'INVALID_GRANULARITY'],
    }),
    (request) => {
      const { granularity: by = DEFAULT_GRANULARITY, group_by, ...rest } = request.query;
      const period = resolveHourPeriod(rest, now(), DEFAULT_PERIOD);
      return costTrends(request.reader, tenantOf(request), period, { granularity: by, groupBy: group_by });
    },
  );
}
