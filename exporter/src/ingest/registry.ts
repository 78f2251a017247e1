/** Who is known: tenants are registered at their first write, agents at their first event. */
import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import type { Tier } from '../config.js';
import { retryTransient } from '../db/pool.js';
import { MINUTE } from '../time.js';

/** An agent as an event names it; a null name leaves the known one. */
export interface NamedAgent {
  agentId: string | null;
  agentName: string | null;
}

/** Agents of a tenant that have Prometheus series of their own; the others share agent="other". */
export const NAMED_AGENTS = 20;

const KNOWN_FOR = 5 * MINUTE;
const MAX_AGENTS_IN_MEMORY = 100_000;
const MAX_TENANTS_IN_MEMORY = 10_000;

export class Registry {
  private readonly tenants = new LRUCache<string, true>({ max: MAX_TENANTS_IN_MEMORY });
  private readonly agents = new LRUCache<string, string>({ max: MAX_AGENTS_IN_MEMORY, ttl: KNOWN_FOR });

  constructor(
    private readonly pool: Pool,
    private readonly defaultTier: Tier,
  ) {}

  /** Registers the tenant and the agents where they are new, and renames agents whose name changed. */
  async register(tenantId: string, seen: readonly NamedAgent[]): Promise<void> {
    if (!this.tenants.has(tenantId)) {
      await this.pool.query('INSERT INTO tenants (id, tier) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
        tenantId,
        this.defaultTier,
      ]);
      this.tenants.set(tenantId, true);
    }
    const named = new Map<string, string | null>();
    for (const { agentId, agentName } of seen) {
      if (agentId !== null && (agentName !== null || !named.has(agentId))) named.set(agentId, agentName);
    }
    const changed = new Map<string, string | null>();
    for (const [agentId, agentName] of named) {
      const known = this.agents.get(`${tenantId} ${agentId}`);
      if (known === undefined || (agentName !== null && known !== agentName)) changed.set(agentId, agentName);
    }
    if (changed.size === 0) return;
    // Sorted, so that concurrent registrations lock rows in one order; a rollup, which updates agents too, has another.
    const ids = [...changed.keys()].sort();
    // What is known already is not touched: its row may be locked by a rollup, which ingest must not wait for.
    await retryTransient(() =>
      this.pool.query(
        `INSERT INTO agents AS known (tenant_id, id, name, metrics_named)
       SELECT $1, id, name,
              row_number() OVER (ORDER BY id) <= $4 - (SELECT count(*) FROM agents WHERE tenant_id = $1 AND metrics_named)
       FROM unnest($2::text[], $3::text[]) AS seen (id, name)
       WHERE NOT EXISTS (
         SELECT FROM agents a WHERE a.tenant_id = $1 AND a.id = seen.id
           AND (seen.name IS NULL OR a.name IS NOT DISTINCT FROM seen.name))
       ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name
         WHERE excluded.name IS NOT NULL AND known.name IS DISTINCT FROM excluded.name`,
        [tenantId, ids, ids.map((id) => changed.get(id) ?? null), NAMED_AGENTS],
      ),
    );
    for (const [id, name] of changed) this.agents.set(`${tenantId} ${id}`, name ?? '');
  }

  /** Whether an agent is registered, as far as is remembered. */
  knows(tenantId: string, agentId: string): boolean {
    return this.agents.has(`${tenantId} ${agentId}`);
  }
}

/** Sets a tenant's tier and, where given, its name; registers it where it is new. */
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

/**
 * Takes an agent out of every list of those that there are, or puts it back; what it did stays counted. One that acts
 * after its deletion is back by itself, see `BACK_IF_SEEN` in `rollup/projections.ts`.
 * @returns the agent's name and whether it was deleted before, or undefined where the tenant has no such agent
 */
export async function setAgentDeleted(
  pool: Pool,
  tenantId: string,
  agentId: string,
  deleted: boolean,
): Promise<{ name: string | null; before: boolean } | undefined> {
  const { rows } = await pool.query<{ name: string | null; before: boolean }>(
    `UPDATE agents a SET deleted_at = CASE WHEN $3 THEN coalesce(old.deleted_at, now()) END
     FROM (SELECT name, deleted_at FROM agents WHERE tenant_id = $1 AND id = $2 FOR UPDATE) AS old
     WHERE a.tenant_id = $1 AND a.id = $2
     RETURNING old.name, old.deleted_at IS NOT NULL AS before`,
    [tenantId, agentId, deleted],
  );
  return rows[0];
}

/** Every tenant that is registered. */
export async function tenantIds(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM tenants ORDER BY id');
  return rows.map(({ id }) => id);
}
