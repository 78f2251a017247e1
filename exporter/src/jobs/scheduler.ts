/** The clock: the frequent rollup in this process, and the jobs, each slot once over all replicas. */
import type { Pool } from 'pg';
import { atEachSlot } from '../cron.js';
import { messageOf } from '../errors.js';
import type { BudgetFigures } from '../costs/notifications.js';
import { MINUTE } from '../time.js';
import { readBoundaries } from '../rollup/boundaries.js';
import type { Job } from '../jobs.js';
import { type Ledger, type SlotOutcome, slotsBetween } from './ledger.js';
import type { Rollup } from '../rollup/rollup.js';
import { type BusinessSnapshot, readSnapshot } from '../rollup/snapshot.js';

/** Rather than at once, so that a dead database is asked again calmly. */
const RETRY_MS = MINUTE;
/** A slot that keeps failing is tried again after twice as long each time, up to this. */
const MAX_RETRY_MS = 15 * MINUTE;
/** Of one rollup, so that what a scrape shows is read anew under a load that never ends. */
const ROLLUP_WITHIN_MS = 10_000;

export interface SchedulerLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

export interface SchedulerDeps {
  pool: Pool;
  rollup: Rollup;
  ledger: Ledger;
  jobs: Job[];
  /** Looked at with every rollup: their spend falls as time goes by. */
  budgets?: { evaluateAll(signal: AbortSignal): Promise<BudgetFigures[]>; stop(): Promise<void> };
  rollupIntervalSeconds: number;
  now: () => number;
  log: SchedulerLog;
  /** Before a slot that failed once, or that another replica holds, is tried again; default a minute. */
  retryMs?: number;
}

/** What a scrape shows of the rollup: kept in memory, because a scrape runs no SQL. */
export interface ClockState {
  snapshot: BusinessSnapshot | undefined;
  /** When a rollup last ended well, milliseconds. */
  rolledUpAt: number;
  /** Age of the oldest mark left then, seconds. */
  lagSeconds: number;
  runs: Map<string, { finishedAt: number; durationMs: number }>;
  /** First instant with minute aggregates, as far as the watermark says. */
  minutesFrom: number;
}

export class Scheduler {
  readonly state: ClockState;
  private readonly stopping = new AbortController();
  private readonly clocks: (() => void)[] = [];
  private readonly working = new Set<Promise<void>>();
  /** Jobs by name, and whether a slot of theirs has come since they began. */
  private readonly underWay = new Map<string, { again: boolean }>();
  private timer: NodeJS.Timeout | undefined;
  /** By the name of the job. */
  private readonly retries = new Map<string, NodeJS.Timeout>();
  /** By the name of the job, how often each slot has failed in a row. */
  private readonly failures = new Map<string, Map<number, number>>();
  private failing = false;
  private settled = false;

  constructor(private readonly deps: SchedulerDeps) {
    this.state = {
      snapshot: undefined,
      rolledUpAt: deps.now(),
      lagSeconds: 0,
      runs: new Map(),
      minutesFrom: 0,
    };
  }

  start(): void {
    for (const job of this.deps.jobs) {
      this.clocks.push(atEachSlot(job.cron, this.deps.now, () => this.begin(job)));
      this.begin(job);
    }
    this.tick();
  }

  /** Begins nothing more and waits for what is under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.timer);
    this.retries.forEach((retry) => clearTimeout(retry));
    this.clocks.forEach((end) => end());
    await Promise.allSettled(this.working);
    await this.deps.budgets?.stop();
  }

  /** One rollup and the snapshot after it; the timer calls this, and so may a test. */
  async rollupOnce(): Promise<void> {
    const { rollup, now } = this.deps;
    try {
      await rollup.run(this.stopping.signal, ROLLUP_WITHIN_MS);
    } finally {
      // One tenant's failure hides nothing of the others.
      await this.refresh();
    }
    this.state.rolledUpAt = now();
  }

  /** Reads what a scrape shows; done once before the clock starts, a restart leaves no gap in it. */
  async refresh(): Promise<void> {
    const { rollup, ledger, jobs, pool, now } = this.deps;
    this.state.lagSeconds = await rollup.lagSeconds();
    const budgets = (await this.deps.budgets?.evaluateAll(this.stopping.signal)) ?? [];
    // Or the first snapshot might show less than one of this address has before, of an earlier release.
    this.settled ||= await rollup.settleOther();
    this.state.snapshot = await readSnapshot(pool, now(), budgets);
    for (const job of jobs) {
      const run = await ledger.lastRun(job.name);
      if (run !== undefined) this.state.runs.set(job.name, run);
    }
    this.state.minutesFrom = (await readBoundaries(pool)).minutesFrom;
  }

  /** A job that is under way here is not begun again, but looks once more when it is done. */
  private begin(job: Job): void {
    const before = this.underWay.get(job.name);
    if (before !== undefined) {
      before.again = true;
      return;
    }
    const run = { again: false };
    this.underWay.set(job.name, run);
    this.track(
      this.catchUp(job).finally(() => {
        this.underWay.delete(job.name);
        if (run.again && !this.stopping.signal.aborted) this.begin(job);
      }),
    );
  }

  /** Runs the slots of the job that nobody has run to their end. One that fails does not hold up those after it. */
  async catchUp(job: Job): Promise<void> {
    const { log, retryMs = RETRY_MS } = this.deps;
    const before = this.failures.get(job.name);
    const failures = new Map<number, number>();
    const delays: number[] = [];
    const failed = (error: unknown, slot?: number): void => {
      const times = slot === undefined ? 1 : (before?.get(slot) ?? 0) + 1;
      if (slot !== undefined) failures.set(slot, times);
      delays.push(Math.min(retryMs * 2 ** (times - 1), MAX_RETRY_MS));
      const details = {
        job: job.name,
        slot: slot && new Date(slot).toISOString(),
        times,
        error: messageOf(error),
      };
      if (!this.stopping.signal.aborted) log.warn(details, 'job failed; it is tried again in a while');
    };
    try {
      for (const slot of await this.slotsToRun(job)) {
        if (this.stopping.signal.aborted) return;
        await this.runSlot(job, slot).then(
          (outcome) => {
            if (outcome !== 'elsewhere') return;
            // Should the replica that is at it have died, its claim runs out, and the slot is ours.
            delays.push(retryMs);
            failures.set(slot, before?.get(slot) ?? 0);
          },
          (error: unknown) => failed(error, slot),
        );
      }
      this.failures.set(job.name, failures);
    } catch (error) {
      failed(error);
    }
    if (delays.length > 0) this.retry(job, Math.min(...delays));
  }

  private async runSlot(job: Job, slot: number): Promise<SlotOutcome> {
    const { ledger, log } = this.deps;
    const outcome = await ledger.runSlot(job.name, slot, () => job.run(slot, this.stopping.signal));
    if (outcome === 'done') log.info({ job: job.name, slot: new Date(slot).toISOString() }, 'job done');
    return outcome;
  }

  private async slotsToRun({ name, cron: expression, catchUp }: Job): Promise<number[]> {
    const { ledger, now } = this.deps;
    const missed = slotsBetween(expression, await ledger.lastSuccess(name), now());
    return catchUp ? [...(await ledger.leftBehind(name)), ...missed] : missed.slice(-1);
  }

  private retry(job: Job, delayMs: number): void {
    if (this.stopping.signal.aborted) return;
    clearTimeout(this.retries.get(job.name));
    const retry = setTimeout(() => {
      this.retries.delete(job.name);
      this.begin(job);
    }, delayMs);
    this.retries.set(job.name, retry.unref());
  }

  private tick(): void {
    const work = this.rollupOnce().then(
      () => {
        if (this.failing) this.deps.log.info({}, 'rollup works again');
        this.failing = false;
      },
      (error: unknown) => this.rollupFailed(error),
    );
    this.track(
      work.finally(() => {
        if (this.stopping.signal.aborted) return;
        this.timer = setTimeout(() => this.tick(), this.deps.rollupIntervalSeconds * 1000);
      }),
    );
  }

  /** Said and recorded once, not every few seconds for as long as it lasts. */
  private async rollupFailed(error: unknown): Promise<void> {
    if (this.failing || this.stopping.signal.aborted) return;
    this.failing = true;
    this.deps.log.warn({ error: messageOf(error) }, 'rollup failed; it is tried again at every interval');
    await this.deps.ledger.recordFailure('rollup', this.deps.now(), messageOf(error)).catch(() => undefined);
  }

  private track(work: Promise<void>): void {
    const settled = work.finally(() => this.working.delete(settled));
    this.working.add(settled);
  }
}
