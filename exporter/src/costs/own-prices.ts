/** A tenant's own prices over time. Every change queues a recompute of the executions that it affects. */
import type { Pool, PoolClient } from 'pg';
import { transactionLock } from '../db/locks.js';
import { withTransaction } from '../db/pool.js';
import { AppError } from '../errors.js';
import { uuidv7 } from '../ids.js';
import { formatTime } from '../time.js';
import { parseUsd, WIRE_UNIT } from '../money.js';
import { priceLock } from './prices.js';

/** USD per million tokens. Without a price for cached tokens, they cost as much as input. */
export interface OwnPrice {
  provider: string;
  model_name: string;
  /** Milliseconds. */
  effective_from: number;
  input_usd_per_mtok: number;
  output_usd_per_mtok: number;
  cached_input_usd_per_mtok: number | null;
  cache_write_usd_per_mtok: number | null;
}

export interface StoredPrice extends Omit<OwnPrice, 'effective_from'> {
  id: string;
  /** RFC 3339. */
  effective_from: string;
}

interface Row {
  id: string;
  provider: string;
  model_name: string;
  effective_from: Date;
  input: string;
  output: string;
  cached: string | null;
  written: string | null;
}

const COLUMNS = `id, provider, model_name, effective_from, input_usd_per_mtok AS input, output_usd_per_mtok AS output,
  cached_input_usd_per_mtok AS cached, cache_write_usd_per_mtok AS written`;

const priceOf = ({
  id,
  provider,
  model_name,
  effective_from,
  input,
  output,
  cached,
  written,
}: Row): StoredPrice => ({
  id,
  provider,
  model_name,
  effective_from: formatTime(effective_from.getTime()),
  input_usd_per_mtok: Number(input),
  output_usd_per_mtok: Number(output),
  cached_input_usd_per_mtok: cached === null ? null : Number(cached),
  cache_write_usd_per_mtok: written === null ? null : Number(written),
});

/** Sorted by provider and model, latest first. */
export async function listPrices(pool: Pool, tenantId: string): Promise<StoredPrice[]> {
  const { rows } = await pool.query<Row>(
    `SELECT ${COLUMNS} FROM model_prices WHERE tenant_id = $1 ORDER BY provider, model_name, effective_from DESC`,
    [tenantId],
  );
  return rows.map(priceOf);
}

/**
 * Sets the price of a model from a given time, or replaces it. The tenant must be registered.
 * @throws AppError VALIDATION_ERROR for an amount with more decimals than the wire format has
 */
export async function putPrice(pool: Pool, tenantId: string, price: OwnPrice): Promise<StoredPrice> {
  for (const [field, value] of Object.entries(price)) {
    // It could not be returned as it was sent.
    if (typeof value === 'number' && field.endsWith('_usd_per_mtok') && parseUsd(value) % WIRE_UNIT !== 0n)
      throw new AppError('VALIDATION_ERROR', `field ${field} must have at most 6 decimals`);
  }
  return withTransaction(pool, async (client) => {
    await transactionLock(client, priceLock(tenantId));
    const { rows } = await client.query<Row & { changed: boolean }>(
      `INSERT INTO model_prices AS p (tenant_id, id, provider, model_name, effective_from, input_usd_per_mtok,
         output_usd_per_mtok, cached_input_usd_per_mtok, cache_write_usd_per_mtok)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (tenant_id, provider, model_name, effective_from) DO UPDATE
       SET input_usd_per_mtok = excluded.input_usd_per_mtok, output_usd_per_mtok = excluded.output_usd_per_mtok,
           cached_input_usd_per_mtok = excluded.cached_input_usd_per_mtok,
           cache_write_usd_per_mtok = excluded.cache_write_usd_per_mtok
       RETURNING ${COLUMNS}`,
      [
        tenantId,
        uuidv7(),
        price.provider,
        price.model_name,
        new Date(price.effective_from),
        // As text, so that the digits are stored as sent.
        String(price.input_usd_per_mtok),
        String(price.output_usd_per_mtok),
        price.cached_input_usd_per_mtok === null ? null : String(price.cached_input_usd_per_mtok),
        price.cache_write_usd_per_mtok === null ? null : String(price.cache_write_usd_per_mtok),
      ],
    );
    await changed(client, tenantId, rows[0]!);
    return priceOf(rows[0]!);
  });
}

/** @throws AppError NOT_FOUND also for a price of another tenant */
export async function deletePrice(pool: Pool, tenantId: string, id: string): Promise<void> {
  await withTransaction(pool, async (client) => {
    await transactionLock(client, priceLock(tenantId));
    const { rows } = await client.query<Row>(
      `DELETE FROM model_prices WHERE tenant_id = $1 AND id = $2 RETURNING ${COLUMNS}`,
      [tenantId, id],
    );
    if (rows[0] === undefined) throw new AppError('NOT_FOUND', `there is no price "${id}"`);
    await changed(client, tenantId, rows[0]);
  });
}

/** Increases the price version and queues a recompute, up to the time of the model's next own price. */
async function changed(
  client: PoolClient,
  tenantId: string,
  { provider, model_name, effective_from }: Row,
): Promise<void> {
  await client.query('UPDATE tenants SET price_version = price_version + 1 WHERE id = $1', [tenantId]);
  await client.query(
    `INSERT INTO price_recomputes (tenant_id, id, model_name, from_at, to_at, reached_at, reached_id)
     SELECT $1, $2, $3, $4, coalesce(min(effective_from), timestamptz 'infinity'), $4, '00000000-0000-0000-0000-000000000000'
     FROM model_prices WHERE tenant_id = $1 AND provider = $5 AND model_name = $3 AND effective_from > $4`,
    [tenantId, uuidv7(), model_name, effective_from, provider],
  );
}
