/** What is to be priced anew: the tasks of changed prices, and those of tenants priced under an earlier version. */
import type { Pool, PoolClient } from 'pg';
import { PRICING_VERSION } from '../../costs/models/candidates.js';

/** An execution in the order of their starts. */
export interface Position {
  /** With microseconds, as PostgreSQL writes it. */
  at: string;
  id: string;
}

export interface Task {
  kind: 'price' | 'version';
  tenantId: string;
  id: string;
  /** The model of the price; null: all executions. */
  model: string | null;
  to: string;
  reached: Position;
}

interface TaskRow extends Omit<Task, 'kind' | 'reached'> {
  reachedAt: string;
  reachedId: string;
}

const taskOf = (kind: Task['kind'], { reachedAt, reachedId, ...row }: TaskRow): Task => ({
  kind,
  ...row,
  reached: { at: reachedAt, id: reachedId },
});

/** Of the tenant behind that one, and of the first again behind the last; of a tenant changed prices first. */
export async function nextTask(client: PoolClient, after: string): Promise<Task | undefined> {
  const prices = await client.query<TaskRow>(
    `SELECT tenant_id AS "tenantId", id, model_name AS model, to_at::text AS to, reached_at::text AS "reachedAt",
            reached_id AS "reachedId"
     FROM price_recomputes ORDER BY tenant_id <= $1, tenant_id, created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`,
    [after],
  );
  const price = prices.rows[0];
  // A tenant whose prices change all the time must not hold back the version of the others.
  const versions = await client.query<TaskRow>(
    `SELECT tenant_id AS "tenantId", tenant_id AS id, NULL AS model, 'infinity' AS to, reached_at::text AS "reachedAt",
            reached_id AS "reachedId"
     FROM pricing_versions
     WHERE NOT is_done AND version = $2 AND ($3::text IS NULL OR (tenant_id <= $1, tenant_id) < ($3 COLLATE "C" <= $1, $3))
     ORDER BY tenant_id <= $1, tenant_id LIMIT 1 FOR UPDATE SKIP LOCKED`,
    [after, PRICING_VERSION, price?.tenantId ?? null],
  );
  const version = versions.rows[0];
  if (version !== undefined) return taskOf('version', version);
  return price && taskOf('price', price);
}

export async function reach(client: PoolClient, { kind, tenantId, id }: Task, to: Position): Promise<void> {
  if (kind === 'price') {
    await client.query(
      `UPDATE price_recomputes SET reached_at = $3::timestamptz, reached_id = $4 WHERE tenant_id = $1 AND id = $2`,
      [tenantId, id, to.at, to.id],
    );
  } else {
    await client.query(
      'UPDATE pricing_versions SET reached_at = $2::timestamptz, reached_id = $3 WHERE tenant_id = $1',
      [tenantId, to.at, to.id],
    );
  }
}

export async function finish(client: PoolClient, { kind, tenantId, id }: Task): Promise<void> {
  if (kind === 'price') {
    await client.query('DELETE FROM price_recomputes WHERE tenant_id = $1 AND id = $2', [tenantId, id]);
  } else {
    await client.query('UPDATE pricing_versions SET is_done = true WHERE tenant_id = $1', [tenantId]);
  }
}

/** Databases whose tenants this process has looked at. */
const begun = new WeakSet<Pool>();

/**
 * Makes a task of every tenant that was priced under an earlier version, once in the life of a process: the version only
 * changes with the release. A version that a later release has begun stays.
 */
export async function beginVersion(pool: Pool, version = PRICING_VERSION): Promise<void> {
  if (begun.has(pool)) return;
  await pool.query(
    `INSERT INTO pricing_versions AS v (tenant_id, version, reached_at, reached_id)
     SELECT id, $1::int, timestamptz '-infinity', uuid '00000000-0000-0000-0000-000000000000' FROM tenants
     ON CONFLICT (tenant_id) DO UPDATE
     SET version = excluded.version, reached_at = excluded.reached_at, reached_id = excluded.reached_id, is_done = false
     WHERE v.version < excluded.version`,
    [version],
  );
  begun.add(pool);
}
