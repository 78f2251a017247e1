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
/** Tenants. */
const MAX_UNWRITTEN = 1_000;

export class Registry {
  private readonly tenants = new LRUCache<string, true>({ max: MAX_TENANTS_IN_MEMORY });
  private readonly agents = new LRUCache<string, string>({ max: MAX_AGENTS_IN_MEMORY, ttl: KNOWN_FOR });
  /** Names by tenant that could not be written when their facts were. */
  private readonly unwritten = new LRUCache<string, NamedAgent[]>({ max: MAX_UNWRITTEN });

  constructor(
    private readonly pool: Pool,
    private readonly defaultTier: Tier,
  ) {}

  /**
   * Registers the tenant and the agents where they are new, and names those that had no name. To be done before what they
   * did is written; what changes a name is `rename`.
   */
  async register(tenantId: string, seen: readonly NamedAgent[]): Promise<void> {
    if (!this.tenants.has(tenantId)) {
      await this.pool.query('INSERT INTO tenants (id, tier) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
        tenantId,
        this.defaultTier,
      ]);
      this.tenants.set(tenantId, true);
    }
    const news = this.namesOf(
      seen,
      (known, name) => known === undefined || (known === '' && name !== null),
      tenantId,
    );
    if (news.size === 0) return;
    // Sorted, so that concurrent registrations lock rows in one order; a rollup, which updates agents too, has another.
    const ids = [...news.keys()].sort();
    // What is known already is not touched: its row may be locked by a rollup, which ingest must not wait for.
    const { rows } = await retryTransient(() =>
      this.pool.query<{ id: string; name: string | null }>(
        `WITH seen AS (
         SELECT * FROM unnest($2::text[], $3::text[]) AS seen (id, name)
       ), known AS (
         SELECT a.id, a.name FROM agents a JOIN seen USING (id)
         WHERE a.tenant_id = $1 AND (seen.name IS NULL OR a.name IS NOT NULL)
       ), registered AS (
         INSERT INTO agents AS known (tenant_id, id, name, metrics_named)
         SELECT $1, id, name,
                row_number() OVER (ORDER BY id) <= $4 - (SELECT count(*) FROM agents WHERE tenant_id = $1 AND metrics_named)
         FROM seen WHERE id NOT IN (SELECT id FROM known)
         ON CONFLICT (tenant_id, id) DO UPDATE SET name = coalesce(known.name, excluded.name)
         RETURNING id, name
       )
       SELECT * FROM known UNION ALL SELECT * FROM registered`,
        [tenantId, ids, ids.map((id) => news.get(id) ?? null), NAMED_AGENTS],
      ),
    );
    for (const { id, name } of rows) this.agents.set(`${tenantId} ${id}`, name ?? '');
  }

  /**
   * Renames the agents that facts name otherwise than they are called. Only of facts that were new: one that is sent again
   * would bring an old name back. Those are durable by now, so this does not fail: names that could not be written go with
   * the tenant's next facts, new or not.
   */
  async rename(tenantId: string, accepted: readonly NamedAgent[]): Promise<void> {
    const named = [...(this.unwritten.get(tenantId) ?? []), ...accepted];
    const changed = this.namesOf(named, (known, name) => name !== null && known !== name, tenantId);
    this.unwritten.delete(tenantId);
    if (changed.size === 0) return;
    try {
      await this.writeNames(tenantId, changed);
    } catch {
      const later = this.unwritten.get(tenantId) ?? [];
      const failed = [...changed].map(([agentId, agentName]) => ({ agentId, agentName }));
      this.unwritten.set(tenantId, [...failed, ...later]);
    }
  }

  private async writeNames(tenantId: string, changed: ReadonlyMap<string, string | null>): Promise<void> {
    const ids = [...changed.keys()].sort();
    await retryTransient(() =>
      this.pool.query(
        `UPDATE agents a SET name = seen.name
       FROM (
         SELECT seen.id, seen.name FROM unnest($2::text[], $3::text[]) AS seen (id, name)
         JOIN agents a ON a.tenant_id = $1 AND a.id = seen.id AND a.name IS DISTINCT FROM seen.name
         ORDER BY seen.id FOR UPDATE OF a
       ) AS seen WHERE a.tenant_id = $1 AND a.id = seen.id`,
        [tenantId, ids, ids.map((id) => changed.get(id)!)],
      ),
    );
    for (const [id, name] of changed) this.agents.set(`${tenantId} ${id}`, name!);
  }

  /** The last name that is given to each agent, of those that `wanted` tells from what is remembered ('': no name). */
  private namesOf(
    seen: readonly NamedAgent[],
    wanted: (known: string | undefined, name: string | null) => boolean,
    tenantId: string,
  ): Map<string, string | null> {
    const names = new Map<string, string | null>();
    for (const { agentId, agentName } of seen) {
      if (agentId !== null && (agentName !== null || !names.has(agentId))) names.set(agentId, agentName);
    }
    for (const [agentId, name] of names) {
      if (!wanted(this.agents.get(`${tenantId} ${agentId}`), name)) names.delete(agentId);
    }
    return names;
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
