/** Runs one job repeatedly. */
import type { DatabaseLog } from '../db/log.js';
import { messageOf } from '../errors.js';
import type { IntervalJob } from './job.js';
import type { Ledger } from './ledger.js';

/** After a run that has taken longer than its interval. */
const LEAST_PAUSE_MS = 1_000;

export interface IntervalRunnerDeps {
  ledger: Ledger;
  now: () => number;
  log: DatabaseLog;
  /** After it is aborted, no run starts. */
  signal: AbortSignal;
}

export class IntervalRunner {
  private running: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private failing = false;

  constructor(
    private readonly job: IntervalJob,
    private readonly deps: IntervalRunnerDeps,
  ) {}

  begin(): void {
    const began = performance.now();
    this.running = this.run().finally(() => {
      this.running = undefined;
      const left = this.job.everySeconds * 1000 - (performance.now() - began);
      if (!this.deps.signal.aborted)
        this.timer = setTimeout(() => this.begin(), Math.max(LEAST_PAUSE_MS, left));
    });
  }

  /** Waits for the current run. The signal must have been aborted before. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    await this.running;
  }

  private async run(): Promise<void> {
    const { log, signal } = this.deps;
    try {
      await this.job.run(signal);
      if (this.failing) log.info({}, `${this.job.name} works again`);
      this.failing = false;
    } catch (error) {
      await this.failed(error);
    }
  }

  /** Only logs and records the first of consecutive failures, not one every few seconds. */
  private async failed(error: unknown): Promise<void> {
    const { log, ledger, now, signal } = this.deps;
    if (this.failing || signal.aborted) return;
    this.failing = true;
    const message = messageOf(error);
    log.warn({ error: message }, `${this.job.name} failed; it is retried at every interval`);
    await ledger.recordFailure(this.job.name, now(), message).catch(() => undefined);
  }
}
