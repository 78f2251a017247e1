/** Where the price of a model is looked for: the provider and the names that a sent pair can mean, nearest first. */
import { LRUCache } from 'lru-cache';
import { type ReadName, readName } from './names.js';
import { MAKERS, REACHES_OTHERS, type ReadProvider, readProvider } from './providers.js';

/**
 * Of the tables of this folder, and of the price book. Raise it whenever one of them changes: what is stored was priced
 * under the version before, and is then priced anew.
 */
export const PRICING_VERSION = 3;

export interface Candidates {
  provider: ReadProvider;
  model: ReadName;
  /** Names from the narrowest to the widest. */
  names: readonly string[];
  /** Providers of the book, in the order in which they are asked. */
  asked: readonly { id: string; isSent: boolean }[];
}

const read = new LRUCache<string, Candidates>({ max: 20_000 });

export function candidatesOf(provider: string | null, model: string): Candidates {
  const key = `${provider ?? ''}\0${model}`;
  let known = read.get(key);
  if (known === undefined) read.set(key, (known = candidates(readProvider(provider), readName(model))));
  return known;
}

function candidates(provider: ReadProvider, model: ReadName): Candidates {
  return { provider, model, names: [...model.spellings, ...model.wider], asked: askedOf(provider, model) };
}

function askedOf({ id, kind }: ReadProvider, model: ReadName): Candidates['asked'] {
  if (kind === 'self-hosted') return [];
  const sent = kind === 'known' ? [id] : [];
  if (kind === 'known' && !REACHES_OTHERS.includes(id)) return [{ id, isSent: true }];
  // The form of a name, such as that of Bedrock, says more than the client that was used.
  const ids =
    model.providers[0] === 'aws' && id !== 'openrouter'
      ? [...model.providers, ...sent, ...MAKERS]
      : [...sent, ...model.providers, ...MAKERS];
  return [...new Set(ids)].map((each) => ({ id: each, isSent: sent.includes(each) }));
}

/** Names that differ only in how words and numbers are joined, as `claude-sonnet-4.5` and `claude-sonnet-4-5`. */
export const folded = (name: string): string =>
  name.replace(/[\s@]+/g, '-').replace(/(?<=\d)[._](?=\d)/g, '-');
