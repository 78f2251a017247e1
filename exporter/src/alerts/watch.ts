/**
 * Evaluates the alerts of all tenants with every rollup, over whole minutes that have been rolled up. A tenant's alerts are
 * evaluated by one replica at a time. An alert is evaluated again within its minute only if facts that it reads have been
 * rolled up since.
 */
import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { DatabaseLog } from '../db/log.js';
import { isUnavailable, retryTransient } from '../db/pool.js';
import { messageOf } from '../errors.js';
import { floorTo, MINUTE } from '../time.js';
import { type Kept, Readings } from './reading.js';
import { AHEAD_MS, evaluateTenant, type Turn, type TurnDeps } from './turn.js';

/** Longest time for the alerts of all tenants with one rollup. */
const ALL_MS = 5_000;
/** Between two looks at what a rollup that goes on has done. */
const LOOK_MS = 2_000;
/** Tenants whose changes are remembered until they are evaluated. The others are with the next minute. */
const MAX_CHANGED = 10_000;
/** The event of `progress`. */
const ROLLED_UP = 'rolledUp';

export interface AlertWatchDeps extends Omit<TurnDeps, 'readings'>, Kept {
  log: Pick<DatabaseLog, 'warn'>;
  /** First instant with minute aggregates. */
  minutesFrom: () => Promise<number>;
}

export class AlertWatch {
  private readonly turnDeps: TurnDeps;
  private readonly changed = new Map<string, Set<string>>();
  /** Tenants that have been rolled up since the last look. */
  private readonly done = new Set<string>();
  private readonly progress = new EventEmitter();
  private readonly failing = new Set<string>();

  constructor(private readonly deps: AlertWatchDeps) {
    this.turnDeps = { ...deps, readings: new Readings(deps) };
  }

  /** Has the tenant's alerts on these facts evaluated with this rollup. */
  rolledUp(tenantId: string, marks: Iterable<string>): void {
    const known = this.changed.get(tenantId) ?? new Set();
    for (const mark of marks) known.add(mark);
    if (known.size > 0 && (this.changed.size < MAX_CHANGED || this.changed.has(tenantId)))
      this.changed.set(tenantId, known);
    if (this.done.size < MAX_CHANGED) this.done.add(tenantId);
    this.progress.emit(ROLLED_UP);
  }

  /**
   * Runs a rollup, and meanwhile evaluates the alerts of each tenant that it has rolled up: they do not wait for the backlog
   * of the others.
   * @param onEvaluated called after each of these evaluations
   */
  async during(rollup: () => Promise<unknown>, onEvaluated: () => void): Promise<void> {
    const over = new AbortController();
    this.done.clear();
    const following = this.follow(over.signal, onEvaluated);
    try {
      await rollup();
    } finally {
      over.abort();
      await following;
    }
  }

  private async follow(over: AbortSignal, onEvaluated: () => void): Promise<void> {
    while (!over.aborted) {
      if (this.done.size === 0) await once(this.progress, ROLLED_UP, { signal: over }).catch(() => undefined);
      const done = [...this.done];
      this.done.clear();
      // What fails here is evaluated, and fails, after the rollup.
      const evaluated = await this.evaluate(over, done).catch(() => 0);
      if (evaluated > 0) onEvaluated();
      await delay(LOOK_MS, undefined, { signal: over }).catch(() => undefined);
    }
  }

  /**
   * Evaluates the alerts that are due, the longest due first. If a tenant fails, that is logged, and the others are
   * evaluated.
   * @returns the number of alerts evaluated
   */
  evaluateAll(signal?: AbortSignal): Promise<number> {
    return this.evaluate(signal);
  }

  /** @param only these tenants. Default: all. */
  private async evaluate(signal?: AbortSignal, only?: readonly string[]): Promise<number> {
    const { now, minutesFrom } = this.deps;
    const end = floorTo(now(), MINUTE);
    const changedTenants = only ?? [...this.changed.keys()];
    const tenants = await this.dueTenants(end, changedTenants, only);
    // The others have no alerts.
    const due = new Set(tenants);
    for (const tenantId of changedTenants) if (!due.has(tenantId)) this.changed.delete(tenantId);
    if (tenants.length === 0) return 0;
    const from = await minutesFrom();
    const began = performance.now();
    let evaluated = 0;
    for (const tenantId of tenants) {
      if (signal?.aborted || performance.now() - began > ALL_MS) return evaluated;
      const changed = this.changed.get(tenantId) ?? new Set();
      this.changed.delete(tenantId);
      evaluated += await this.tryTenant({ tenantId, end, minutesFrom: from, changed });
    }
    return evaluated;
  }

  private async dueTenants(
    end: number,
    changed: readonly string[],
    only: readonly string[] | undefined,
  ): Promise<string[]> {
    const { rows } = await this.deps.pool.query<{ id: string }>(
      `SELECT tenant_id AS id FROM alert_rules
       WHERE is_active AND (evaluated_to IS NULL OR evaluated_to < $1 OR evaluated_to > $2 OR tenant_id = ANY ($3::text[]))
         AND ($4::text[] IS NULL OR tenant_id = ANY ($4))
       GROUP BY 1 ORDER BY min(coalesce(evaluated_to, '-infinity')), 1`,
      [new Date(end), new Date(end + AHEAD_MS), changed, only ?? null],
    );
    return rows.map(({ id }) => id);
  }

  private async tryTenant(turn: Turn): Promise<number> {
    const { tenantId } = turn;
    try {
      const evaluated = await retryTransient(() => evaluateTenant(this.turnDeps, turn, false)).catch(
        (error: unknown) => {
          if (isUnavailable(error)) throw error;
          // A statement has failed: again, each alert by itself, so that one does not stop the others.
          return retryTransient(() => evaluateTenant(this.turnDeps, turn, true));
        },
      );
      this.failing.delete(tenantId);
      return evaluated;
    } catch (error) {
      this.rolledUp(tenantId, turn.changed);
      if (!this.failing.has(tenantId)) {
        this.deps.log.warn(
          { tenant: tenantId, error: messageOf(error) },
          'alerts could not be evaluated; they are again with the next rollup',
        );
      }
      if (this.failing.size < MAX_CHANGED) this.failing.add(tenantId);
      return 0;
    }
  }
}
