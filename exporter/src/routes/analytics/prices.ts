/** `/prices`: a tenant's own prices of models. */
import { Type } from 'typebox';
import { deletePrice, listPrices, putPrice } from '../../costs/own-prices.js';
import { AppError } from '../../errors.js';
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { adminRoute, readRoute } from '../../http/route-options.js';
import { NO_NUL, UUID_PATTERN } from '../../ids.js';
import { ERROR_CODE, Nullable, Strict, TimeText } from '../../schemas.js';
import { parseDate, parseTime } from '../../time.js';
import { Deleted } from '../shared/deleted.js';

const tag = 'Executions and cost';
const MAX_USD_PER_MTOK = 1_000_000;

const name = (description: string) =>
  Type.String({ minLength: 1, maxLength: 256, pattern: NO_NUL, description });
const UsdPerMtok = (description: string) =>
  Type.Number({
    minimum: 0,
    maximum: MAX_USD_PER_MTOK,
    description: `${description} USD per million tokens, with at most 6 decimals.`,
  });

const fields = {
  provider: name('Such as `openai`.'),
  model_name: name('Such as `gpt-4o`.'),
  input_usd_per_mtok: UsdPerMtok('Input.'),
  output_usd_per_mtok: UsdPerMtok('Output.'),
};
const PriceBody = Strict({
  ...fields,
  effective_from: Type.String({
    description: 'RFC 3339 time or date (UTC); may lie in the future. A price for the same time is replaced.',
    examples: ['2026-03-01'],
  }),
  cached_input_usd_per_mtok: Type.Optional(
    Nullable(UsdPerMtok('Input read from a cache. Default: the price of input.')),
  ),
  cache_write_usd_per_mtok: Type.Optional(
    Nullable(UsdPerMtok('Input written to a cache. Default: the price of input.')),
  ),
});
const Price = Strict({
  id: Type.String({ description: 'UUID.' }),
  ...fields,
  effective_from: TimeText('When the price takes effect.'),
  cached_input_usd_per_mtok: Nullable(UsdPerMtok('Input read from a cache; null: the price of input.')),
  cache_write_usd_per_mtok: Nullable(UsdPerMtok('Input written to a cache; null: the price of input.')),
});
const PriceParams = Strict({
  id: Type.String({ pattern: UUID_PATTERN, [ERROR_CODE]: 'NOT_FOUND', description: 'The price.' }),
});

export default function routes(app: App, { pool, services }: RouteContext): void {
  app.get(
    '/prices',
    readRoute({
      summary: "The tenant's own prices",
      tag,
      answer: Strict({ prices: Type.Array(Price) }),
    }),
    async (request) => ({ prices: await listPrices(pool, tenantOf(request)) }),
  );

  app.put(
    '/prices',
    adminRoute({
      summary: 'Sets the price of a model from a given time',
      description: 'The costs that it covers are recomputed in the background, and the aggregates follow.',
      tag,
      body: PriceBody,
      answers: { 200: Price },
    }),
    async (request) => {
      const tenant = tenantOf(request);
      const {
        effective_from: text,
        cached_input_usd_per_mtok,
        cache_write_usd_per_mtok,
        ...rest
      } = request.body;
      const effective_from = parseDate(text) ?? parseTime(text);
      if (effective_from === undefined) {
        throw new AppError(
          'VALIDATION_ERROR',
          'effective_from must be a date such as 2026-03-01 or an RFC 3339 time such as 2026-03-01T00:00:00Z',
        );
      }
      await services.registry.register(tenant, []);
      return putPrice(pool, tenant, {
        ...rest,
        effective_from,
        cached_input_usd_per_mtok: cached_input_usd_per_mtok ?? null,
        cache_write_usd_per_mtok: cache_write_usd_per_mtok ?? null,
      });
    },
  );

  app.delete(
    '/prices/:id',
    adminRoute({
      summary: 'Deletes a price',
      description: 'The costs that it covered are recomputed in the background.',
      tag,
      params: PriceParams,
      answers: { 204: Deleted },
      errors: ['NOT_FOUND'],
    }),
    async (request, reply) => {
      await deletePrice(pool, tenantOf(request), request.params.id.toLowerCase());
      reply.code(204);
      return null;
    },
  );
}
