/** `GET /users/activity`: what ran on behalf of each user. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { sendCached } from '../../../http/response-cache.js';
import { readRoute } from '../../../http/route-options.js';
import { resolveHourPeriod } from '../../../query/executions/period.js';
import { userActivity } from '../../../query/reports/users.js';
import { Count, Id, Nullable, Percent, Strict, Text, TimeText, Usd } from '../../../schemas.js';
import {
  cachedExecutionPeriod,
  ExecutionPeriodSchema,
  hourPeriodParameters,
} from '../../shared/executions.js';
import { organization, requireOwn } from '../../shared/organization.js';
import { Cursor, NextPage } from '../../shared/cursors.js';

const tag = 'Agents, usage and teams';
const DEFAULT_PERIOD = '30d';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;

const Activity = Strict({
  period: ExecutionPeriodSchema,
  users: Type.Array(
    Strict({
      user_id: Id('The user.'),
      name: Text,
      agents_created: Count('Agents that the user created, whenever that was.'),
      execution_count: Count('All executions, nested ones included.'),
      success_rate: Percent('Share of finished executions that succeeded.'),
      total_tokens: Count('Input and output.'),
      total_cost: Nullable(Usd('Of models; null if none of the executions has a price.')),
      last_active: Nullable(TimeText('The last event or execution on behalf of the user.')),
    }),
    { description: 'Those with an execution, most executions first.' },
  ),
  next_cursor: NextPage,
});

export default function routes(app: App, context: RouteContext): void {
  const { now } = context;
  app.get(
    '/users/activity',
    readRoute({
      summary: 'Executions, tokens and cost by user, page by page',
      tag,
      querystring: Strict({
        ...organization,
        limit: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: MAX_LIMIT,
            default: DEFAULT_LIMIT,
            description: 'Users per page.',
          }),
        ),
        cursor: Cursor,
        ...hourPeriodParameters(DEFAULT_PERIOD),
      }),
      answer: Activity,
      errors: ['INVALID_DATE_RANGE'],
    }),
    (request, reply) => {
      const { org_id, limit = DEFAULT_LIMIT, cursor, ...rest } = request.query;
      requireOwn(tenantOf(request), org_id);
      const period = resolveHourPeriod(rest, now(), DEFAULT_PERIOD);
      const cached = cachedExecutionPeriod('users-activity', period, { limit, cursor });
      return sendCached(context, request, reply, cached, () =>
        userActivity(request.reader, tenantOf(request), period, { limit, cursor }),
      );
    },
  );
}
