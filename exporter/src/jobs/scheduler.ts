/** Runs jobs from `start` to `stop`. */
import type { DatabaseLog } from '../db/log.js';
import { Clock } from './clock.js';
import { IntervalRunner } from './interval-runner.js';
import type { Job, SlotJob } from './job.js';
import type { Ledger } from './ledger.js';
import { SlotRunner } from './slot-runner.js';

export interface SchedulerDeps {
  ledger: Ledger;
  jobs: readonly Job[];
  now: () => number;
  log: DatabaseLog;
  /** See `SlotRunnerDeps`. */
  retryMs?: number;
}

const hasSlots = (job: Job): job is SlotJob => 'cron' in job;

export class Scheduler {
  private readonly stopping = new AbortController();
  private readonly clock: Clock;
  private readonly runners = new Map<string, SlotRunner | IntervalRunner>();

  constructor({ jobs, ...deps }: SchedulerDeps) {
    const { signal } = this.stopping;
    this.clock = new Clock(deps.now);
    for (const job of jobs) {
      const runner = hasSlots(job)
        ? new SlotRunner(job, { ...deps, signal })
        : new IntervalRunner(job, { ...deps, signal });
      if (hasSlots(job)) this.clock.onSlot(job.cron, () => runner.begin());
      this.runners.set(job.name, runner);
    }
  }

  /** Runs every job once, which catches up on missed slots, and then as scheduled. */
  start(): void {
    this.clock.start();
    for (const runner of this.runners.values()) runner.begin();
  }

  /** Starts no further run, and waits for those in progress. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.clock.stop();
    await Promise.all([...this.runners.values()].map((runner) => runner.stop()));
  }

  /** Checks for due slots. The clock does this every minute. */
  tick(): void {
    this.clock.tick();
  }
}
