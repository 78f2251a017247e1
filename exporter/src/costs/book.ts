/** Prices of known models over time, from `@pydantic/genai-prices`. Lookups are cached by model and day. */
import { calcPrice, type ConditionalPrice, type ModelPrice } from '@pydantic/genai-prices';
import { LRUCache } from 'lru-cache';
import { DAY, floorTo } from '../time.js';
import { parseUsd, type Usd } from '../money.js';
import type { Tokens } from '../facts/tokens.js';
import { costAt, type Rates } from './rates.js';

/** `stepped`: the price depends on the number of tokens or on the time of day, and is computed for each usage. */
type Match = Rates | 'stepped' | 'unknown';

const matches = new LRUCache<string, Match>({ max: 10_000 });

/**
 * @param provider null: the package finds the provider by the model
 * @param at milliseconds
 * @returns null for an unknown model
 */
export function bookCost(tokens: Tokens, provider: string | null, model: string, at: number): Usd | null {
  const day = floorTo(at, DAY);
  // Names can contain any character except NUL.
  const key = `${day}\0${provider ?? ''}\0${model}`;
  let match = matches.get(key);
  if (match === undefined) matches.set(key, (match = matchOf(provider, model, at)));
  if (match === 'unknown') return null;
  if (match === 'stepped') return steppedCost(tokens, provider, model, at);
  return costAt(match, tokens);
}

/** Providers for which the package uses other names than OpenTelemetry's registry. */
const PROVIDERS: ReadonlyMap<string, string> = new Map([
  ['azure.ai.inference', 'azure'],
  ['az.ai.inference', 'azure'],
  ['az.ai.openai', 'azure'],
  ['gcp.gen_ai', 'google'],
  ['x_ai', 'xai'],
]);
const optionsOf = (provider: string | null, at: number): { providerId?: string; timestamp: Date } => ({
  ...(provider !== null && { providerId: PROVIDERS.get(provider.toLowerCase()) ?? provider }),
  timestamp: new Date(at),
});

function matchOf(provider: string | null, model: string, at: number): Match {
  const found = calcPrice({ input_tokens: 0, output_tokens: 0 }, model, optionsOf(provider, at));
  if (found === null) return 'unknown';
  const { prices } = found.model;
  if (Array.isArray(prices) && prices.some(changesByHour)) return 'stepped';
  return ratesOf(found.model_price);
}

const changesByHour = ({ constraint }: ConditionalPrice): boolean => constraint?.type === 'time_of_date';

function ratesOf(price: ModelPrice): Match {
  const { input_mtok: input, output_mtok: output, cache_read_mtok: read, cache_write_mtok: write } = price;
  if ([input, output, read, write].some((rate) => typeof rate === 'object')) return 'stepped';
  const usd = (rate: ModelPrice[string], otherwise = 0n): Usd =>
    typeof rate === 'number' ? parseUsd(rate) : otherwise;
  const inputRate = usd(input);
  // As in the package: without a price for cached tokens, they cost as much as input.
  return {
    input: inputRate,
    output: usd(output),
    cachedInput: usd(read, inputRate),
    cacheWrite: usd(write, inputRate),
  };
}

/** Decimal digits that a double represents exactly; further digits are rounding errors. */
const EXACT_DIGITS = 15;

function steppedCost(tokens: Tokens, provider: string | null, model: string, at: number): Usd | null {
  const found = calcPrice(
    {
      input_tokens: tokens.input_tokens,
      output_tokens: tokens.output_tokens,
      cache_read_tokens: tokens.cached_input_tokens,
      cache_write_tokens: tokens.cache_write_tokens,
    },
    model,
    optionsOf(provider, at),
  );
  return found === null ? null : parseUsd(found.total_price.toPrecision(EXACT_DIGITS));
}
