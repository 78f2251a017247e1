/** What tokens cost: the tenant's own price if there is one, otherwise that of the price book. Both change over time. */
import { LRUCache } from 'lru-cache';
import pg, { type Pool, type PoolClient } from 'pg';
import type { ReadPool } from '../db/read-shares.js';
import { lockKey } from '../db/locks.js';
import { withTransaction } from '../db/pool.js';
import { type ServiceTier, STANDARD_TIER } from '../facts/execution/columns.js';
import type { Tokens } from '../facts/tokens.js';
import { bookKey, findInBook, type Hit } from './lookup.js';
import { candidatesOf } from './models/candidates.js';
import { type OwnKey, ownKeys, OwnList, type OwnRates } from './own-list.js';
import { Pauses } from '../pause.js';
import { ownRates, type PriceRow, READ_PRICES } from './price-rows.js';
import { costAt, type Priced, type Rates, type Scope, type Unpriced } from './rates.js';
import { atTier } from './tiers.js';

const MAX_CACHED_TENANTS = 1_000;

/** What was called, and how. */
export interface Call {
  /** Null: any provider of the model. */
  provider: string | null;
  model: string | null;
  tier: ServiceTier;
  /** Milliseconds. */
  at: number;
}

export type Source = 'own' | 'book' | 'none';

/** The rates of a call, or why there are none. */
export type Resolved =
  | { source: 'own'; rates: Rates; own: OwnRates; key: OwnKey }
  | { source: 'book'; rates: Rates; hit: Hit }
  | { source: 'none'; rates: null; note: string; hit: Hit | null };

/** One version of a tenant's prices. */
export class PriceList {
  constructor(private readonly own = new OwnList()) {}

  /**
   * Asks the price book once for each of the models that these name, with pauses: to find out that it has none takes long.
   * What it answers is remembered, so that the costs of these calls are then found at once.
   */
  async prepare(calls: readonly Call[]): Promise<void> {
    const pauses = new Pauses();
    const asked = new Set<string>();
    for (const { provider, model, at } of calls) {
      if (model === null) continue;
      const key = bookKey(provider, model, at);
      if (asked.has(key)) continue;
      asked.add(key);
      findInBook(provider, model, at);
      if (pauses.isDue) await pauses.take();
    }
  }

  costOf(tokens: Tokens, call: Call, scope: Scope): Priced | Unpriced {
    if (call.model === null) return { usd: null, note: 'no model is named' };
    const resolved = this.resolve({ ...call, model: call.model });
    return resolved.rates === null
      ? { usd: null, note: resolved.note }
      : costAt(resolved.rates, tokens, scope);
  }

  /** Whether the tenant has a price of its own for this. */
  hasOwn(call: Call): boolean {
    return call.model !== null && this.resolve({ ...call, model: call.model }).source === 'own';
  }

  resolve({ provider, model, tier, at }: Call & { model: string }): Resolved {
    const book = findInBook(provider, model, at);
    const hit = book?.hit ?? null;
    const own = this.ownOf(provider, model, tier, at, hit);
    if (own !== undefined) return { source: 'own', rates: own.price.rates, own: own.price, key: own.key };
    const none = (note: string): Resolved => ({ source: 'none', rates: null, note, hit });
    if (tier !== STANDARD_TIER && this.ownOf(provider, model, STANDARD_TIER, at, hit) !== undefined) {
      return none(`the own price of the model ${model} has no rates of the service tier ${tier}`);
    }
    if (book === null) return none(`no price is known for the model ${model}`);
    const rates = atTier(book.price, tier);
    return rates === null
      ? none(`no price of the service tier ${tier} is known for the model ${model}`)
      : { source: 'book', rates, hit: book.hit };
  }

  private ownOf(provider: string | null, model: string, tier: ServiceTier, at: number, hit: Hit | null) {
    return this.own.isEmpty ? undefined : this.own.find(keysOf(provider, model, hit), at, tier);
  }
}

/** Where the own price of a model is looked for, in this order. */
export const keysOf = (provider: string | null, model: string, hit: Hit | null): OwnKey[] =>
  ownKeys(provider, model, candidatesOf(provider, model), hit?.provider ?? null);

/** Shared while executions are priced, exclusive while prices change, so that no execution gets an outdated price. */
export const priceLock = (tenantId: string): string => lockKey('prices', tenantId);

interface VersionRow {
  version: number;
}

/** The lock is a separate statement, so that the next statement's snapshot is taken after it was acquired. */
const pinned = (tenantId: string): [string, string] => [
  `SELECT pg_advisory_xact_lock_shared('${priceLock(tenantId)}')`,
  `SELECT price_version AS version FROM tenants WHERE id = ${pg.escapeLiteral(tenantId)}`,
];

/** Cached price lists with their versions. */
export class PriceLists {
  private readonly known = new LRUCache<string, { version: number; list: PriceList }>({
    max: MAX_CACHED_TENANTS,
  });

  /** Runs `work` in a transaction in which the tenant's prices cannot change. */
  transaction<T>(
    pool: Pool,
    tenantId: string,
    work: (client: PoolClient, prices: PriceList) => Promise<T>,
  ): Promise<T> {
    return withTransaction(
      pool,
      async (client, { rows }) => work(client, await this.at(client, tenantId, rows as VersionRow[])),
      pinned(tenantId),
    );
  }

  /** The tenant's prices, which cannot change until the end of this transaction. */
  async read(client: PoolClient, tenantId: string): Promise<PriceList> {
    const [lock, version] = pinned(tenantId);
    await client.query(lock);
    const { rows } = await client.query<VersionRow>(version);
    return this.at(client, tenantId, rows);
  }

  private async at(client: PoolClient, tenantId: string, rows: readonly VersionRow[]): Promise<PriceList> {
    const version = rows[0]?.version ?? 0;
    const known = this.known.get(tenantId);
    if (known?.version === version) return known.list;
    const list = version === 0 ? new PriceList() : await readList(client, tenantId);
    this.known.set(tenantId, { version, list });
    return list;
  }
}

/** The prices of a tenant as they are now. */
export async function readList(client: ReadPool, tenantId: string): Promise<PriceList> {
  const { rows } = await client.query<PriceRow>(READ_PRICES, [tenantId]);
  return new PriceList(new OwnList(rows.map(ownRates)));
}
