/** Runs the due slots of one job, one after the other, and retries those that failed. */
import { slotsBetween } from '../cron.js';
import type { DatabaseLog } from '../db/log.js';
import { messageOf } from '../errors.js';
import { MINUTE } from '../time.js';
import type { SlotJob } from './job.js';
import { type Ledger, MAX_CATCH_UP, type SlotOutcome } from './ledger.js';

/** Not at once, so that a database that is down is not hammered. */
const RETRY_MS = MINUTE;
/** The delay doubles with each failure of a slot, up to this. */
const MAX_RETRY_MS = 15 * MINUTE;

export interface SlotRunnerDeps {
  ledger: Ledger;
  now: () => number;
  log: DatabaseLog;
  /** Nothing starts after it is aborted. */
  signal: AbortSignal;
  /** Delay before the first retry, and before a slot that another replica holds is asked for again. Default: a minute. */
  retryMs?: number;
}

export class SlotRunner {
  private running: Promise<void> | undefined;
  /** Whether a slot came during the current run. */
  private again = false;
  /** How often each slot has failed in a row. */
  private failures = new Map<number, number>();
  private retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly job: SlotJob,
    private readonly deps: SlotRunnerDeps,
  ) {}

  /** Runs what is due, in the background. If the job is running, it looks again afterwards. */
  begin(): void {
    if (this.running !== undefined) {
      this.again = true;
      return;
    }
    this.again = false;
    this.running = this.catchUp().finally(() => {
      this.running = undefined;
      if (this.again && !this.deps.signal.aborted) this.begin();
    });
  }

  /** Starts nothing more and waits for the current run; the signal must be aborted before. */
  async stop(): Promise<void> {
    clearTimeout(this.retry);
    await this.running;
  }

  /** Runs the due slots that nobody has completed. One that fails does not hold up the next. */
  async catchUp(): Promise<void> {
    const { signal, retryMs = RETRY_MS } = this.deps;
    let slots: number[];
    try {
      slots = await this.dueSlots();
    } catch (error) {
      this.warn(error, { times: 1 });
      this.retryIn(retryMs);
      return;
    }
    const failures = new Map<number, number>();
    const delays: number[] = [];
    for (const slot of slots) {
      if (signal.aborted) return;
      const before = this.failures.get(slot) ?? 0;
      const outcome = await this.runSlot(slot, before + 1);
      if (outcome === 'failed') {
        failures.set(slot, before + 1);
        delays.push(Math.min(retryMs * 2 ** before, MAX_RETRY_MS));
      } else if (outcome === 'elsewhere') {
        // If the other replica has died, its claim expires and the slot is free again.
        failures.set(slot, before);
        delays.push(retryMs);
      }
    }
    this.failures = failures;
    if (delays.length > 0) this.retryIn(Math.min(...delays));
  }

  /** Oldest first. */
  private async dueSlots(): Promise<number[]> {
    const { ledger, now } = this.deps;
    const { name, cron, catchUp } = this.job;
    const missed = slotsBetween(cron, await ledger.lastSuccess(name), now(), MAX_CATCH_UP);
    return catchUp ? [...(await ledger.leftBehind(name)), ...missed] : missed.slice(-1);
  }

  /** @param times how often in a row it will have failed, should it fail now */
  private async runSlot(slot: number, times: number): Promise<SlotOutcome | 'failed'> {
    const { ledger, log, signal } = this.deps;
    const { name } = this.job;
    const time = new Date(slot).toISOString();
    try {
      const outcome = await ledger.runSlot(name, slot, () => this.job.run(slot, signal));
      if (outcome === 'done') log.info({ job: name, slot: time }, 'job done');
      return outcome;
    } catch (error) {
      this.warn(error, { slot: time, times });
      return 'failed';
    }
  }

  private warn(error: unknown, details: { slot?: string; times: number }): void {
    if (this.deps.signal.aborted) return;
    this.deps.log.warn(
      { job: this.job.name, ...details, error: messageOf(error) },
      'job failed; it will be retried',
    );
  }

  private retryIn(delayMs: number): void {
    if (this.deps.signal.aborted) return;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.begin(), delayMs).unref();
  }
}
