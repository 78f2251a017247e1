/** `GET /tokens/usage`: tokens of executions by model. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { sendCached } from '../../../http/response-cache.js';
import { readRoute } from '../../../http/route-options.js';
import { resolveHourPeriod } from '../../../query/executions/period.js';
import { tokenUsage } from '../../../query/reports/usage.js';
import { Count, Percent, Strict, Text } from '../../../schemas.js';
import {
  BOUNDED,
  cachedExecutionPeriod,
  ExecutionPeriodSchema,
  hourPeriodParameters,
} from '../../shared/executions.js';

const tag = 'Agents, usage and teams';
const DEFAULT_PERIOD = '30d';

const Usage = Strict({
  period: ExecutionPeriodSchema,
  total_tokens: Count('Input and output.'),
  input_tokens: Count('Including cached tokens.'),
  output_tokens: Count('Including reasoning tokens.'),
  cached_input_tokens: Count('Input tokens that were read from a cache.'),
  reasoning_tokens: Count('Output tokens that were spent on reasoning.'),
  by_model: Type.Array(
    Strict({
      name: Text,
      provider: Text,
      tokens: Count('Input and output.'),
      input_tokens: Count('Including cached tokens.'),
      output_tokens: Count('Including reasoning tokens.'),
      share: Percent('Share of the tokens of all models.'),
    }),
    {
      description: `By the model of each token usage, the one with the most tokens first. ${BOUNDED.description}`,
    },
  ),
});

export default function routes(app: App, context: RouteContext): void {
  const { now } = context;
  app.get(
    '/tokens/usage',
    readRoute({
      summary: 'Tokens of executions by model',
      tag,
      querystring: Strict(hourPeriodParameters(DEFAULT_PERIOD)),
      answer: Usage,
      errors: ['INVALID_DATE_RANGE'],
    }),
    (request, reply) => {
      const period = resolveHourPeriod(request.query, now(), DEFAULT_PERIOD);
      const cached = cachedExecutionPeriod('tokens-usage', period);
      return sendCached(context, request, reply, cached, () =>
        tokenUsage(request.reader, tenantOf(request), period),
      );
    },
  );
}
