/** Runs one job again and again. */
import type { DatabaseLog } from '../db/log.js';
import { messageOf } from '../errors.js';
import type { IntervalJob } from './job.js';
import type { Ledger } from './ledger.js';

export interface IntervalRunnerDeps {
  ledger: Ledger;
  now: () => number;
  log: DatabaseLog;
  /** Nothing starts after it is aborted. */
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
    this.running = this.run().finally(() => {
      this.running = undefined;
      if (!this.deps.signal.aborted)
        this.timer = setTimeout(() => this.begin(), this.job.everySeconds * 1000);
    });
  }

  /** Starts nothing more and waits for the current run; the signal must be aborted before. */
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

  /** Logs and records the first failure in a row only, not one every few seconds. */
  private async failed(error: unknown): Promise<void> {
    const { log, ledger, now, signal } = this.deps;
    if (this.failing || signal.aborted) return;
    this.failing = true;
    const message = messageOf(error);
    log.warn({ error: message }, `${this.job.name} failed; it is retried at every interval`);
    await ledger.recordFailure(this.job.name, now(), message).catch(() => undefined);
  }
}
