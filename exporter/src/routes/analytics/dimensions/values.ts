/** `GET /dimensions/:dimension/values`: the values of a dimension, for menus and filters. */
import { Type } from 'typebox';
import { DIMENSIONS } from '../../../catalog/index.js';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { currentHourEnd, sendCached } from '../../../http/response-cache.js';
import { readRoute } from '../../../http/route-options.js';
import { NO_NUL } from '../../../ids.js';
import { dimensionValues, MAX_LOOKED_AT, MAX_VALUES } from '../../../query/dimensions.js';
import { ERROR_CODE, Strict } from '../../../schemas.js';

const DEFAULT_VALUES = 1_000;

const ValuesParams = Strict({
  dimension: Type.String({ enum: DIMENSIONS.map(({ name }) => name), [ERROR_CODE]: 'NOT_FOUND' }),
});
const ValuesQuery = Strict({
  search: Type.Optional(
    Type.String({
      maxLength: 256,
      pattern: NO_NUL,
      default: '',
      description: 'Part of the name; `*` matches anything.',
    }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_VALUES, default: DEFAULT_VALUES })),
});
const Values = Strict({
  values: Type.Array(Strict({ value: Type.String(), label: Type.String() })),
  truncated: Type.Optional(
    Type.Literal(true, {
      description:
        `There were more than ${MAX_LOOKED_AT} rows to look at, and values may be missing that only older ones have. Left ` +
        'out where the values are complete.',
    }),
  ),
});

export default function routes(app: App, context: RouteContext): void {
  const { now } = context;
  app.get(
    '/dimensions/:dimension/values',
    readRoute({
      summary: 'Values of a dimension',
      tag: 'Query',
      params: ValuesParams,
      querystring: ValuesQuery,
      answer: Values,
      errors: ['NOT_FOUND'],
    }),
    (request, reply) => {
      const { dimension } = request.params;
      const { search = '', limit = DEFAULT_VALUES } = request.query;
      const query = { dimension, search, limit };
      const cached = { endpoint: 'dimension-values', query, to: currentHourEnd(now()) };
      return sendCached(context, request, reply, cached, () =>
        dimensionValues(request.reader, tenantOf(request), dimension, search, limit, now()),
      );
    },
  );
}
