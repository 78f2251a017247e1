/** The nightly job: recomputes yesterday from raw events for every tenant, whatever the frequent rollup made of it. */
import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import type { DatabaseLog } from '../db/log.js';
import type { EndpointPatterns } from '../endpoint-pattern.js';
import { freeUnusedNames } from '../ingest/endpoints.js';
import { tenantIds } from '../tenants/tenants.js';
import { DAY, floorTo } from '../time.js';
import { foldEndpoints } from './fold-endpoints.js';
import { TenantFailures } from './failures.js';
import type { Rollup } from './rollup.js';

/** Its name in the ledger. */
export const NIGHTLY = 'nightly';

const MAX_UNFINISHED_SLOTS = 10;

export interface NightlyDeps {
  pool: Pool;
  rollup: Rollup;
  /** Own patterns of endpoints. */
  patterns: EndpointPatterns;
  now: () => number;
  log: DatabaseLog;
}

export class Nightly {
  /**
   * The steps of unfinished slots that this process has completed, so that a retry repeats only what failed. A replica that
   * takes over a slot repeats all of it, which is harmless.
   */
  private readonly done = new LRUCache<number, Set<string>>({ max: MAX_UNFINISHED_SLOTS });

  constructor(private readonly deps: NightlyDeps) {}

  /** @throws the first failure, after all tenants, so that one tenant's failure holds up no other */
  async run(slot: number, signal: AbortSignal): Promise<number> {
    const { pool, rollup, patterns, now, log } = this.deps;
    const to = floorTo(slot, DAY);
    const from = to - DAY;
    const done = this.done.get(slot) ?? new Set();
    this.done.set(slot, done);
    const failures = new TenantFailures(log, 'nightly job');
    let rows = 0;
    const forEach = async (
      step: string,
      tenants: readonly string[],
      work: (tenant: string) => Promise<number>,
    ): Promise<void> => {
      for (const tenant of tenants) {
        const key = `${step} ${tenant}`;
        if (done.has(key)) continue;
        try {
          rows += await work(tenant);
        } catch (error) {
          failures.add(tenant, error);
          continue;
        }
        if (signal.aborted) throw new Error('stopped before it was finished; it will be run again');
        done.add(key);
      }
    };
    await forEach('recompute', await this.tenantsWithin(from, to), (tenant) =>
      rollup.recomputeRange(tenant, from, to, signal),
    );
    await forEach('name', await tenantIds(pool), (tenant) => rollup.chooseNamedAgents(tenant));
    await forEach('fold endpoints', await tenantIds(pool), (tenant) =>
      foldEndpoints(
        { pool, patterns, now, exclusively: (id, work) => rollup.exclusively(id, work) },
        tenant,
        signal,
      ),
    );
    await rollup.settleOther();
    await freeUnusedNames(pool, now());
    failures.throwFirst();
    this.done.delete(slot);
    return rows;
  }

  /** Tenants with facts or aggregates in that range. */
  private async tenantsWithin(from: number, to: number): Promise<string[]> {
    const { rows } = await this.deps.pool.query<{ id: string }>(
      `SELECT id FROM tenants t
       WHERE EXISTS (SELECT FROM usage_events e WHERE e.tenant_id = t.id AND e.occurred_at >= $1 AND e.occurred_at < $2)
          OR EXISTS (SELECT FROM usage_hours h WHERE h.tenant_id = t.id AND h.bucket >= $1 AND h.bucket < $2)
          OR EXISTS (SELECT FROM executions x WHERE x.tenant_id = t.id AND x.started_at >= $1 AND x.started_at < $2)
          OR EXISTS (SELECT FROM execution_hours h WHERE h.tenant_id = t.id AND h.bucket >= $1 AND h.bucket < $2)
       ORDER BY id`,
      [new Date(from), new Date(to)],
    );
    return rows.map(({ id }) => id);
  }
}
