/** What tokens cost: the tenant's own price where there is one, otherwise the price book's; both by date. */
import { LRUCache } from 'lru-cache';
import pg, { type Pool, type PoolClient } from 'pg';
import { lockKey } from '../db/locks.js';
import { withTransaction } from '../db/pool.js';
import { bookCost } from './book.js';
import { parseUsd, perMillion, type Usd } from './money.js';
import type { Tokens } from '../facts/tokens.js';

/** USD per million tokens. */
export interface Price {
  input: Usd;
  output: Usd;
  cachedInput: Usd;
  cacheWrite: Usd;
}

interface OwnPrice extends Price {
  provider: string;
  /** Milliseconds. */
  from: number;
}

const MAX_TENANTS_IN_MEMORY = 1_000;

/** The prices of one tenant at one version of them. */
export class PriceList {
  /** Latest first, by model. */
  private readonly own = new Map<string, OwnPrice[]>();

  constructor(own: readonly (OwnPrice & { model: string })[] = []) {
    for (const price of [...own].sort((a, b) => b.from - a.from)) {
      const list = this.own.get(price.model);
      if (list === undefined) this.own.set(price.model, [price]);
      else list.push(price);
    }
  }

  /**
   * @param provider null: whichever has the model
   * @param at milliseconds
   * @returns null where the model is not known or has no price
   */
  costOf(tokens: Tokens, provider: string | null, model: string | null, at: number): Usd | null {
    if (model === null) return null;
    const price = this.own
      .get(model)
      ?.find((own) => own.from <= at && (provider === null || own.provider === provider));
    return price === undefined ? bookCost(tokens, provider, model, at) : costAt(price, tokens);
  }
}

function costAt({ input, output, cachedInput, cacheWrite }: Price, tokens: Tokens): Usd {
  const plain = tokens.input_tokens - tokens.cached_input_tokens - tokens.cache_write_tokens;
  return (
    perMillion(plain, input) +
    perMillion(tokens.cached_input_tokens, cachedInput) +
    perMillion(tokens.cache_write_tokens, cacheWrite) +
    perMillion(tokens.output_tokens, output)
  );
}

/** Held shared by whoever prices, alone by whoever changes prices: no execution is priced by what no longer holds. */
export const priceLock = (tenantId: string): string => lockKey('prices', tenantId);

interface VersionRow {
  version: number;
}

/** The lock is a statement of its own: the next one sees what was there when it was got. */
const pinned = (tenantId: string): [string, string] => [
  `SELECT pg_advisory_xact_lock_shared('${priceLock(tenantId)}')`,
  `SELECT price_version AS version FROM tenants WHERE id = ${pg.escapeLiteral(tenantId)}`,
];

/** The price lists in memory, each at the version that it was read at. */
export class PriceLists {
  private readonly known = new LRUCache<string, { version: number; list: PriceList }>({
    max: MAX_TENANTS_IN_MEMORY,
  });

  /** Runs `work` in a transaction in which the tenant's prices stay as they are. */
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

  /** The tenant's prices as they are in this transaction, and stay until its end. */
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
      // A price list that names no price of its own for the cache charges what input costs.
      cachedInput: parseUsd(cached ?? input),
      cacheWrite: parseUsd(written ?? input),
    })),
  );
}
