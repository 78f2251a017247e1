/** Registers tenants at their first write, agents and users at their first fact, and maintains their names and tags. */
import { LRUCache } from 'lru-cache';
import type { Pool, PoolClient } from 'pg';
import type { Tier } from '../config.js';
import { lastSaid, Names, type NamesSql, type SaidById } from './names.js';

/** Agent and user as a fact names them. What it leaves out is kept. */
export interface NamedAgent {
  agentId: string | null;
  agentName: string | null;
  agentTags?: readonly string[] | null;
  userId?: string | null;
  userName?: string | null;
}

/** Number of agents of a tenant with their own Prometheus series; the others share agent="other". */
export const NAMED_AGENTS = 20;

const MAX_TENANTS_IN_MEMORY = 10_000;

const SEEN = 'unnest($2::text[], $3::text[], $4::text[]) AS seen (id, name, tags)';

/** Known rows are not touched: a rollup may hold their locks, and ingest must not wait for it. */
const AGENTS: NamesSql = {
  register: `
    WITH seen AS (SELECT * FROM ${SEEN}), known AS (
      SELECT a.id, a.name FROM agents a JOIN seen USING (id)
      WHERE a.tenant_id = $1 AND (seen.name IS NULL OR a.name IS NOT NULL)
    ), registered AS (
      INSERT INTO agents AS known (tenant_id, id, name, tags, metrics_named)
      SELECT $1, id, name, coalesce(tags::text[], '{}'),
             row_number() OVER (ORDER BY id)
               <= ${NAMED_AGENTS} - (SELECT count(*) FROM agents WHERE tenant_id = $1 AND metrics_named)
      FROM seen WHERE id NOT IN (SELECT id FROM known)
      ON CONFLICT (tenant_id, id) DO UPDATE SET name = coalesce(known.name, excluded.name)
      RETURNING id, name
    )
    SELECT * FROM known UNION ALL SELECT * FROM registered`,
  rename: `
    UPDATE agents a SET name = seen.name, tags = seen.tags
    FROM (
      SELECT a.id, coalesce(seen.name, a.name) AS name, coalesce(seen.tags::text[], a.tags) AS tags
      FROM ${SEEN} JOIN agents a ON a.tenant_id = $1 AND a.id = seen.id
      WHERE seen.name <> coalesce(a.name, '') OR seen.tags::text[] <> a.tags
      ORDER BY a.id FOR UPDATE OF a
    ) AS seen WHERE a.tenant_id = $1 AND a.id = seen.id`,
};

/**
 * A user that is there is named by `rename` alone: a fact that is sent again must not bring back a name that was forgotten.
 */
const USERS: NamesSql = {
  register: `
    WITH seen AS (SELECT * FROM ${SEEN}), known AS (
      SELECT u.id, u.name FROM users u JOIN seen USING (id) WHERE u.tenant_id = $1
    ), registered AS (
      INSERT INTO users (tenant_id, id, name) SELECT $1, id, name FROM seen WHERE id NOT IN (SELECT id FROM known)
      ON CONFLICT DO NOTHING RETURNING id, name
    )
    SELECT * FROM known UNION ALL SELECT * FROM registered`,
  rename: `
    UPDATE users u SET name = seen.name
    FROM (
      SELECT seen.id, seen.name FROM ${SEEN}
      JOIN users u ON u.tenant_id = $1 AND u.id = seen.id AND u.name IS DISTINCT FROM seen.name
      ORDER BY seen.id FOR UPDATE OF u
    ) AS seen WHERE u.tenant_id = $1 AND u.id = seen.id`,
};

interface SaidOfBoth {
  agents: SaidById;
  users: SaidById;
}

/** By the array of facts: those that are registered are mostly renamed as well. */
const said = new WeakMap<readonly NamedAgent[], SaidOfBoth>();

function saidBy(facts: readonly NamedAgent[]): SaidOfBoth {
  const known = said.get(facts);
  if (known !== undefined) return known;
  const both = {
    agents: lastSaid(facts, {
      id: ({ agentId }) => agentId,
      name: ({ agentName }) => agentName,
      tags: ({ agentTags }) => agentTags,
    }),
    users: lastSaid(facts, { id: ({ userId }) => userId, name: ({ userName }) => userName }),
  };
  said.set(facts, both);
  return both;
}

export class Registry {
  private readonly tenants = new LRUCache<string, true>({ max: MAX_TENANTS_IN_MEMORY });
  readonly agents: Names;
  readonly users: Names;

  constructor(
    private readonly pool: Pool,
    private readonly defaultTier: Tier,
  ) {
    this.agents = new Names(pool, AGENTS);
    this.users = new Names(pool, USERS);
  }

  /**
   * Registers the tenant and new agents and users, and names agents that had no name. Call it before their facts are
   * written. `rename` changes names.
   */
  async register(tenantId: string, seen: readonly NamedAgent[]): Promise<void> {
    if (!this.tenants.has(tenantId)) {
      await this.pool.query('INSERT INTO tenants (id, tier) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
        tenantId,
        this.defaultTier,
      ]);
      this.tenants.set(tenantId, true);
    }
    const { agents, users } = saidBy(seen);
    await this.agents.register(tenantId, agents);
    await this.users.register(tenantId, users);
  }

  /**
   * Renames agents and users whose facts have another name, and tags agents. Call it only for new facts, because a resent
   * fact would restore an old name. It never fails.
   */
  async rename(tenantId: string, accepted: readonly NamedAgent[]): Promise<void> {
    const { agents, users } = saidBy(accepted);
    await this.agents.rename(tenantId, agents);
    await this.users.rename(tenantId, users);
  }

  /** Whether an agent has to be registered, or to get its first name. Another process may have done so meanwhile. */
  lacks(tenantId: string, { agentId, agentName }: NamedAgent): boolean {
    return agentId !== null && this.agents.lacks(tenantId, agentId, agentName);
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
           AND created_by IS NULL
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
    for (const { id } of rows) this.agents.forget(tenantId, id);
  }

  /** Those of the ids that are registered. Each process answers the same. */
  async registered(client: PoolClient, tenantId: string, ids: ReadonlySet<string>): Promise<Set<string>> {
    const found = new Set([...ids].filter((id) => this.agents.knows(tenantId, id)));
    const others = [...ids].filter((id) => !found.has(id));
    if (others.length === 0) return found;
    const { rows } = await client.query<{ id: string }>(
      'SELECT id FROM agents WHERE tenant_id = $1 AND id = ANY ($2::text[])',
      [tenantId, others],
    );
    for (const { id } of rows) found.add(id);
    return found;
  }
}
