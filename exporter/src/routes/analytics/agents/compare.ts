/** `GET /agents/compare`: metrics of some agents, side by side. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { sendCached } from '../../../http/response-cache.js';
import { readRoute } from '../../../http/route-options.js';
import { resolveHourPeriod } from '../../../query/executions/period.js';
import { compareAgents, MAX_AGENTS, MAX_METRICS } from '../../../query/reports/compare.js';
import { Id, Nullable, Strict, Text } from '../../../schemas.js';
import {
  cachedExecutionPeriod,
  ExecutionPeriodSchema,
  hourPeriodParameters,
} from '../../shared/executions.js';

const tag = 'Agents, usage and teams';
const DEFAULT_PERIOD = '30d';

const DEFAULT_METRICS = 'execution_count,success_rate,avg_duration_ms,cost';
const list = (description: string) => Type.String({ minLength: 1, maxLength: 4096, description });

const Comparison = Strict({
  period: ExecutionPeriodSchema,
  metrics: Type.Array(Type.String(), { description: 'As they were named.' }),
  agents: Type.Array(
    Type.Object(
      { agent_id: Id('The agent.'), name: Text },
      {
        additionalProperties: Nullable(Type.Number()),
        description: 'Each metric under the name that was asked for; `cost` also as `total_cost`.',
      },
    ),
    { description: 'In the order in which they were named.' },
  ),
});

export default function routes(app: App, context: RouteContext): void {
  const { now } = context;
  app.get(
    '/agents/compare',
    readRoute({
      summary: 'Any metrics of two to twenty agents',
      tag,
      querystring: Strict({
        agent_ids: list(`2 to ${MAX_AGENTS} agents, separated by commas.`),
        metrics: Type.Optional({
          ...list(
            `Up to ${MAX_METRICS} metrics of the catalog that have the dimension agent, or their aliases.`,
          ),
          default: DEFAULT_METRICS,
        }),
        ...hourPeriodParameters(DEFAULT_PERIOD),
      }),
      answer: Comparison,
      errors: ['INVALID_DATE_RANGE', 'AGENT_NOT_FOUND'],
    }),
    (request, reply) => {
      const { agent_ids, metrics = DEFAULT_METRICS, ...rest } = request.query;
      const period = resolveHourPeriod(rest, now(), DEFAULT_PERIOD);
      const cached = cachedExecutionPeriod('agents-compare', period, { agent_ids, metrics });
      return sendCached(context, request, reply, cached, () =>
        compareAgents(request.reader, tenantOf(request), period, { agent_ids, metrics, now: now() }),
      );
    },
  );
}
