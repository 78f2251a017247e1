/** What a scrape shows of the aggregates. Read after each rollup and kept in memory, because a scrape runs no SQL. */
import type { Pool } from 'pg';
import { readAlertFigures } from '../alerts/figures.js';
import type { BudgetFigures } from '../costs/budget-watch.js';
import type { Ledger } from '../jobs/ledger.js';
import { readBoundaries } from '../rollup/boundaries.js';
import { NIGHTLY } from '../rollup/nightly.js';
import type { Rollup } from '../rollup/rollup.js';
import { type BusinessSnapshot, readSnapshot } from '../rollup/snapshot.js';

export interface RollupStatusDeps {
  pool: Pool;
  rollup: Rollup;
  ledger: Ledger;
  /** Evaluated at every refresh: spend falls as time goes by. */
  budgets: { evaluateAll(signal?: AbortSignal): Promise<BudgetFigures[]> };
  /** An agent whose credential is older counts as overdue. */
  rotationMaxAgeDays: number;
  now: () => number;
}

export class RollupStatus {
  snapshot: BusinessSnapshot | undefined;
  /** When a rollup last succeeded, milliseconds. */
  rolledUpAt: number;
  /** Age of the oldest mark when it was read, seconds. */
  lagSeconds = 0;
  /** The last successful run of the nightly job, of whichever replica. */
  lastNightly: { finishedAt: number; durationMs: number } | undefined;
  /** First instant with minute aggregates, according to the watermark. */
  minutesFrom = 0;
  private isOtherSettled = false;

  constructor(private readonly deps: RollupStatusDeps) {
    this.rolledUpAt = deps.now();
  }

  async refresh(signal?: AbortSignal): Promise<void> {
    const { pool, rollup, ledger, budgets, rotationMaxAgeDays, now } = this.deps;
    const lagSeconds = await rollup.lagSeconds();
    this.lagSeconds = Math.max(0, ...lagSeconds.values());
    const input = {
      ...{ lagSeconds, rotationMaxAgeDays },
      budgets: await budgets.evaluateAll(signal),
      alerts: await readAlertFigures(pool),
    };
    // Before the first snapshot: otherwise a counter could be lower than what an earlier release has shown at this address.
    this.isOtherSettled ||= await rollup.settleOther();
    this.snapshot = await readSnapshot(pool, now(), input);
    this.lastNightly = (await ledger.lastRun(NIGHTLY)) ?? this.lastNightly;
    this.minutesFrom = (await readBoundaries(pool)).minutesFrom;
  }
}
