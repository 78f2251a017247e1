/** Runs the due slots of a job one after the other, and retries those that failed. */
import { slotsBetween } from '../cron.js';
import type { DatabaseLog } from '../db/log.js';
import { messageOf } from '../errors.js';
import { MINUTE } from '../time.js';
import type { SlotJob } from './job.js';
import { type Ledger, MAX_CATCH_UP, type SlotOutcome } from './ledger.js';

/** Not immediately, to spare a database that is down. */
const RETRY_MS = MINUTE;
/** The delay doubles with each failure of a slot, up to this limit. */
const MAX_RETRY_MS = 15 * MINUTE;

export interface SlotRunnerDeps {
  ledger: Ledger;
  now: () => number;
  log: DatabaseLog;
  /** After it is aborted, no run starts. */
  signal: AbortSignal;
  /** Delay before the first retry, and before another attempt at a slot that is claimed elsewhere. Default: a minute. */
  retryMs?: number;
}

export class SlotRunner {
  private running: Promise<void> | undefined;
  /** Whether a slot became due during the current run. */
  private again = false;
  /** Number of consecutive failures by slot. */
  private failures = new Map<number, number>();
  private retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly job: SlotJob,
    private readonly deps: SlotRunnerDeps,
  ) {}

  /** Runs the due slots in the background. If the job is already running, it checks again afterwards. */
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

  /** Waits for the current run. The signal must have been aborted before. */
  async stop(): Promise<void> {
    clearTimeout(this.retry);
    await this.running;
  }

  /** Runs the due slots that no replica has completed. A slot that fails does not block the next one. */
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
        // If the other replica has died, its claim expires and the slot can be claimed again.
        failures.set(slot, before);
        delays.push(retryMs);
      }
    }
    this.failures = failures;
    if (delays.length > 0) this.retryIn(Math.min(...delays));
  }

  /** The due slots, oldest first. */
  private async dueSlots(): Promise<number[]> {
    const { ledger, now } = this.deps;
    const { name, cron, catchUp } = this.job;
    const missed = slotsBetween(cron, await ledger.lastSuccess(name), now(), MAX_CATCH_UP);
    return catchUp ? [...(await ledger.leftBehind(name)), ...missed] : missed.slice(-1);
  }

  /** @param times number of consecutive failures of the slot, if this run fails as well */
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
