/** The rollup: takes some of the oldest marks of a tenant and recomputes the buckets that they name, in one transaction. */
import type { Pool, PoolClient } from 'pg';
import { lockKey, transactionLock, tryTransactionLock } from '../db/locks.js';
import { type DatabaseLog, silentLog } from '../db/log.js';
import { retryTransient, withTransaction } from '../db/pool.js';
import { letTakeLong } from '../db/silence.js';
import { PriceLists } from '../costs/prices.js';
import { reprice } from '../ingest/executions/reprice.js';
import { floorTo, HOUR, MINUTE, type Retention } from '../time.js';
import { advanceMinutes, type Boundaries, keepFacts, readBoundaries } from './boundaries.js';
import { FailingTenants, TenantFailures } from './failures.js';
import { allMarked, markEarlier, SELDOM_MARKS, takeMarks } from './marks.js';
import { chooseNamedAgents } from './named-agents.js';
import { settleOther, unsettledTenants } from './other-agents.js';
import { recompute, recountTotals } from './recompute.js';
import { Turns } from './turns.js';
import { refreshSessions, remakeSessions, type SessionTime, TENANTS_WITH_SESSIONS } from './sessions.js';

/** Few, because the frequent rollup of the tenant waits for this transaction. */
const HOURS_PER_RECOMPUTE = 6;
const SESSION_IDLE_MINUTES = 30;
/** While a rollup goes on, tenants that have got marks since join it after this. */
const REREAD_MS = 1_000;

export interface RollupOptions extends Retention {
  now?: () => number;
  /** After so long without an execution a session has ended. Default: 30. */
  sessionIdleMinutes?: number;
  /** Default: none. */
  log?: DatabaseLog;
  /** Called after each transaction. */
  onProgress?: (done: RollupProgress) => void;
}

export interface RollupProgress {
  tenantId: string;
  /** Marked buckets and sessions taken. */
  buckets: number;
  /** Aggregate rows written. */
  rows: number;
  /** Kinds of the marks taken, of buckets that may hold whole minutes. */
  marks: readonly string[];
}

export interface RollupResult {
  buckets: number;
  rows: number;
  /** Tenants that were being rolled up elsewhere. */
  busy: number;
}

type Batch = 'busy' | Omit<RollupProgress, 'tenantId'>;

export class Rollup {
  private readonly now: () => number;
  private readonly log: DatabaseLog;
  private readonly prices = new PriceLists();
  private readonly failing = new FailingTenants();
  private readonly turns = new Turns();

  constructor(
    private readonly pool: Pool,
    private readonly options: RollupOptions,
  ) {
    this.now = options.now ?? Date.now;
    this.log = options.log ?? silentLog;
  }

  /**
   * Processes the marks that are due, one transaction per tenant in turn, so that a large import holds up nobody.
   * @param withinMs no further turn starts after this, because marks may come as fast as they are processed. Every tenant
   *   with marks at the start gets one turn, however long that takes. Default: until no mark is left.
   * @throws the first failure, after the tenants that did not fail
   */
  async run(signal?: AbortSignal, withinMs = Infinity): Promise<RollupResult> {
    const result: RollupResult = { buckets: 0, rows: 0, busy: 0 };
    const began = performance.now();
    const failures = new TenantFailures(this.log, 'rollup');
    // First, because repricing marks hours.
    await reprice(this.pool, this.prices, signal, withinMs).catch((error: unknown) =>
      failures.collect(error),
    );
    await advanceMinutes(this.pool, this.now(), this.options);
    await markEarlier(this.pool);
    const waiting = new Set(await this.tenantsWithMarks());
    /** Those that have had a turn, and whether there may be more to do for them. */
    const had = new Map<string, boolean>();
    let read = performance.now();
    this.turns.fade();
    for (;;) {
      if (signal?.aborted) return result;
      const time = performance.now();
      if (time - read > REREAD_MS && waiting.size > 0) {
        for (const tenantId of await this.tenantsWithMarks())
          if (had.get(tenantId) !== false) waiting.add(tenantId);
        read = time;
      }
      const isOver = time - began >= withinMs;
      const tenantId = this.turns.next(isOver ? [...waiting].filter((each) => !had.has(each)) : waiting);
      if (tenantId === undefined) break;
      waiting.delete(tenantId);
      const batch = await this.tryBatch(tenantId, failures);
      this.turns.took(tenantId, performance.now() - time);
      if (batch === 'busy') result.busy += 1;
      const isMore = batch !== undefined && batch !== 'busy' && batch.buckets > 0;
      had.set(tenantId, isMore);
      if (!isMore) continue;
      result.buckets += batch.buckets;
      result.rows += batch.rows;
      this.options.onProgress?.({ tenantId, ...batch });
      waiting.add(tenantId);
    }
    failures.throwFirst();
    return result;
  }

  /** Age of the oldest mark that is due, in seconds, of each tenant that has one. */
  async lagSeconds(): Promise<Map<string, number>> {
    const { rows } = await this.pool.query<{ tenant: string; lag: number }>(
      `SELECT tenant_id AS tenant, greatest(0, extract(epoch FROM now() - min(marked_at)))::float8 AS lag
       FROM (
         SELECT tenant_id, marked_at FROM dirty_marks WHERE kind <> ALL ($1::text[])
         UNION ALL SELECT tenant_id, marked_at FROM session_marks
       ) AS marks GROUP BY 1`,
      [SELDOM_MARKS],
    );
    return new Map(rows.map(({ tenant, lag }) => [tenant, lag]));
  }

  /**
   * Recomputes a whole range from raw events, marked or not, some hours per transaction. Then corrects the all-time totals,
   * which a rollup only changes by differences.
   * @returns aggregate rows written
   */
  async recomputeRange(tenantId: string, from: number, to: number, signal?: AbortSignal): Promise<number> {
    await advanceMinutes(this.pool, this.now(), this.options);
    let written = 0;
    for (let start = floorTo(from, HOUR); start < to; start += HOURS_PER_RECOMPUTE * HOUR) {
      if (signal?.aborted) return written;
      const hours: number[] = [];
      for (let hour = start; hour < Math.min(to, start + HOURS_PER_RECOMPUTE * HOUR); hour += HOUR)
        hours.push(hour);
      const rows = await retryTransient(() =>
        this.exclusively(tenantId, async (client) => {
          await keepFacts(client);
          const boundaries = await readBoundaries(client);
          const range = { from: start, to: start + hours.length * HOUR };
          await remakeSessions(client, tenantId, range, this.sessionTime(boundaries));
          return recompute(client, tenantId, allMarked(hours), boundaries);
        }),
      );
      written += rows;
      this.options.onProgress?.({
        tenantId,
        buckets: hours.length,
        rows,
        marks: [...allMarked(hours).keys()],
      });
    }
    const corrected = await retryTransient(() =>
      this.exclusively(tenantId, (client) => recountTotals(client, tenantId)),
    );
    return written + corrected;
  }

  /** Chooses the agents that Prometheus shows by name. Waits for a rollup of the tenant. */
  chooseNamedAgents(tenantId: string): Promise<number> {
    return retryTransient(() => this.exclusively(tenantId, (client) => chooseNamedAgents(client, tenantId)));
  }

  /**
   * Corrects the totals of agent="other" where a replica of an earlier release has not moved them. A tenant that fails is
   * logged and corrected the next time. A tenant that is being rolled up is skipped.
   * @returns whether no tenant was skipped
   */
  async settleOther(): Promise<boolean> {
    const failures = new TenantFailures(this.log, 'sum of the other agents');
    let all = true;
    for (const tenantId of await unsettledTenants(this.pool)) {
      await retryTransient(() => this.unlessBusy(tenantId, (client) => settleOther(client, tenantId))).then(
        (outcome) => (all &&= outcome !== 'busy'),
        (error: unknown) => failures.add(tenantId, error),
      );
    }
    return all;
  }

  /** @returns 'busy' if a rollup of the tenant is running, in any replica */
  private unlessBusy<T>(tenantId: string, work: (client: PoolClient) => Promise<T>): Promise<T | 'busy'> {
    return withTransaction(this.pool, async (client) => {
      await prepare(client);
      // Before the statement that reads. Otherwise a slow replica could overwrite newer sums with those of its older
      // snapshot, and no mark would be left to repair them.
      if (!(await tryTransactionLock(client, rollupLock(tenantId)))) return 'busy';
      return work(client);
    });
  }

  /** Waits until no other rollup of the tenant is running, in any replica. */
  exclusively<T>(tenantId: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
    return withTransaction(this.pool, async (client) => {
      await prepare(client);
      await transactionLock(client, rollupLock(tenantId));
      return work(client);
    });
  }

  private idleSince(): number {
    return this.now() - (this.options.sessionIdleMinutes ?? SESSION_IDLE_MINUTES) * MINUTE;
  }

  private sessionTime(boundaries: Boundaries): SessionTime {
    return { boundaries, idleSince: this.idleSince() };
  }

  private async tenantsWithMarks(): Promise<string[]> {
    const { rows } = await this.pool.query<{ id: string }>(
      `SELECT DISTINCT tenant_id AS id FROM dirty_marks UNION (${TENANTS_WITH_SESSIONS}) ORDER BY 1`,
      [new Date(this.idleSince())],
    );
    return rows.map((row) => row.id);
  }

  /** @returns undefined if it failed */
  private async tryBatch(tenantId: string, failures: TenantFailures): Promise<Batch | undefined> {
    try {
      const batch = await retryTransient(() => this.batch(tenantId));
      if (batch !== 'busy' && this.failing.delete(tenantId))
        this.log.info({ tenant: tenantId }, 'rollup of a tenant works again');
      return batch;
    } catch (error) {
      if (this.failing.has(tenantId)) failures.collect(error);
      else failures.add(tenantId, error);
      this.failing.add(tenantId);
      return undefined;
    }
  }

  private batch(tenantId: string): Promise<Batch> {
    return this.unlessBusy(tenantId, async (client) => {
      const now = this.now();
      const boundaries = await readBoundaries(client);
      const sessions = await refreshSessions(client, tenantId, this.sessionTime(boundaries));
      const buckets = await takeMarks(client, tenantId, now);
      const rows = await recompute(client, tenantId, buckets, boundaries);
      const marks = [...buckets].flatMap(([kind, starts]) =>
        starts.some((start) => start < floorTo(now, MINUTE)) ? [kind] : [],
      );
      return { buckets: sessions + [...buckets.values()].flat().length, rows, marks };
    });
  }
}

/** Allows one rollup per tenant at a time, over all replicas. */
const rollupLock = (tenantId: string): string => lockKey('rollup', tenantId);

async function prepare(client: PoolClient): Promise<void> {
  letTakeLong(client);
  await client.query(`SET LOCAL jit = off; SET LOCAL work_mem = '64MB'; SET LOCAL statement_timeout = 0`);
}
