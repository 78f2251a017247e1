/** What is said of caches: their prices, and what reading from them saves. */
import { type Rate, type Rates } from '../rates.js';
import { perMillion, type Usd } from '../../money.js';
import { dollars, number } from './words.js';

/** A cached share below it is low, percent of the input. */
export const LOW_CACHED_SHARE = 0.2;

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
