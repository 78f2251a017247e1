/** A tenant's own prices, found by what the provider and the model of a usage can mean. */
import type { ServiceTier } from '../facts/execution/columns.js';
import { type Candidates, folded } from './models/candidates.js';
import { readName } from './models/names.js';
import { readProvider } from './models/providers.js';
import type { Rates } from './rates.js';

export interface OwnRates {
  id: string;
  provider: string;
  model: string;
  tier: ServiceTier;
  /** Milliseconds. */
  from: number;
  rates: Rates;
}

/** Any provider: of a usage that names none, or a framework. */
const ANY = '*';

export class OwnList {
  /** Latest first. */
  private readonly byKey = new Map<string, OwnRates[]>();

  constructor(prices: readonly OwnRates[] = []) {
    for (const price of [...prices].sort((a, b) => b.from - a.from)) {
      for (const key of keysOfPrice(price)) {
        const list = this.byKey.get(key);
        if (list === undefined) this.byKey.set(key, [price]);
        else list.push(price);
      }
    }
  }

  get isEmpty(): boolean {
    return this.byKey.size === 0;
  }

  /** The first price under these keys that is in effect at that time. */
  find(keys: readonly OwnKey[], at: number, tier: ServiceTier): { price: OwnRates; key: OwnKey } | undefined {
    for (const key of keys) {
      const price = this.byKey.get(key.key)?.find((own) => own.from <= at && own.tier === tier);
      if (price !== undefined) return { price, key };
    }
    return undefined;
  }
}

/** A key for names as they are sent, which no reading can produce. */
const exactKey = (provider: string, model: string): string => `=${provider}\0${model}`;
const key = (provider: string, name: string): string => `${provider}\0${name}`;

/** Under how it was set, and under every spelling of its model. */
function keysOfPrice({ provider, model }: OwnRates): Set<string> {
  const { id } = readProvider(provider);
  const names = readName(model).spellings.map(folded);
  return new Set([
    exactKey(provider, model),
    exactKey(ANY, model),
    ...names.flatMap((name) => [key(id, name), key(ANY, name)]),
  ]);
}

export interface OwnKey {
  key: string;
  /** Null: any. */
  provider: string | null;
  model: string;
}

/**
 * Where the own price of a usage is looked for: exactly as it was sent, then under its spellings, then under wider names.
 * @param home the provider whose model the book takes it for
 */
export function ownKeys(
  provider: string | null,
  model: string,
  { provider: sent, names }: Candidates,
  home: string | null,
): OwnKey[] {
  const isAny = provider === null || sent.kind === 'intermediary';
  const providers = [...new Set([...(sent.id === '' ? [] : [sent.id]), ...(home === null ? [] : [home])])];
  // As for the wider names: the provider that is known to have the model comes before any other.
  const exact = provider ?? home;
  return [
    { key: exactKey(exact ?? ANY, model), provider: exact, model },
    ...names.flatMap((name): OwnKey[] => [
      ...providers.map((id) => ({ key: key(id, folded(name)), provider: id, model: name })),
      ...(isAny ? [{ key: key(ANY, folded(name)), provider: null, model: name }] : []),
    ]),
  ];
}

/** Whether an own price may be that of a model, whoever provides it. */
export function mayCover(priced: string, model: string): boolean {
  const names = new Set(readName(priced).spellings.map(folded));
  const { spellings, wider } = readName(model);
  return priced === model || [...spellings, ...wider].some((name) => names.has(folded(name)));
}
