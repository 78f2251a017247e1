/** `GET /tools`: calls of tools. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { sendCached } from '../../http/response-cache.js';
import { readRoute } from '../../http/route-options.js';
import { resolveHourPeriod } from '../../query/executions/period.js';
import { MAX_TOOLS, toolUsage } from '../../query/reports/usage.js';
import { Count, Id, Milliseconds, Nullable, Percent, Strict, Text, TimeText, Usd } from '../../schemas.js';
import { cachedExecutionPeriod, ExecutionPeriodSchema, hourPeriodParameters } from '../shared/executions.js';

const tag = 'Agents, usage and teams';
const DEFAULT_PERIOD = '30d';

const DEFAULT_LIMIT = 100;

const Tools = Strict({
  period: ExecutionPeriodSchema,
  tools: Type.Array(
    Strict({
      name: Text,
      call_count: Count('Calls.'),
      success_rate: Percent('Share of the calls with a known outcome that succeeded.'),
      avg_duration_ms: Milliseconds('Mean of the calls with a duration.'),
      p95_duration_ms: Milliseconds('95th percentile of the same.'),
      cost: Nullable(
        Usd('As reported, or by the price of the tool; null if neither is known of any of the calls.'),
      ),
      agents: Count('Agents that called it.'),
      last_error: Nullable(
        Strict(
          {
            at: TimeText('Start of the call, or of its execution.'),
            execution_id: Type.String({ description: 'Its execution.' }),
            message: Type.String({ description: 'Content of the step; its status where that is not kept.' }),
          },
          { description: 'The last call that failed; null if none did.' },
        ),
      ),
    }),
    { description: 'Most called first.' },
  ),
});

export default function routes(app: App, context: RouteContext): void {
  const { now } = context;
  app.get(
    '/tools',
    readRoute({
      summary: 'Calls, success, durations, cost and errors of tools',
      tag,
      querystring: Strict({
        agent_id: Type.Optional(Id('Only calls of this agent.')),
        limit: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: MAX_TOOLS,
            default: DEFAULT_LIMIT,
            description: 'Tools at most.',
          }),
        ),
        ...hourPeriodParameters(DEFAULT_PERIOD),
      }),
      answer: Tools,
      errors: ['INVALID_DATE_RANGE', 'AGENT_NOT_FOUND'],
    }),
    (request, reply) => {
      const { agent_id: agentId, limit = DEFAULT_LIMIT, ...rest } = request.query;
      const period = resolveHourPeriod(rest, now(), DEFAULT_PERIOD);
      const cached = cachedExecutionPeriod('tools', period, { agentId, limit });
      return sendCached(context, request, reply, cached, () =>
        toolUsage(request.reader, tenantOf(request), period, { agentId, limit }),
      );
    },
  );
}
