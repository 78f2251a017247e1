/** Registers tenants at their first write and agents at their first fact, and maintains the agents' names. */
import { LRUCache } from 'lru-cache';
import type { Pool, PoolClient } from 'pg';
import type { Tier } from '../config.js';
import { retryTransient } from '../db/pool.js';
import { MINUTE } from '../time.js';

/** An agent as a fact names it. Without a name, the known one is kept. */
export interface NamedAgent {
  agentId: string | null;
  agentName: string | null;
}

/** Names by agent id. */
type Names = Map<string, string | null>;

/** Number of agents of a tenant with their own Prometheus series; the others share agent="other". */
export const NAMED_AGENTS = 20;

const KNOWN_FOR_MS = 5 * MINUTE;
const MAX_AGENTS_IN_MEMORY = 100_000;
const MAX_TENANTS_IN_MEMORY = 10_000;
const MAX_TENANTS_WITH_UNWRITTEN_NAMES = 1_000;

export class Registry {
  private readonly tenants = new LRUCache<string, true>({ max: MAX_TENANTS_IN_MEMORY });
  private readonly agents = new LRUCache<string, { name: string | null }>({
    max: MAX_AGENTS_IN_MEMORY,
    ttl: KNOWN_FOR_MS,
  });
  /** Names that could not be written with their facts, by tenant. */
  private readonly unwritten = new LRUCache<string, NamedAgent[]>({ max: MAX_TENANTS_WITH_UNWRITTEN_NAMES });

  constructor(
    private readonly pool: Pool,
    private readonly defaultTier: Tier,
  ) {}

  /**
   * Registers the tenant and new agents, and names agents that had no name. Call it before their facts are written.
   * `rename` changes names.
   */
  async register(tenantId: string, seen: readonly NamedAgent[]): Promise<void> {
    if (!this.tenants.has(tenantId)) {
      await this.pool.query('INSERT INTO tenants (id, tier) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
        tenantId,
        this.defaultTier,
      ]);
      this.tenants.set(tenantId, true);
    }
    const names = this.newOrUnnamed(tenantId, seen);
    if (names.size === 0) return;
    // Sorted, so that concurrent registrations lock rows in the same order. A rollup updates agents in another order.
    const ids = [...names.keys()].sort();
    // Known rows are not touched: a rollup may hold their locks, and ingest must not wait for it.
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
        [tenantId, ids, ids.map((id) => names.get(id) ?? null), NAMED_AGENTS],
      ),
    );
    for (const { id, name } of rows) this.agents.set(keyOf(tenantId, id), { name });
  }

  /**
   * Renames agents whose facts have another name. Call it only for new facts, because a resent fact would restore an old
   * name. The facts are already stored, so this never fails: names that could not be written are written with the tenant's
   * next facts, new or not.
   */
  async rename(tenantId: string, accepted: readonly NamedAgent[]): Promise<void> {
    const names = this.changed(tenantId, [...(this.unwritten.get(tenantId) ?? []), ...accepted]);
    this.unwritten.delete(tenantId);
    if (names.size === 0) return;
    try {
      await this.writeNames(tenantId, names);
    } catch {
      const later = this.unwritten.get(tenantId) ?? [];
      const failed = [...names].map(([agentId, agentName]) => ({ agentId, agentName }));
      this.unwritten.set(tenantId, [...failed, ...later]);
    }
  }

  /** Whether an agent has to be registered, or to get its first name. Another process may have done so meanwhile. */
  lacks(tenantId: string, { agentId, agentName }: NamedAgent): boolean {
    if (agentId === null) return false;
    const known = this.agents.get(keyOf(tenantId, agentId));
    return known === undefined || (known.name === null && agentName !== null);
  }

  /**
   * Takes agents off the list that nothing stands for any more. One that was seen stays as deleted, and comes back if it
   * is seen again.
   */
  async forget(client: PoolClient, tenantId: string, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const { rows } = await client.query<{ id: string }>(
      `WITH unused AS (
         SELECT id, first_seen_at FROM agents a
         WHERE tenant_id = $1 AND id = ANY ($2::text[]) AND name IS NULL AND deleted_at IS NULL AND tags = '{}'
           AND NOT EXISTS (SELECT FROM executions e WHERE e.tenant_id = $1 AND e.agent_id = a.id)
         ORDER BY id FOR UPDATE
       ), dropped AS (
         DELETE FROM agents a USING unused u WHERE a.tenant_id = $1 AND a.id = u.id AND u.first_seen_at IS NULL
       ), hidden AS (
         UPDATE agents a SET deleted_at = now() FROM unused u
         WHERE a.tenant_id = $1 AND a.id = u.id AND u.first_seen_at IS NOT NULL
       )
       SELECT id FROM unused`,
      [tenantId, ids],
    );
    for (const { id } of rows) this.agents.delete(keyOf(tenantId, id));
  }

  /** Those of the ids that are registered. Each process answers the same. */
  async registered(client: PoolClient, tenantId: string, ids: ReadonlySet<string>): Promise<Set<string>> {
    const found = new Set([...ids].filter((id) => this.agents.has(keyOf(tenantId, id))));
    const others = [...ids].filter((id) => !found.has(id));
    if (others.length === 0) return found;
    const { rows } = await client.query<{ id: string }>(
      'SELECT id FROM agents WHERE tenant_id = $1 AND id = ANY ($2::text[])',
      [tenantId, others],
    );
    for (const { id } of rows) found.add(id);
    return found;
  }

  private async writeNames(tenantId: string, names: ReadonlyMap<string, string>): Promise<void> {
    const ids = [...names.keys()].sort();
    await retryTransient(() =>
      this.pool.query(
        `UPDATE agents a SET name = seen.name
       FROM (
         SELECT seen.id, seen.name FROM unnest($2::text[], $3::text[]) AS seen (id, name)
         JOIN agents a ON a.tenant_id = $1 AND a.id = seen.id AND a.name IS DISTINCT FROM seen.name
         ORDER BY seen.id FOR UPDATE OF a
       ) AS seen WHERE a.tenant_id = $1 AND a.id = seen.id`,
        [tenantId, ids, ids.map((id) => names.get(id))],
      ),
    );
    for (const [id, name] of names) this.agents.set(keyOf(tenantId, id), { name });
  }

  /** Agents that are not known to be registered, or that get their first name. */
  private newOrUnnamed(tenantId: string, seen: readonly NamedAgent[]): Names {
    const names = lastNames(seen);
    for (const [id, name] of names) {
      const known = this.agents.get(keyOf(tenantId, id));
      if (known !== undefined && (known.name !== null || name === null)) names.delete(id);
    }
    return names;
  }

  /** Agents whose name differs from the known one. */
  private changed(tenantId: string, named: readonly NamedAgent[]): Map<string, string> {
    const changed = new Map<string, string>();
    for (const [id, name] of lastNames(named)) {
      if (name !== null && this.agents.get(keyOf(tenantId, id))?.name !== name) changed.set(id, name);
    }
    return changed;
  }
}

const keyOf = (tenantId: string, agentId: string): string => `${tenantId} ${agentId}`;

/** The last name given to each agent; null for an agent without one. */
function lastNames(seen: readonly NamedAgent[]): Names {
  const names: Names = new Map();
  for (const { agentId, agentName } of seen) {
    if (agentId !== null && (agentName !== null || !names.has(agentId))) names.set(agentId, agentName);
  }
  return names;
}
