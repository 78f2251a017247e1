/** What tokens cost: the tenant's own price if there is one, otherwise that of the price book. Both change over time. */
import { LRUCache } from 'lru-cache';
import pg, { type Pool, type PoolClient } from 'pg';
import { lockKey } from '../db/locks.js';
import { withTransaction } from '../db/pool.js';
import { bookCost } from './book.js';
import { parseUsd, type Usd } from '../money.js';
import { costAt, type Rates } from './rates.js';
import type { Tokens } from '../facts/tokens.js';

interface OwnPrice extends Rates {
  provider: string;
  /** Milliseconds. */
  from: number;
}

const MAX_CACHED_TENANTS = 1_000;

/** One version of a tenant's prices. */
export class PriceList {
  /** By model, latest first. */
  private readonly own = new Map<string, OwnPrice[]>();

  constructor(own: readonly (OwnPrice & { model: string })[] = []) {
    for (const price of [...own].sort((a, b) => b.from - a.from)) {
      const list = this.own.get(price.model);
      if (list === undefined) this.own.set(price.model, [price]);
      else list.push(price);
    }
  }

  /**
   * @param provider null: any provider of the model
   * @param at milliseconds
   * @returns null if the model is unknown or has no price
   */
  costOf(tokens: Tokens, provider: string | null, model: string | null, at: number): Usd | null {
    if (model === null) return null;
    const price = this.own
      .get(model)
      ?.find((own) => own.from <= at && (provider === null || own.provider === provider));
    return price === undefined ? bookCost(tokens, provider, model, at) : costAt(price, tokens);
  }
}

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

async function readList(client: PoolClient, tenantId: string): Promise<PriceList> {
  const { rows } = await client.query<{
    provider: string;
    model: string;
    from: Date;
    input: string;
    output: string;
    cached: string | null;
    written: string | null;
  }>(
    `SELECT provider, model_name AS model, effective_from AS "from", input_usd_per_mtok AS input,
            output_usd_per_mtok AS output, cached_input_usd_per_mtok AS cached, cache_write_usd_per_mtok AS written
     FROM model_prices WHERE tenant_id = $1`,
    [tenantId],
  );
  return new PriceList(
    rows.map(({ provider, model, from, input, output, cached, written }) => ({
      provider,
      model,
      from: from.getTime(),
      input: parseUsd(input),
      output: parseUsd(output),
      // Without a price for cached tokens, they cost as much as input.
      cachedInput: parseUsd(cached ?? input),
      cacheWrite: parseUsd(written ?? input),
    })),
  );
}
