/** The registered tenants, with tier and name. */
import type { Pool, PoolClient } from 'pg';
import type { Tier } from '../config.js';
import { type Author, auditedTransaction } from './audit.js';

interface TenantSettings {
  tier: Tier;
  name: string | null;
}

/** Sets the given ones of a tenant's tier and name. Registers a new tenant. */
export async function setTenant(
  pool: Pool,
  tenantId: string,
  { tier, name }: { tier?: Tier; name?: string },
  defaultTier: Tier,
  author: Author,
): Promise<TenantSettings> {
  return auditedTransaction(pool, tenantId, author, async (client, record) => {
    const earlier = await client.query<TenantSettings>(
      'SELECT tier, name FROM tenants WHERE id = $1 FOR UPDATE',
      [tenantId],
    );
    const after = await upsert(client, tenantId, { tier, name }, defaultTier);
    await record({ resource: 'tenant', id: tenantId, before: earlier.rows[0] ?? null, after });
    return after;
  });
}

async function upsert(
  client: PoolClient,
  tenantId: string,
  { tier, name }: { tier?: Tier; name?: string },
  defaultTier: Tier,
): Promise<TenantSettings> {
  const { rows } = await client.query<TenantSettings>(
    `INSERT INTO tenants AS t (id, tier, name) VALUES ($1, coalesce($2, $4), $3)
     ON CONFLICT (id) DO UPDATE SET tier = coalesce($2, t.tier), name = coalesce($3, t.name)
     RETURNING tier, name`,
    [tenantId, tier ?? null, name ?? null, defaultTier],
  );
  return rows[0]!;
}

/** All registered tenants. */
export async function tenantIds(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM tenants ORDER BY id');
  return rows.map(({ id }) => id);
}
