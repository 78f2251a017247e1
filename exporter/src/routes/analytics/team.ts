/** `GET /team`: users, agents and what they ran. */
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { sendCached } from '../../http/response-cache.js';
import { readRoute } from '../../http/route-options.js';
import { resolveHourPeriod } from '../../query/executions/period.js';
import { teamMetrics } from '../../query/executions/summary.js';
import { Count, Id, Strict } from '../../schemas.js';
import { cachedExecutionPeriod, ExecutionPeriodSchema, hourPeriodParameters } from '../shared/executions.js';
import { headline } from '../shared/headline.js';
import { organization, requireOwn } from '../shared/organization.js';

const tag = 'Agents, usage and teams';
const DEFAULT_PERIOD = '30d';

const figures = {
  active_users: Count('Users on whose behalf at least one execution ran.'),
  active_agents: Count('Agents with at least one execution.'),
  ...headline,
};

const Team = Strict({
  org_id: Id('The organization.'),
  period: ExecutionPeriodSchema,
  total_users: Count('Users in the directory.'),
  total_agents: Count('Agents in the directory, without deleted ones.'),
  ...figures,
  previous: Strict(figures, { description: 'The same of the period before.' }),
});

export default function routes(app: App, context: RouteContext): void {
  const { now } = context;
  app.get(
    '/team',
    readRoute({
      summary: 'Users, agents, executions and cost of the organization',
      tag,
      querystring: Strict({ ...organization, ...hourPeriodParameters(DEFAULT_PERIOD) }),
      answer: Team,
      errors: ['INVALID_DATE_RANGE'],
    }),
    (request, reply) => {
      const { org_id, ...rest } = request.query;
      requireOwn(tenantOf(request), org_id);
      const period = resolveHourPeriod(rest, now(), DEFAULT_PERIOD);
      const cached = cachedExecutionPeriod('team', period);
      return sendCached(context, request, reply, cached, () =>
        teamMetrics(request.reader, tenantOf(request), period),
      );
    },
  );
}
