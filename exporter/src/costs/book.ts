/** Prices of known models over time, from `@pydantic/genai-prices`. Lookups are cached by model and day. */
import { calcPrice, type ConditionalPrice, type ModelPrice, type TieredPrices } from '@pydantic/genai-prices';
import { LRUCache } from 'lru-cache';
import { DAY, floorTo } from '../time.js';
import { parseUsd } from '../money.js';
import { fitsName } from './models/fits.js';
import type { Rate, Rates } from './rates.js';

/** A model of the book, and its prices. */
export interface BookPrice {
  provider: string;
  model: string;
  rates: Rates;
}

interface Found extends BookPrice {
  /** The price depends on the time of day. */
  changesByHour: boolean;
}

const found = new LRUCache<string, { price: Found | null }>({ max: 20_000 });

/**
 * @param provider an id of the book
 * @param at milliseconds
 * @returns null for a model that this provider does not have
 */
export function bookPrice(provider: string, model: string, at: number): BookPrice | null {
  // Names can contain any character except NUL.
  const key = `${floorTo(at, DAY)}\0${provider}\0${model}`;
  let known = found.get(key);
  if (known === undefined) found.set(key, (known = { price: lookUp(provider, model, at) }));
  return known.price?.changesByHour === true ? lookUp(provider, model, at) : known.price;
}

function lookUp(provider: string, model: string, at: number): Found | null {
  const options = { providerId: provider, timestamp: new Date(at) };
  const result = calcPrice({ input_tokens: 0, output_tokens: 0 }, model, options);
  if (result === null || !fitsName(result.model.match, model)) return null;
  const rates = ratesOf(result.model_price);
  if (rates === null) return null;
  const { prices } = result.model;
  return {
    provider: result.provider.id,
    model: result.model.id,
    rates,
    changesByHour: Array.isArray(prices) && prices.some(changesByHour),
  };
}

const changesByHour = ({ constraint }: ConditionalPrice): boolean => constraint?.type === 'time_of_date';

/** Null where tokens have no price, as those of a model that is paid for by the hour of audio. */
function ratesOf(price: ModelPrice): Rates | null {
  if (Object.keys(price).length === 0) return { input: FREE, output: FREE, isFree: true };
  const input = rateOf(price.input_mtok);
  const output = rateOf(price.output_mtok);
  if (input === undefined && output === undefined) return null;
  return {
    input: input ?? FREE,
    output: output ?? FREE,
    // As in the package: without a price for cached tokens, they cost as much as input.
    cachedInput: rateOf(price.cache_read_mtok) ?? input ?? FREE,
    cacheWrite: rateOf(price.cache_write_mtok) ?? input ?? FREE,
    cacheWrite1h: rateOf(price.cache_write_1h_mtok),
    inputAudio: rateOf(price.input_audio_mtok),
    cachedAudio: rateOf(price.cache_audio_read_mtok),
    outputAudio: rateOf(price.output_audio_mtok),
    reasoning: rateOf(price.output_reasoning_mtok),
  };
}

const FREE: Rate = { usd: 0n };

function rateOf(rate: number | TieredPrices | undefined): Rate | undefined {
  if (rate === undefined) return undefined;
  if (typeof rate === 'number') return { usd: parseUsd(rate) };
  return {
    usd: parseUsd(rate.base),
    above: rate.tiers
      .map(({ start, price }) => ({ tokens: start, usd: parseUsd(price) }))
      .sort((a, b) => a.tokens - b.tokens),
  };
}
