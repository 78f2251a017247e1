/** The frequent rollup: takes marks, oldest first and bounded, and recomputes what they name. */
import type { Pool, PoolClient } from 'pg';
import { lockKey, transactionLock, tryTransactionLock } from '../db/locks.js';
import { type DatabaseLog, silentLog } from '../db/log.js';
import { retryTransient, withTransaction } from '../db/pool.js';
import { letTakeLong } from '../db/silence.js';
import { PriceLists } from '../costs/prices.js';
import { reprice } from '../ingest/executions/reprice.js';
import { keepExecutions } from '../ingest/executions/retention.js';
import { EXECUTION_MARK } from '../ingest/executions/store.js';
import { keepPartitions } from '../ingest/partitions.js';
import { floorTo, formatTime, HOUR, MINUTE, type Retention } from '../time.js';
import { advanceMinutes, readBoundaries } from './boundaries.js';
import { TenantFailures } from './failures.js';
import { chooseNamedAgents } from './named-agents.js';
import { settleOther, unsettledTenants } from './other-agents.js';
import { type Buckets, recompute, recountTotals } from './recompute.js';

/** Marked buckets of one transaction. */
const MINUTES_PER_BATCH = 240;
const HOURS_PER_BATCH = 48;
/** Few enough that the frequent rollup of a busy tenant does not wait long. */
const HOURS_PER_RECOMPUTE = 6;
/** An open hour of the finest projection is recomputed at most this often. */
const AGENT_ENDPOINT_EVERY = 5 * MINUTE;

export interface RollupOptions extends Retention {
  now?: () => number;
  /** Default: none. */
  log?: DatabaseLog;
  /** Called after each transaction. */
  onProgress?: (done: RollupProgress) => void;
}

export interface RollupProgress {
  tenantId: string;
  /** Marked buckets taken. */
  buckets: number;
  /** Aggregate rows written. */
  rows: number;
}

export interface RollupResult {
  buckets: number;
  rows: number;
  /** Tenants whose rollup ran elsewhere at the time. */
  busy: number;
}

type Batch = 'busy' | { buckets: number; rows: number };

export class Rollup {
  private readonly now: () => number;
  private readonly log: DatabaseLog;
  private readonly prices = new PriceLists();
  /** Tenants whose last batch failed: told once, not every few seconds for as long as it lasts. */
  private readonly failing = new Set<string>();

  constructor(
    private readonly pool: Pool,
    private readonly options: RollupOptions,
  ) {
    this.now = options.now ?? Date.now;
    this.log = options.log ?? silentLog;
  }

  /**
   * Works off the marks that are due, a transaction a tenant in turn, so that a large import holds nobody up.
   * @param withinMs no further turn begins after this; every tenant has had one, however long that takes. Marks may
   *   come as fast as they are worked off. Default: until none is left.
   * @throws the first failure, once the tenants that did not fail are done
   */
  async run(signal?: AbortSignal, withinMs = Infinity): Promise<RollupResult> {
    const result: RollupResult = { buckets: 0, rows: 0, busy: 0 };
    const began = performance.now();
    const failures = new TenantFailures(this.log, 'rollup');
    // First, because it marks hours.
    await reprice(this.pool, this.prices, signal, withinMs).catch((error: unknown) =>
      failures.collect(error),
    );
    await advanceMinutes(this.pool, this.now(), this.options);
    let tenants = await this.tenantsWithMarks();
    while (tenants.length > 0) {
      const again: string[] = [];
      for (const tenantId of tenants) {
        if (signal?.aborted) return result;
        const batch = await this.tryBatch(tenantId, failures);
        if (batch === undefined) continue;
        if (batch === 'busy') {
          result.busy += 1;
        } else if (batch.buckets > 0) {
          result.buckets += batch.buckets;
          result.rows += batch.rows;
          this.options.onProgress?.({ tenantId, ...batch });
          again.push(tenantId);
        }
      }
      tenants = performance.now() - began < withinMs ? again : [];
    }
    failures.throwFirst();
    return result;
  }

  /** Seconds since the oldest mark that is due was made; 0 when none is. */
  async lagSeconds(): Promise<number> {
    const { rows } = await this.pool.query<{ lag: number | null }>(
      `SELECT extract(epoch FROM now() - min(marked_at))::float8 AS lag FROM dirty_marks WHERE kind <> 'agent_endpoint'`,
    );
    return Math.max(0, rows[0]?.lag ?? 0);
  }

  /**
   * Recomputes a whole range by hand or at night, from raw events, whether marked or not, some hours a transaction;
   * then sets the all-time totals right, which otherwise only move by differences.
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
          await keepPartitions(client);
          await keepExecutions(client);
          const boundaries = await readBoundaries(client);
          const all = { minutes: [], hours, agentEndpointHours: hours, executionHours: hours };
          return recompute(client, tenantId, all, boundaries);
        }),
      );
      written += rows;
      this.options.onProgress?.({ tenantId, buckets: hours.length, rows });
    }
    const corrected = await retryTransient(() =>
      this.exclusively(tenantId, (client) => recountTotals(client, tenantId)),
    );
    return written + corrected;
  }

  /** Chooses the agents that Prometheus shows by name, between two rollups of the tenant. */
  chooseNamedAgents(tenantId: string): Promise<number> {
    return retryTransient(() => this.exclusively(tenantId, (client) => chooseNamedAgents(client, tenantId)));
  }

  /**
   * Sets right what is shown as agent="other" where a replica of an earlier release has not moved it. A tenant that
   * fails is told, and has to wait for the next time; one that is being rolled up is left alone.
   * @returns whether none was left alone
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

  /** @returns 'busy' where another rollup of the tenant runs, in whichever replica */
  private unlessBusy<T>(tenantId: string, work: (client: PoolClient) => Promise<T>): Promise<T | 'busy'> {
    return withTransaction(this.pool, async (client) => {
      await prepare(client);
      // Before the statement that reads: a slower replica would otherwise overwrite newer sums with those of its older
      // snapshot, and no mark would be left to repair them.
      if (!(await tryTransactionLock(client, rollupLock(tenantId)))) return 'busy';
      return work(client);
    });
  }

  /** Waits until no other rollup of the tenant runs, in whichever replica. */
  private exclusively<T>(tenantId: string, work: (client: PoolClient) => Promise<T>): Promise<T> {
    return withTransaction(this.pool, async (client) => {
      await prepare(client);
      await transactionLock(client, rollupLock(tenantId));
      return work(client);
    });
  }

  private async tenantsWithMarks(): Promise<string[]> {
    const { rows } = await this.pool.query<{ id: string }>(
      'SELECT DISTINCT tenant_id AS id FROM dirty_marks ORDER BY 1',
    );
    return rows.map((row) => row.id);
  }

  /** @returns undefined where it failed */
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
      const minutes = await takeMarks(client, tenantId, 'minute', MINUTES_PER_BATCH);
      const hours = await takeMarks(client, tenantId, 'hour', HOURS_PER_BATCH);
      await markFinest(client, tenantId, [...minutes.map((minute) => floorTo(minute, HOUR)), ...hours]);
      const agentEndpointHours = await takeFinest(client, tenantId, now);
      const executionHours = await takeMarks(client, tenantId, EXECUTION_MARK, HOURS_PER_BATCH);
      const buckets: Buckets = { minutes, hours, agentEndpointHours, executionHours };
      const rows = await recompute(client, tenantId, buckets, boundaries);
      return { buckets: Object.values(buckets).flat().length, rows };
    });
  }
}

/** One rollup a tenant at a time, in whichever replica. */
const rollupLock = (tenantId: string): string => lockKey('rollup', tenantId);

async function prepare(client: PoolClient): Promise<void> {
  letTakeLong(client);
  await client.query(`SET LOCAL jit = off; SET LOCAL work_mem = '64MB'; SET LOCAL statement_timeout = 0`);
}

type MarkKind = 'minute' | 'hour' | 'agent_endpoint' | typeof EXECUTION_MARK;

async function takeMarks(
  client: PoolClient,
  tenantId: string,
  kind: MarkKind,
  limit: number,
): Promise<number[]> {
  const { rows } = await client.query<{ bucket: Date }>(
    'SELECT DISTINCT bucket FROM dirty_marks WHERE tenant_id = $1 AND kind = $2 ORDER BY bucket LIMIT $3',
    [tenantId, kind, limit],
  );
  return deleteMarks(client, tenantId, kind, rows);
}

async function deleteMarks(
  client: PoolClient,
  tenantId: string,
  kind: MarkKind,
  rows: readonly { bucket: Date }[],
): Promise<number[]> {
  if (rows.length === 0) return [];
  const buckets = rows.map((row) => row.bucket);
  // A mark that arrives in between goes too: its facts are committed, so the recompute that follows sees them.
  await client.query(
    'DELETE FROM dirty_marks WHERE tenant_id = $1 AND kind = $2 AND bucket = ANY ($3::timestamptz[])',
    [tenantId, kind, buckets],
  );
  return buckets.map((bucket) => bucket.getTime());
}

/** Marks the hours for the finest projection, which follows in its own time. */
async function markFinest(client: PoolClient, tenantId: string, hours: readonly number[]): Promise<void> {
  if (hours.length === 0) return;
  await client.query(
    `INSERT INTO dirty_marks (tenant_id, kind, bucket)
     SELECT $1, 'agent_endpoint', hour FROM unnest($2::timestamptz[]) AS hour
     WHERE NOT EXISTS (
       SELECT FROM dirty_marks m WHERE m.tenant_id = $1 AND m.kind = 'agent_endpoint' AND m.bucket = hour)`,
    [tenantId, [...new Set(hours)].map(formatTime)],
  );
}

/** Takes the marked hours that are due: not computed in the last minutes, or closed since they were. */
async function takeFinest(client: PoolClient, tenantId: string, now: number): Promise<number[]> {
  const { rows } = await client.query<{ bucket: Date }>(
    `SELECT DISTINCT m.bucket
     FROM dirty_marks m LEFT JOIN agent_endpoint_computed c ON c.tenant_id = $1 AND c.bucket = m.bucket
     WHERE m.tenant_id = $1 AND m.kind = 'agent_endpoint'
       AND (c.computed_at IS NULL OR c.computed_at <= $2
            OR (c.computed_at < m.bucket + interval '1 hour' AND m.bucket + interval '1 hour' <= $3))
     ORDER BY m.bucket LIMIT $4`,
    [tenantId, new Date(now - AGENT_ENDPOINT_EVERY), new Date(now), HOURS_PER_BATCH],
  );
  const hours = await deleteMarks(client, tenantId, 'agent_endpoint', rows);
  if (hours.length > 0) {
    await client.query(
      `INSERT INTO agent_endpoint_computed AS c (tenant_id, bucket, computed_at)
       SELECT $1, hour, $3 FROM unnest($2::timestamptz[]) AS hour
       ON CONFLICT (tenant_id, bucket) DO UPDATE SET computed_at = excluded.computed_at`,
      [tenantId, hours.map(formatTime), new Date(now)],
    );
  }
  return hours;
}
