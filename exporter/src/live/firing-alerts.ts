import type { Pool } from 'pg';

/** How many alerts of each tenant are firing; tenants without one are left out. */
export async function firingAlerts(
  pool: Pool,
  tenants: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await pool.query<{ tenant: string; firing: number }>(
    `SELECT tenant_id AS tenant, count(*) AS firing FROM alert_rules
     WHERE tenant_id = ANY ($1::text[]) AND is_active AND state = 'firing' GROUP BY 1`,
    [tenants],
  );
  return new Map(rows.map(({ tenant, firing }) => [tenant, firing]));
}
