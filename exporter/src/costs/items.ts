/** Costs that no execution carries, such as storage: spread evenly over their days, both included. */
import type { Pool } from 'pg';
import type { ReadPool } from '../db/read-shares.js';
import { transactionLock, lockKey } from '../db/locks.js';
import { withTransaction } from '../db/pool.js';
import { AppError } from '../errors.js';
import { uuidv7 } from '../ids.js';
import { toWire } from '../money.js';
import { DAY, parseDate } from '../time.js';

export const COST_CATEGORIES = ['storage', 'other'] as const;
export type CostCategory = (typeof COST_CATEGORIES)[number];

/** Items of a tenant: each is looked at by every question for costs. */
export const MAX_ITEMS = 1_000;
/** Days of an item. */
export const MAX_ITEM_DAYS = 366;

export interface ItemInput {
  category: CostCategory;
  amount_usd: number;
  /** `YYYY-MM-DD`. */
  start_date: string;
  end_date: string;
  agent_id?: string | null;
  description?: string | null;
}

export interface CostItem extends Required<ItemInput> {
  id: string;
}

type Row = Omit<CostItem, 'amount_usd'> & { amount: string };

const COLUMNS = 'id, category, amount_usd AS amount, start_date, end_date, agent_id, description';
const CHANGEABLE = ['category', 'amount_usd', 'start_date', 'end_date', 'agent_id', 'description'] as const;

const itemOf = ({ amount, ...row }: Row): CostItem => ({ ...row, amount_usd: toWire(amount) });

const invalid = (message: string): AppError => new AppError('VALIDATION_ERROR', message);

/** @throws AppError VALIDATION_ERROR, INVALID_DATE_RANGE */
function check({ start_date, end_date, amount_usd }: ItemInput): void {
  const [start, end] = (['start_date', 'end_date'] as const).map((name) => {
    const date = parseDate({ start_date, end_date }[name]);
    if (date === undefined)
      throw new AppError('INVALID_DATE_RANGE', `${name} must be a date that exists, such as 2026-03-06`);
    return date;
  }) as [number, number];
  if (start > end)
    throw new AppError('INVALID_DATE_RANGE', `start_date (${start_date}) lies after end_date (${end_date})`);
  const days = (end - start) / DAY + 1;
  if (days > MAX_ITEM_DAYS)
    throw new AppError(
      'INVALID_DATE_RANGE',
      `the item has ${days} days; it may have at most ${MAX_ITEM_DAYS}`,
    );
  if (Math.abs(amount_usd - toWire(String(amount_usd))) > 0)
    throw invalid('field amount_usd must have at most 6 decimals');
}

/** The earliest first. */
export async function listItems(pool: ReadPool, tenantId: string): Promise<CostItem[]> {
  const { rows } = await pool.query<Row>(
    `SELECT ${COLUMNS} FROM cost_items WHERE tenant_id = $1 ORDER BY start_date, id`,
    [tenantId],
  );
  return rows.map(itemOf);
}

/**
 * The tenant must be registered.
 * @throws AppError VALIDATION_ERROR, INVALID_DATE_RANGE; CONFLICT where the tenant has as many as it may have
 */
export async function createItem(pool: Pool, tenantId: string, input: ItemInput): Promise<CostItem> {
  check(input);
  return withTransaction(pool, async (client) => {
    await transactionLock(client, lockKey('cost items', tenantId));
    const { rows } = await client.query<Row>(
      `INSERT INTO cost_items (tenant_id, id, ${CHANGEABLE.join(', ')})
       SELECT $1, $2, $3, $4::numeric, $5::date, $6::date, $7, $8
       WHERE (SELECT count(*) FROM cost_items WHERE tenant_id = $1) < ${MAX_ITEMS} RETURNING ${COLUMNS}`,
      [tenantId, uuidv7(), ...valuesOf(input)],
    );
    if (rows[0] === undefined)
      throw new AppError(
        'CONFLICT',
        `there are ${MAX_ITEMS} cost items already, the most that a tenant may have`,
      );
    return itemOf(rows[0]);
  });
}

/** What is left out stays. @throws AppError NOT_FOUND, VALIDATION_ERROR, INVALID_DATE_RANGE */
export async function changeItem(
  pool: Pool,
  tenantId: string,
  id: string,
  changes: Partial<ItemInput>,
): Promise<CostItem> {
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<Row>(
      `SELECT ${COLUMNS} FROM cost_items WHERE tenant_id = $1 AND id = $2 FOR UPDATE`,
      [tenantId, id],
    );
    if (rows[0] === undefined) throw missing(id);
    const item = { ...itemOf(rows[0]), ...changes };
    check(item);
    const updated = await client.query<Row>(
      `UPDATE cost_items SET category = $3, amount_usd = $4::numeric, start_date = $5::date, end_date = $6::date,
         agent_id = $7, description = $8
       WHERE tenant_id = $1 AND id = $2 RETURNING ${COLUMNS}`,
      [tenantId, id, ...valuesOf(item)],
    );
    return itemOf(updated.rows[0]!);
  });
}

/** @throws AppError NOT_FOUND */
export async function deleteItem(pool: Pool, tenantId: string, id: string): Promise<void> {
  const { rowCount } = await pool.query('DELETE FROM cost_items WHERE tenant_id = $1 AND id = $2', [
    tenantId,
    id,
  ]);
  if (rowCount === 0) throw missing(id);
}

const missing = (id: string): AppError => new AppError('NOT_FOUND', `there is no cost item "${id}"`);

const valuesOf = (item: ItemInput): unknown[] => [
  item.category,
  // As text, so that the digits are stored as sent.
  String(item.amount_usd),
  item.start_date,
  item.end_date,
  item.agent_id ?? null,
  item.description ?? null,
];
