/** The nightly job: recomputes yesterday from raw events for every tenant, whatever the frequent rollup made of it. */
import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import type { DatabaseLog } from '../db/log.js';
import type { EndpointPatterns } from '../endpoint-pattern.js';
import { timeColumn } from '../aggregates/aggregate.js';
import { FACTS, tableOf, wholeAggregate } from '../aggregates/index.js';
import { freeUnusedNames } from '../ingest/endpoints.js';
import { tenantIds } from '../tenants/tenants.js';
import { DAY, floorTo } from '../time.js';
import { foldEndpoints } from './fold-endpoints.js';
import { TenantFailures } from './failures.js';
import type { Rollup } from './rollup.js';

/** Its name in the ledger. */
export const NIGHTLY = 'nightly';

const MAX_UNFINISHED_SLOTS = 10;

const hasRows = (table: string, time: string): string =>
  `EXISTS (SELECT FROM ${table} x WHERE x.tenant_id = t.id AND x.${time} >= $1 AND x.${time} < $2)`;

/** Conditions on a tenant `t`: facts of each kind, and hours of them. */
const HAS_ROWS = FACTS.flatMap((facts) => [
  hasRows(facts.table, facts.time),
  hasRows(tableOf(wholeAggregate(facts), 'hour'), timeColumn('hour')),
]);

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
    const tenants = await tenantIds(pool);
    await forEach('name', tenants, (tenant) => rollup.chooseNamedAgents(tenant));
    await forEach('fold endpoints', tenants, (tenant) =>
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

  /** Tenants with facts in that range, or with aggregates of facts that are gone. */
  private async tenantsWithin(from: number, to: number): Promise<string[]> {
    const { rows } = await this.deps.pool.query<{ id: string }>(
      `SELECT id FROM tenants t
       WHERE ${HAS_ROWS.join('\n          OR ')}
       ORDER BY id`,
      [new Date(from), new Date(to)],
    );
    return rows.map(({ id }) => id);
  }
}
