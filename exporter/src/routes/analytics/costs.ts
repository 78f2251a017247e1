/** `GET /costs`: costs of all kinds, by agent, model and tool. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { readRoute } from '../../http/route-options.js';
import { costBreakdown } from '../../query/executions/cost-reports.js';
import { resolveHourPeriod } from '../../query/executions/period.js';
import { Count, Nullable, Percent, Strict, Text, Usd } from '../../schemas.js';
import { BOUNDED, ExecutionPeriodSchema, hourPeriodParameters } from '../shared/executions.js';

const tag = 'Executions and cost';
const DEFAULT_PERIOD = '30d';

const totals = {
  total: Usd('All costs, without unpriced executions.'),
  model_costs: Usd('Tokens of models.'),
  tool_costs: Usd('Tool calls, as reported or by the price of the tool.'),
  storage_costs: Usd('Cost items of storage.'),
  other_costs: Usd('Other cost items.'),
  unpriced_executions: Count('Executions without a known cost.'),
};
const known = (description: string) => ({
  cost: Nullable(Usd(`${description} Null if nothing has a price.`)),
  share: Percent('Share of the cost of all in the list.'),
});

const Costs = Strict({
  period: ExecutionPeriodSchema,
  ...totals,
  by_agent: Type.Array(Strict({ agent_id: Text, name: Text, ...known('All costs of the agent.') }), BOUNDED),
  by_model: Type.Array(Strict({ name: Text, provider: Text, ...known('Tokens.') }), BOUNDED),
  by_tool: Type.Array(Strict({ name: Text, call_count: Count('Calls.'), ...known('Calls.') }), BOUNDED),
  previous: Strict(totals, { description: 'The same of the period before.' }),
});

export default function routes(app: App, { now }: RouteContext): void {
  app.get(
    '/costs',
    readRoute({
      summary: 'Costs of models, tools, storage and others, by agent, model and tool',
      tag,
      querystring: Strict(hourPeriodParameters(DEFAULT_PERIOD)),
      answer: Costs,
      errors: ['INVALID_DATE_RANGE'],
    }),
    // Not from the cache: a cost item that was just entered has to be in it.
    (request) =>
      costBreakdown(
        request.reader,
        tenantOf(request),
        resolveHourPeriod(request.query, now(), DEFAULT_PERIOD),
      ),
  );
}
