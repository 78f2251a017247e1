/** Dashboards of tenants in the database. */
import type { Pool } from 'pg';
import { lockKey, transactionLock } from '../db/locks.js';
import { withTransaction } from '../db/pool.js';
import type { ReadPool } from '../db/read-shares.js';
import { AppError } from '../errors.js';
import { uuidv7 } from '../ids.js';
import { formatTime } from '../time.js';
import { type CustomDashboard, MAX_DASHBOARDS, type Widget } from './schema.js';

interface Row {
  id: string;
  name: string;
  widgets: Widget[];
  created_at: Date;
  updated_at: Date;
}

interface Content {
  name: string;
  widgets: readonly Widget[];
}

const COLUMNS = 'id, name, widgets, created_at, updated_at';

const dashboardOf = ({ created_at, updated_at, ...row }: Row): CustomDashboard => ({
  ...row,
  created_at: formatTime(created_at.getTime()),
  updated_at: formatTime(updated_at.getTime()),
});

/** In the order in which they were created. */
export async function listDashboards(pool: ReadPool, tenantId: string): Promise<CustomDashboard[]> {
  const { rows } = await pool.query<Row>(
    `SELECT ${COLUMNS} FROM custom_dashboards WHERE tenant_id = $1 ORDER BY id`,
    [tenantId],
  );
  return rows.map(dashboardOf);
}

/** @throws AppError NOT_FOUND */
export async function readDashboard(pool: ReadPool, tenantId: string, id: string): Promise<CustomDashboard> {
  const { rows } = await pool.query<Row>(
    `SELECT ${COLUMNS} FROM custom_dashboards WHERE tenant_id = $1 AND id = $2`,
    [tenantId, id],
  );
  return found(rows, id);
}

/**
 * The tenant must be registered.
 * @throws AppError CONFLICT where the tenant has as many as it may have
 */
export async function createDashboard(
  pool: Pool,
  tenantId: string,
  { name, widgets }: Content,
  now: number,
): Promise<CustomDashboard> {
  return withTransaction(pool, async (client) => {
    await transactionLock(client, lockKey('custom dashboards', tenantId));
    const { rows } = await client.query<Row>(
      `INSERT INTO custom_dashboards (tenant_id, id, name, widgets, created_at, updated_at)
       SELECT $1, $2, $3, $4::jsonb, $5, $5
       WHERE (SELECT count(*) FROM custom_dashboards WHERE tenant_id = $1) < ${MAX_DASHBOARDS} RETURNING ${COLUMNS}`,
      [tenantId, uuidv7(), name, JSON.stringify(widgets), new Date(now)],
    );
    if (rows[0] === undefined)
      throw new AppError(
        'CONFLICT',
        `there are ${MAX_DASHBOARDS} dashboards already, the most that a tenant may have`,
      );
    return dashboardOf(rows[0]);
  });
}

/** @throws AppError NOT_FOUND */
export async function replaceDashboard(
  pool: Pool,
  tenantId: string,
  id: string,
  { name, widgets }: Content,
  now: number,
): Promise<CustomDashboard> {
  const { rows } = await pool.query<Row>(
    `UPDATE custom_dashboards SET name = $3, widgets = $4::jsonb, updated_at = $5
     WHERE tenant_id = $1 AND id = $2 RETURNING ${COLUMNS}`,
    [tenantId, id, name, JSON.stringify(widgets), new Date(now)],
  );
  return found(rows, id);
}

/** @throws AppError NOT_FOUND */
export async function deleteDashboard(pool: Pool, tenantId: string, id: string): Promise<void> {
  const { rowCount } = await pool.query('DELETE FROM custom_dashboards WHERE tenant_id = $1 AND id = $2', [
    tenantId,
    id,
  ]);
  if (rowCount === 0) throw missing(id);
}

function found(rows: readonly Row[], id: string): CustomDashboard {
  if (rows[0] === undefined) throw missing(id);
  return dashboardOf(rows[0]);
}

const missing = (id: string): AppError => new AppError('NOT_FOUND', `there is no dashboard "${id}"`);
