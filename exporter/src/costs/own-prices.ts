/** A tenant's own prices over time. Every change queues a recompute of the executions that it affects. */
import type { Pool, PoolClient } from 'pg';
import type { ReadPool } from '../db/read-shares.js';
import { EXECUTIONS, executionTool, tableOf as aggregateTable } from '../aggregates/index.js';
import { transactionLock } from '../db/locks.js';
import { AppError } from '../errors.js';
import { type ServiceTier, STANDARD_TIER } from '../facts/execution/columns.js';
import { uuidv7 } from '../ids.js';
import { type Author, auditedTransaction } from '../tenants/audit.js';
import { formatTime } from '../time.js';
import { parseUsd, WIRE_UNIT } from '../money.js';
import { LATER_RATES, type PriceRow, RATE_FIELDS, type RateField, READ_PRICES } from './price-rows.js';
import { priceLock } from './prices.js';

/** USD per million tokens. A rate that is null is not known; cached tokens then cost as much as input. */
export type OwnPrice = Record<RateField, number | null> & {
  provider: string;
  model_name: string;
  service_tier: ServiceTier;
  /** Milliseconds. */
  effective_from: number;
};

/** What a call of a tool costs. */
export interface ToolPrice {
  tool_name: string;
  /** Milliseconds. */
  effective_from: number;
  usd_per_call: number;
}

/** As answers show it: the tier where it is not the standard one, and of the later rates those that were set. */
export interface StoredPrice {
  id: string;
  provider: string;
  model_name: string;
  service_tier?: ServiceTier;
  /** RFC 3339. */
  effective_from: string;
  input_usd_per_mtok: number;
  output_usd_per_mtok: number;
  cached_input_usd_per_mtok: number | null;
  cache_write_usd_per_mtok: number | null;
  cache_write_1h_usd_per_mtok?: number;
  input_audio_usd_per_mtok?: number;
  output_audio_usd_per_mtok?: number;
}

export interface StoredToolPrice extends Omit<ToolPrice, 'effective_from'> {
  id: string;
  /** RFC 3339. */
  effective_from: string;
}

interface ToolRow {
  id: string;
  tool_name: string;
  effective_from: Date;
  usd: string;
}

/** Prices of a tenant, of models and of tools. */
export const MAX_PRICES = 10_000;

/** The tenant's prices must be locked. @throws AppError CONFLICT */
async function checkCount(client: PoolClient, tenantId: string): Promise<void> {
  const counts = ['model_prices', 'model_tier_prices', 'tool_prices'].map(
    (table) => `(SELECT count(*) FROM ${table} WHERE tenant_id = $1)`,
  );
  const { rows } = await client.query<{ count: number }>(`SELECT (${counts.join(' + ')})::int AS count`, [
    tenantId,
  ]);
  if (rows[0]!.count >= MAX_PRICES) {
    throw new AppError(
      'CONFLICT',
      `at most ${MAX_PRICES} prices a tenant; delete those that apply no longer`,
    );
  }
}

const numberOf = (usd: string | null): number | null => (usd === null ? null : Number(usd));

function priceOf(row: PriceRow): StoredPrice {
  const later: Partial<StoredPrice> = {};
  for (const field of LATER_RATES) {
    const usd = row[field];
    if (usd !== null) later[field] = Number(usd);
  }
  return {
    id: row.id,
    provider: row.provider,
    model_name: row.model_name,
    ...(row.service_tier !== STANDARD_TIER && { service_tier: row.service_tier }),
    effective_from: formatTime(row.effective_from.getTime()),
    input_usd_per_mtok: Number(row.input_usd_per_mtok),
    output_usd_per_mtok: Number(row.output_usd_per_mtok),
    cached_input_usd_per_mtok: numberOf(row.cached_input_usd_per_mtok),
    cache_write_usd_per_mtok: numberOf(row.cache_write_usd_per_mtok),
    ...later,
  };
}

const toolPriceOf = ({ id, tool_name, effective_from, usd }: ToolRow): StoredToolPrice => ({
  id,
  tool_name,
  effective_from: formatTime(effective_from.getTime()),
  usd_per_call: Number(usd),
});

const TOOL_COLUMNS = 'id, tool_name, effective_from, usd_per_call AS usd';

/** Those of models, sorted by provider, model and tier, latest first; then those of tools. */
export async function listPrices(
  pool: ReadPool,
  tenantId: string,
): Promise<(StoredPrice | StoredToolPrice)[]> {
  const models = await pool.query<PriceRow>(
    `SELECT * FROM (${READ_PRICES}) AS p
     ORDER BY provider, model_name, service_tier <> '${STANDARD_TIER}', service_tier, effective_from DESC`,
    [tenantId],
  );
  const tools = await pool.query<ToolRow>(
    `SELECT ${TOOL_COLUMNS} FROM tool_prices WHERE tenant_id = $1 ORDER BY tool_name, effective_from DESC`,
    [tenantId],
  );
  return [...models.rows.map(priceOf), ...tools.rows.map(toolPriceOf)];
}

/** @throws AppError VALIDATION_ERROR for an amount with more decimals than the wire format has */
function checkDecimals(field: string, value: number | null): void {
  // It could not be returned as it was sent.
  if (value !== null && parseUsd(value) % WIRE_UNIT !== 0n) {
    throw new AppError('VALIDATION_ERROR', `field ${field} must have at most 6 decimals`);
  }
}

/** The table of a tier's prices, and the columns of its key besides the tenant. */
const TABLES = {
  standard: { name: 'model_prices', key: ['provider', 'model_name', 'effective_from'] },
  other: { name: 'model_tier_prices', key: ['provider', 'model_name', 'service_tier', 'effective_from'] },
} as const;

const STORED_COLUMNS = `id, provider, model_name, effective_from, ${RATE_FIELDS.join(', ')}`;

const tableOf = (tier: ServiceTier) => (tier === STANDARD_TIER ? TABLES.standard : TABLES.other);

/**
 * Sets the price of a model from a given time, or replaces it. The tenant must be registered.
 * @throws AppError VALIDATION_ERROR for an amount with more decimals than the wire format has
 */
export async function putPrice(
  pool: Pool,
  tenantId: string,
  price: OwnPrice,
  author: Author,
): Promise<StoredPrice> {
  for (const field of RATE_FIELDS) checkDecimals(field, price[field]);
  const { name, key } = tableOf(price.service_tier);
  const columns = [...key, ...RATE_FIELDS];
  const values = { ...price, effective_from: new Date(price.effective_from) };
  return auditedTransaction(pool, tenantId, author, async (client, record) => {
    await transactionLock(client, priceLock(tenantId));
    const earlier = await client.query<Omit<PriceRow, 'service_tier'>>(
      `SELECT ${STORED_COLUMNS} FROM ${name}
       WHERE tenant_id = $1 AND ${key.map((column, i) => `${column} = $${i + 2}`).join(' AND ')}`,
      [tenantId, ...key.map((column) => values[column])],
    );
    if (earlier.rows.length === 0) await checkCount(client, tenantId);
    const { rows } = await client.query<Omit<PriceRow, 'service_tier'>>(
      `INSERT INTO ${name} AS p (tenant_id, id, ${columns.join(', ')})
       VALUES ($1, $2, ${columns.map((_, i) => `$${i + 3}`).join(', ')})
       ON CONFLICT (tenant_id, ${key.join(', ')}) DO UPDATE
       SET ${RATE_FIELDS.map((field) => `${field} = excluded.${field}`).join(', ')}
       RETURNING ${STORED_COLUMNS}`,
      [
        tenantId,
        uuidv7(),
        ...columns.map((column) => {
          const value = values[column];
          // As text, so that the digits are stored as sent.
          return typeof value === 'number' ? String(value) : value;
        }),
      ],
    );
    const stored = { ...rows[0]!, service_tier: price.service_tier };
    await changed(client, tenantId, stored);
    const before = earlier.rows[0] && priceOf({ ...earlier.rows[0], service_tier: price.service_tier });
    const after = priceOf(stored);
    await record({ resource: 'price', id: after.id, before: before ?? null, after });
    return after;
  });
}

/** Sets what a call of a tool costs from a given time, or replaces it. The tenant must be registered. */
export async function putToolPrice(
  pool: Pool,
  tenantId: string,
  price: ToolPrice,
  author: Author,
): Promise<StoredToolPrice> {
  checkDecimals('usd_per_call', price.usd_per_call);
  return auditedTransaction(pool, tenantId, author, async (client, record) => {
    await transactionLock(client, priceLock(tenantId));
    const key = [price.tool_name, new Date(price.effective_from)];
    const earlier = await client.query<ToolRow>(
      `SELECT ${TOOL_COLUMNS} FROM tool_prices
       WHERE tenant_id = $1 AND tool_name = $2 AND effective_from = $3 FOR UPDATE`,
      [tenantId, ...key],
    );
    if (earlier.rows.length === 0) await checkCount(client, tenantId);
    const { rows } = await client.query<ToolRow>(
      `INSERT INTO tool_prices (tenant_id, id, tool_name, effective_from, usd_per_call) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (tenant_id, tool_name, effective_from) DO UPDATE SET usd_per_call = excluded.usd_per_call
       RETURNING ${TOOL_COLUMNS}`,
      [tenantId, uuidv7(), ...key, String(price.usd_per_call)],
    );
    const after = toolPriceOf(rows[0]!);
    const before = earlier.rows[0] === undefined ? null : toolPriceOf(earlier.rows[0]);
    await record({ resource: 'price', id: after.id, before, after });
    await toolChanged(client, tenantId, rows[0]!);
    return after;
  });
}

/** Marks the hours with calls of the tool up to the time of its next price. */
async function toolChanged(
  client: PoolClient,
  tenantId: string,
  { tool_name, effective_from }: Pick<ToolRow, 'tool_name' | 'effective_from'>,
): Promise<void> {
  await client.query(
    `INSERT INTO dirty_marks (tenant_id, kind, bucket)
     SELECT DISTINCT $1, '${EXECUTIONS.marks.hour}', bucket FROM ${aggregateTable(executionTool, 'hour')}
     WHERE tenant_id = $1 AND tool_name = $2 AND bucket >= date_trunc('hour', $3::timestamptz)
       AND bucket <= coalesce((SELECT min(effective_from) FROM tool_prices
                               WHERE tenant_id = $1 AND tool_name = $2 AND effective_from > $3), 'infinity')`,
    [tenantId, tool_name, effective_from],
  );
}

/** @throws AppError NOT_FOUND also for a price of another tenant */
export async function deletePrice(pool: Pool, tenantId: string, id: string, author: Author): Promise<void> {
  await auditedTransaction(pool, tenantId, author, async (client, record) => {
    await transactionLock(client, priceLock(tenantId));
    const deleted = await deleteModelPrice(client, tenantId, id);
    if (deleted !== undefined) {
      await record({ resource: 'price', id, before: priceOf(deleted), after: null });
      return changed(client, tenantId, deleted);
    }
    const tools = await client.query<ToolRow>(
      `DELETE FROM tool_prices WHERE tenant_id = $1 AND id = $2 RETURNING ${TOOL_COLUMNS}`,
      [tenantId, id],
    );
    if (tools.rows[0] === undefined) throw new AppError('NOT_FOUND', `there is no price "${id}"`);
    await record({ resource: 'price', id, before: toolPriceOf(tools.rows[0]), after: null });
    await toolChanged(client, tenantId, tools.rows[0]);
  });
}

type PricedSince = Pick<PriceRow, 'provider' | 'model_name' | 'service_tier' | 'effective_from'>;

async function deleteModelPrice(
  client: PoolClient,
  tenantId: string,
  id: string,
): Promise<PriceRow | undefined> {
  const standard = await client.query<PriceRow>(
    `DELETE FROM model_prices WHERE tenant_id = $1 AND id = $2
     RETURNING ${STORED_COLUMNS}, '${STANDARD_TIER}' AS service_tier`,
    [tenantId, id],
  );
  if (standard.rows[0] !== undefined) return standard.rows[0];
  const other = await client.query<PriceRow>(
    `DELETE FROM model_tier_prices WHERE tenant_id = $1 AND id = $2
     RETURNING ${STORED_COLUMNS}, service_tier`,
    [tenantId, id],
  );
  return other.rows[0];
}

/** Increases the price version and queues a recompute, up to the time of the model's next own price. */
async function changed(
  client: PoolClient,
  tenantId: string,
  { provider, model_name, service_tier, effective_from }: PricedSince,
): Promise<void> {
  const isStandard = service_tier === STANDARD_TIER;
  await client.query('UPDATE tenants SET price_version = price_version + 1 WHERE id = $1', [tenantId]);
  await client.query(
    `INSERT INTO price_recomputes (tenant_id, id, model_name, from_at, to_at, reached_at, reached_id)
     SELECT $1, $2, $3, $4, coalesce(min(effective_from), timestamptz 'infinity'), $4, '00000000-0000-0000-0000-000000000000'
     FROM ${tableOf(service_tier).name}
     WHERE tenant_id = $1 AND provider = $5 AND model_name = $3 AND effective_from > $4
       ${isStandard ? '' : 'AND service_tier = $6'}`,
    [tenantId, uuidv7(), model_name, effective_from, provider, ...(isStandard ? [] : [service_tier])],
  );
}
