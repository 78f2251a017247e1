/** `/prices`: a tenant's own prices of models and of tools. */
import { type Static, Type } from 'typebox';
import { deletePrice, listPrices, MAX_PRICES, putPrice, putToolPrice } from '../../costs/own-prices.js';
import { RATE_FIELDS } from '../../costs/price-rows.js';
import { AppError } from '../../errors.js';
import { STANDARD_TIER } from '../../facts/execution/columns.js';
import { type App, authorOf, type RouteContext, tenantOf } from '../../http/context.js';
import { adminRoute, readRoute } from '../../http/route-options.js';
import { UUID_PATTERN } from '../../ids.js';
import { ERROR_CODE, Nullable, Strict, TimeText } from '../../schemas.js';
import { Deleted } from '../shared/deleted.js';
import { PriceName, priceTime, Tier, UsdPerCall, UsdPerMtok } from '../shared/prices.js';

const tag = 'Executions and cost';

const set = (description: string) => Type.Optional(Nullable(UsdPerMtok(description)));
const PriceBody = Strict({
  provider: Type.Optional(PriceName('Such as `openai`; required for the price of a model.')),
  model_name: Type.Optional(PriceName('Such as `gpt-4o`; required for the price of a model.')),
  service_tier: Type.Optional(Tier('Service tier that the price is for. Default: `standard`.')),
  input_usd_per_mtok: Type.Optional(UsdPerMtok('Input; required for the price of a model.')),
  output_usd_per_mtok: Type.Optional(UsdPerMtok('Output; required for the price of a model.')),
  effective_from: Type.String({
    description: 'RFC 3339 time or date (UTC); may lie in the future. A price for the same time is replaced.',
    examples: ['2026-03-01'],
  }),
  cached_input_usd_per_mtok: set('Input read from a cache. Default: the price of input.'),
  cache_write_usd_per_mtok: set('Input written to a cache. Default: the price of input.'),
  cache_write_1h_usd_per_mtok: set(
    'Input written to a cache for an hour. Without it, usages with such tokens are unpriced.',
  ),
  input_audio_usd_per_mtok: set('Audio input. Without it, usages with such tokens are unpriced.'),
  output_audio_usd_per_mtok: set('Audio output. Without it, usages with such tokens are unpriced.'),
  tool_name: Type.Optional(PriceName('A tool, for the price of its calls instead of that of a model.')),
  usd_per_call: Type.Optional(UsdPerCall('A call of the tool.')),
});

const shown = (description: string) =>
  Type.Optional(UsdPerMtok(`${description}; left out where none is set.`));
const id = Type.String({ description: 'UUID.' });
const effective_from = TimeText('When the price takes effect.');
const ModelPrice = Strict({
  id,
  provider: PriceName('Such as `openai`.'),
  model_name: PriceName('Such as `gpt-4o`.'),
  service_tier: Type.Optional(Tier('Service tier; left out for `standard`.')),
  input_usd_per_mtok: UsdPerMtok('Input.'),
  output_usd_per_mtok: UsdPerMtok('Output.'),
  effective_from,
  cached_input_usd_per_mtok: Nullable(UsdPerMtok('Input read from a cache; null: the price of input.')),
  cache_write_usd_per_mtok: Nullable(UsdPerMtok('Input written to a cache; null: the price of input.')),
  cache_write_1h_usd_per_mtok: shown('Input written to a cache for an hour'),
  input_audio_usd_per_mtok: shown('Audio input'),
  output_audio_usd_per_mtok: shown('Audio output'),
});
const ToolPrice = Strict({
  id,
  tool_name: PriceName('Name of the tool.'),
  usd_per_call: UsdPerCall('A call of the tool.'),
  effective_from,
});
const Price = Type.Union([ModelPrice, ToolPrice]);
const PriceParams = Strict({
  id: Type.String({ pattern: UUID_PATTERN, [ERROR_CODE]: 'NOT_FOUND', description: 'The price.' }),
});

type Body = Static<typeof PriceBody>;

/** @throws AppError VALIDATION_ERROR where a field is missing, or does not belong to such a price */
function checkFields(body: Body, needed: readonly (keyof Body)[], foreign: readonly (keyof Body)[]): void {
  const what = body.tool_name === undefined ? 'model' : 'tool';
  for (const field of needed) {
    if (body[field] !== undefined) continue;
    const or = what === 'model' ? '; the price of a tool has tool_name and usd_per_call instead' : '';
    throw new AppError('VALIDATION_ERROR', `field ${field} is missing in the price of a ${what}${or}`);
  }
  const wrong = foreign.find((field) => body[field] !== undefined);
  if (wrong !== undefined) {
    throw new AppError('VALIDATION_ERROR', `field ${wrong} does not belong to the price of a ${what}`);
  }
}

const MODEL_FIELDS = ['provider', 'model_name', 'input_usd_per_mtok', 'output_usd_per_mtok'] as const;

export default function routes(app: App, { pool, services }: RouteContext): void {
  app.get(
    '/prices',
    readRoute({
      summary: "The tenant's own prices",
      tag,
      answer: Strict({ prices: Type.Array(Price) }),
    }),
    async (request) => ({ prices: await listPrices(request.reader, tenantOf(request)) }),
  );

  app.put(
    '/prices',
    adminRoute({
      summary: 'Sets the price of a model or of a tool from a given time',
      description:
        'The price of a model covers every name by which its provider and it are sent, dated ones included; ' +
        '`GET /prices/resolve` shows which price answers. The costs that it covers are recomputed in the background, ' +
        `and the aggregates follow. Each service tier has a price of its own. At most ${MAX_PRICES} per tenant.`,
      tag,
      body: PriceBody,
      answers: { 200: Price },
    }),
    async (request) => {
      const tenant = tenantOf(request);
      const { body } = request;
      const from = priceTime('effective_from', body.effective_from);
      if (body.tool_name !== undefined) {
        checkFields(body, ['usd_per_call'], ['provider', 'model_name', 'service_tier', ...RATE_FIELDS]);
        await services.registry.register(tenant, []);
        const { tool_name, usd_per_call } = body;
        const price = { tool_name, effective_from: from, usd_per_call: usd_per_call! };
        return putToolPrice(pool, tenant, price, authorOf(request));
      }
      checkFields(body, MODEL_FIELDS, ['usd_per_call']);
      await services.registry.register(tenant, []);
      const price = {
        provider: body.provider!,
        model_name: body.model_name!,
        service_tier: body.service_tier ?? STANDARD_TIER,
        effective_from: from,
        input_usd_per_mtok: body.input_usd_per_mtok!,
        output_usd_per_mtok: body.output_usd_per_mtok!,
        cached_input_usd_per_mtok: body.cached_input_usd_per_mtok ?? null,
        cache_write_usd_per_mtok: body.cache_write_usd_per_mtok ?? null,
        cache_write_1h_usd_per_mtok: body.cache_write_1h_usd_per_mtok ?? null,
        input_audio_usd_per_mtok: body.input_audio_usd_per_mtok ?? null,
        output_audio_usd_per_mtok: body.output_audio_usd_per_mtok ?? null,
      };
      return putPrice(pool, tenant, price, authorOf(request));
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
      await deletePrice(pool, tenantOf(request), request.params.id.toLowerCase(), authorOf(request));
      reply.code(204);
      return null;
    },
  );
}
