/** Agents are soft-deleted: they are hidden from all lists, but their history is kept. */
import type { Pool } from 'pg';

/**
 * Deletes or restores an agent. If events of a deleted agent arrive, the rollup restores it, see `BACK_IF_SEEN` in
 * `rollup/projections.ts`.
 * @returns the agent's name, and whether it was deleted before; undefined if the tenant has no such agent
 */
export async function setAgentDeleted(
  pool: Pool,
  tenantId: string,
  agentId: string,
  deleted: boolean,
): Promise<{ name: string | null; wasDeleted: boolean } | undefined> {
  const { rows } = await pool.query<{ name: string | null; wasDeleted: boolean }>(
    `UPDATE agents a SET deleted_at = CASE WHEN $3 THEN coalesce(old.deleted_at, now()) END
     FROM (SELECT name, deleted_at FROM agents WHERE tenant_id = $1 AND id = $2 FOR UPDATE) AS old
     WHERE a.tenant_id = $1 AND a.id = $2
     RETURNING old.name, old.deleted_at IS NOT NULL AS "wasDeleted"`,
    [tenantId, agentId, deleted],
  );
  return rows[0];
}
