/** The model calls of executions, for what is said of caches. */
import { partsOf } from '../../facts/execution/parts-of.js';
import { type Rate, type Rates } from '../rates.js';
import { perMillion, type Usd } from '../../money.js';
import { IN_WINDOW } from './finding.js';
import { dollars, number } from './words.js';

/** A cached share below it is low, percent of the input. */
export const LOW_CACHED_SHARE = 0.2;

/**
 * One row a call with input tokens, in the order of the calls of its execution. Of an execution without token usages only
 * the sum of its calls is known: it counts as one. Usages are looked up for each, so that those of other executions cost
 * nothing, however many there are.
 */
export const CALLS = `
  SELECT e.id, e.agent_id, coalesce(u.provider, e.provider) AS provider, coalesce(u.model_name, e.model_name) AS model,
    coalesce(u.service_tier, e.service_tier) AS tier, e.started_at, coalesce(e.completed_at, e.started_at) AS ended_at,
    coalesce(u.step_number, 0) AS step, coalesce(u.position, 0) AS position, u.usage_key IS NULL AS is_sum,
    coalesce(u.input_tokens, e.input_tokens) AS input, coalesce(u.cached_input_tokens, e.cached_input_tokens) AS cached,
    coalesce(u.cache_write_tokens, e.cache_write_tokens) AS written, coalesce(u.input_audio_tokens, e.input_audio_tokens) AS audio
  FROM executions e LEFT JOIN LATERAL (${partsOf('token_usages')}) AS u ON true
  WHERE ${IN_WINDOW} AND e.agent_id IS NOT NULL AND coalesce(u.input_tokens, e.input_tokens) > 0
    AND coalesce(u.model_name, e.model_name) IS NOT NULL`;

/** The calls of an execution one after the other. */
export const IN_ORDER = 'started_at, id, step, position';

/** USD per million tokens. */
export interface CachePrices {
  input: Usd;
  cached: Usd;
  /** What writing costs more than sending. */
  writing: Usd;
}

/** Undefined where the model has no price for cached input, or none that is lower. */
export function cachePrices(rates: Rates | null): CachePrices | undefined {
  const usd = (rate: Rate | undefined): Usd | undefined => rate?.usd;
  const [input, cached] = [usd(rates?.input), usd(rates?.cachedInput)];
  if (rates?.isFree === true || input === undefined || cached === undefined || cached >= input)
    return undefined;
  const write = usd(rates?.cacheWrite) ?? input;
  return { input, cached, writing: write > input ? write - input : 0n };
}

/** What is saved by reading tokens from the cache, and what is paid more for writing them. */
export function cacheSavings(
  { input, cached, writing }: CachePrices,
  read: number,
  written: number,
): Record<'reads' | 'writes' | 'net', Usd> {
  const reads = perMillion(read, input - cached);
  const writes = perMillion(written, writing);
  return { reads, writes, net: reads - writes };
}

/** How the savings are worked out, before they are summed up. */
export function cacheArithmetic(
  prices: CachePrices,
  read: { tokens: number; what: string },
  written: number,
): string {
  const { reads, writes } = cacheSavings(prices, read.tokens, written);
  const perMillion = `at ${dollars(prices.cached)} in place of ${dollars(prices.input)} per million`;
  const saves = `${number(read.tokens)} tokens ${read.what} ${perMillion} save ${dollars(reads)}; `;
  return prices.writing === 0n
    ? `${saves}writing them costs no more than sending them.`
    : `${saves}${number(written)} tokens written at ${dollars(prices.writing)} more per million cost ${dollars(writes)}.`;
}
