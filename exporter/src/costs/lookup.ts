/** The price book, asked with what a sent pair of provider and model can mean. */
import { LRUCache } from 'lru-cache';
import { DAY, floorTo } from '../time.js';
import { bookPrice, type BookPrice } from './book.js';
import { type Candidates, candidatesOf } from './models/candidates.js';

/** Which of the candidates the book knows. */
export interface Hit {
  provider: string;
  name: string;
}

const hits = new LRUCache<string, { hit: Hit | null }>({ max: 20_000 });

/** What an answer of the book is remembered by. Its prices change from day to day. */
export const bookKey = (provider: string | null, model: string, at: number): string =>
  `${floorTo(at, DAY)}\0${provider ?? ''}\0${model}`;

/** @param at milliseconds */
export function findInBook(
  provider: string | null,
  model: string,
  at: number,
): { hit: Hit; price: BookPrice } | null {
  const key = bookKey(provider, model, at);
  let known = hits.get(key);
  if (known === undefined) {
    const candidates = candidatesOf(provider, model);
    hits.set(key, (known = { hit: pairsOf(candidates).find((pair) => hasPrice(pair, at)) ?? null }));
  }
  const { hit } = known;
  if (hit === null) return null;
  const price = bookPrice(hit.provider, hit.name, at);
  return price === null ? null : { hit, price: isFreeRoute(model, hit) ? free(price) : price };
}

export interface AskedPair extends Hit {
  /** The provider is the one that was sent. */
  isSent: boolean;
}

/** In the order in which the book is asked for them. */
export const pairsOf = ({ asked, names }: Candidates): AskedPair[] =>
  asked.flatMap(({ id, isSent }) => names.map((name) => ({ provider: id, name, isSent })));

/** What a maker gives away others may charge for. */
function hasPrice({ provider, name, isSent }: AskedPair, at: number): boolean {
  const price = bookPrice(provider, name, at);
  return price !== null && (isSent || !price.rates.isFree);
}

const FREE_ROUTE = ':free';

/** A free route of a model that the book has only as one that is paid for. */
const isFreeRoute = (model: string, { provider, name }: Hit): boolean =>
  provider === 'openrouter' && model.toLowerCase().endsWith(FREE_ROUTE) && !name.endsWith(FREE_ROUTE);

function free({ provider, model }: BookPrice): BookPrice {
  const none = { usd: 0n };
  return { provider, model, rates: { input: none, output: none, isFree: true } };
}
