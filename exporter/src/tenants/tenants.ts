/** The registered tenants, with tier and name. */
import type { Pool } from 'pg';
import type { Tier } from '../config.js';

/** Sets the given ones of a tenant's tier and name. Registers a new tenant. */
export async function setTenant(
  pool: Pool,
  tenantId: string,
  { tier, name }: { tier?: Tier; name?: string },
  defaultTier: Tier,
): Promise<{ id: string; tier: Tier; name: string | null }> {
  const result = await pool.query<{ id: string; tier: Tier; name: string | null }>(
    `INSERT INTO tenants AS t (id, tier, name) VALUES ($1, coalesce($2, $4), $3)
     ON CONFLICT (id) DO UPDATE SET tier = coalesce($2, t.tier), name = coalesce($3, t.name)
     RETURNING id, tier, name`,
    [tenantId, tier ?? null, name ?? null, defaultTier],
  );
  return result.rows[0]!;
}

/** All registered tenants. */
export async function tenantIds(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM tenants ORDER BY id');
  return rows.map(({ id }) => id);
}
