/** `GET /prices/resolve`: which price answers for a provider and a model, and why. */
import { Type } from 'typebox';
import { resolvePrice } from '../../../costs/resolution.js';
import { STANDARD_TIER } from '../../../facts/execution/columns.js';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { readRoute } from '../../../http/route-options.js';
import { Nullable, Strict, Text, TimeText } from '../../../schemas.js';
import { PriceName, priceTime, Tier, UsdPerMtok } from '../../shared/prices.js';

const Source = Type.Unsafe<'own' | 'book' | 'none'>(
  Type.String({
    enum: ['own', 'book', 'none'],
    description: '`own`: a price of the tenant; `book`: the price book.',
  }),
);
const rate = (description: string) => Nullable(UsdPerMtok(`${description}; null: not known.`));
const Rates = Strict({
  input_usd_per_mtok: rate('Input'),
  output_usd_per_mtok: rate('Output'),
  cached_input_usd_per_mtok: rate('Input read from a cache'),
  cache_write_usd_per_mtok: rate('Input written to a cache'),
  cache_write_1h_usd_per_mtok: rate('Input written to a cache for an hour'),
  input_audio_usd_per_mtok: rate('Audio input'),
  output_audio_usd_per_mtok: rate('Audio output'),
  long_calls: Type.Array(
    Strict({
      rate: Type.String({ description: 'The rate that is another one for long calls.' }),
      above_input_tokens: Type.Integer({ description: 'It applies to calls with more input tokens.' }),
      usd_per_mtok: UsdPerMtok('The rate of such calls.'),
    }),
  ),
});
const Answer = Strict({
  provider: Nullable(Type.String({ description: 'As asked.' })),
  model_name: Type.String({ description: 'As asked.' }),
  service_tier: Tier('As asked.'),
  at: TimeText('The time of the price.'),
  normalised: Strict({
    provider: Text,
    model_name: Type.String({ description: 'The pair that the price was found under.' }),
  }),
  source: Source,
  price_id: Nullable(Type.String({ description: 'The own price.' })),
  reason: Type.String({ description: 'Why it is this price, or why there is none.' }),
  rates: Nullable(Rates),
  steps: Type.Array(
    Strict({
      source: Type.Unsafe<'own' | 'book'>(Type.String({ enum: ['own', 'book'] })),
      provider: Nullable(Type.String({ description: 'Null: any provider.' })),
      model_name: Type.String(),
      found: Type.Boolean(),
    }),
    { description: 'What was looked for, in this order, up to what was found.' },
  ),
  pricing_version: Type.Integer({
    description: 'Version of the rules by which names are read, and of the price book.',
  }),
});

export default function routes(app: App, { now }: RouteContext): void {
  app.get(
    '/prices/resolve',
    readRoute({
      summary: 'Which price answers for a provider and a model, and why',
      description:
        'Provider and model are read as those of a usage are: aliases, prefixes, suffixes and dates are taken off. The ' +
        "tenant's own price of the exact name goes first, then that of a wider name, such as the undated one, then the " +
        'price book.',
      tag: 'Executions and cost',
      querystring: Strict({
        provider: Type.Optional(
          Type.String({ maxLength: 256, description: 'As it is sent; default: none.' }),
        ),
        model_name: PriceName('As it is sent.'),
        at: Type.Optional(Type.String({ description: 'RFC 3339 time or date (UTC). Default: now.' })),
        service_tier: Type.Optional(Tier('Default: `standard`.')),
      }),
      answer: Answer,
    }),
    (request) => {
      const { provider, model_name, at, service_tier } = request.query;
      return resolvePrice(request.reader, tenantOf(request), {
        provider: provider === undefined || provider === '' ? null : provider,
        model: model_name,
        tier: service_tier ?? STANDARD_TIER,
        at: at === undefined ? now() : priceTime('at', at),
      });
    },
  );
}
