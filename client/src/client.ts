/** The client: what is recorded goes into a queue, and from there to the service. */
import { AnalyticsError, messageOf } from './errors.js';
import { ActiveExecution, type ExecutionStart, type StartOptions } from './execution.js';
import { uuidv7 } from './ids.js';
import type { Item, Kind, SentItem } from './items.js';
import { type AnalyticsClientOptions, MAX_BODY_BYTES, type Settings, settingsOf } from './options.js';
import { hookProcessEnd } from './process-end.js';
import { release, reserve } from './reservations.js';
import { Sender, type Stats } from './sender.js';
import type { Event, Execution, NewTokenUsage, Reservation, ReservationRequest, Step } from './types.js';

export interface FlushOptions {
  /** Milliseconds; default: as long as the tries last. */
  timeoutMs?: number;
}

export class AnalyticsClient {
  private readonly settings: Settings;
  private readonly sender: Sender;
  private readonly unhook: () => void;
  private readonly warned = new Set<string>();
  private closing: Promise<boolean> | undefined;

  /** @throws TypeError for an option that cannot be meant */
  constructor(options: AnalyticsClientOptions) {
    this.settings = settingsOf(options);
    this.sender = new Sender(this.settings, (error, items) => this.report(error, items));
    this.unhook = hookProcessEnd({
      onExit: options.flushOnExit ?? true,
      onSignals: options.flushOnSignals ?? false,
      finish: () => this.finish({ timeoutMs: this.settings.exitTimeoutMs }),
    });
  }

  /**
   * Queues an execution, and never throws for what happens to it: that goes to `onError`. Steps and usages that it
   * carries replace those it had; left out they stay.
   * @returns its id
   */
  recordExecution(execution: Execution): string {
    const id = execution.id ?? uuidv7();
    const started_at = execution.started_at ?? startOf(execution);
    this.enqueue('execution', id, undefined, { ...execution, id, started_at });
    return id;
  }

  /**
   * Queues an event, and never throws for what happens to it.
   * @returns its id
   */
  recordEvent(event: Event): string {
    const id = event.id ?? uuidv7();
    const occurredAt = event.occurredAt ?? new Date().toISOString();
    this.enqueue('event', undefined, undefined, { ...event, id, occurredAt });
    return id;
  }

  /** Queues steps of an execution that was recorded before; they are sent after it. A number sent again replaces. */
  addSteps(executionId: string, steps: readonly Step[]): void {
    for (const step of steps) this.enqueue('step', executionId, step.step_number, step);
  }

  /**
   * Queues token usages of an execution that was recorded before; they are sent after it, each with an `id`, so that a
   * request that is repeated counts none twice.
   */
  addTokenUsages(executionId: string, usages: readonly NewTokenUsage[]): void {
    for (const usage of usages) {
      const id = usage.id ?? uuidv7();
      this.enqueue('token_usage', executionId, id, { component: 'main_agent', ...usage, id });
    }
  }

  /** Begins an execution that is sent when it has finished; with `announce`, as `running` at once as well. */
  startExecution(start: ExecutionStart = {}, options: StartOptions = {}): ActiveExecution {
    return new ActiveExecution(this, start, options);
  }

  /**
   * Runs `work` as an execution: records its success or failure and its duration, and gives back its result or throws
   * what it threw. Where `work` has called `finish` or `fail` itself, that counts.
   */
  async run<T>(
    start: ExecutionStart,
    work: (execution: ActiveExecution) => T | Promise<T>,
    options: StartOptions = {},
  ): Promise<T> {
    const execution = this.startExecution(start, options);
    try {
      const result = await work(execution);
      execution.finish();
      return result;
    } catch (error) {
      execution.fail(error);
      throw error;
    }
  }

  /**
   * Holds money of the budgets for an execution to come; give its `id` as the execution's `reservation_id`. It is tried
   * again only where the service has certainly not acted on it. After a `TIMEOUT` or a cut connection money may be held
   * under an id that nobody knows: it is free again after `ttl_seconds`.
   * @throws BudgetExceededError when a hard-stop budget has no room for it
   * @throws AnalyticsError otherwise
   */
  reserve(request: ReservationRequest): Promise<Reservation> {
    return reserve(this.settings, request);
  }

  /**
   * Gives back what a reservation holds. One that its execution has settled holds nothing any more, and that is no error.
   * @throws AnalyticsError `NOT_FOUND` where there is no such reservation
   */
  release(reservationId: string): Promise<void> {
    return release(this.settings, reservationId);
  }

  /**
   * Sends what is queued without waiting for more.
   * @returns true when all of it has been answered or given up; false when the time was up before, and the rest still waits
   */
  flush({ timeoutMs }: FlushOptions = {}): Promise<boolean> {
    return this.sender.flush(timeoutMs);
  }

  /**
   * Flushes and stops. What is still queued when the time is up is given up, and what is recorded from now on is dropped.
   * @returns whether nothing had to be given up for want of time
   */
  close({ timeoutMs }: FlushOptions = {}): Promise<boolean> {
    this.closing ??= this.finish({ timeoutMs }).finally(this.unhook);
    return this.closing;
  }

  stats(): Stats {
    return this.sender.stats();
  }

  /** Tells `onError`, as the hooks do; whatever that throws is a warning. */
  report(error: AnalyticsError, items: readonly SentItem[] = []): void {
    const { onError } = this.settings;
    const warn = (thrown: unknown): void =>
      process.emitWarning(`onError threw: ${messageOf(thrown)}`, WARNING);
    if (onError === undefined) {
      if (this.warned.has(error.code)) return;
      this.warned.add(error.code);
      process.emitWarning(`${error.code}: ${error.message} (${items.length} items; warned of once)`, WARNING);
      return;
    }
    try {
      // One that is async may reject instead.
      Promise.resolve(onError(error, items) as unknown).catch(warn);
    } catch (thrown) {
      warn(thrown);
    }
  }

  private async finish(options: FlushOptions): Promise<boolean> {
    const all = await this.flush(options);
    if (!all) this.sender.abandon(new AnalyticsError('CLOSED', 'given up: the client or the process ended'));
    return all;
  }

  private enqueue(kind: Kind, executionId: string | undefined, key: Item['key'], value: object): void {
    const refuse = (
      code: 'CLOSED' | 'NOT_SERIALIZABLE' | 'PAYLOAD_TOO_LARGE',
      why: string,
      cause?: unknown,
    ) =>
      this.sender.refuse(new AnalyticsError(code, why, { cause }), {
        kind,
        item: value,
        ...(kind === 'step' || kind === 'token_usage' ? { executionId } : {}),
      } as SentItem);
    if (this.closing !== undefined) return refuse('CLOSED', 'recorded after close()');
    let json: string;
    try {
      json = JSON.stringify(value);
    } catch (error) {
      return refuse('NOT_SERIALIZABLE', messageOf(error), error);
    }
    const bytes = Buffer.byteLength(json);
    if (bytes > Math.min(MAX_BODY_BYTES, this.settings.maxQueueBytes)) {
      return refuse('PAYLOAD_TOO_LARGE', `${bytes} bytes are more than a request or the queue holds`);
    }
    // The service knows ids in lower case; two spellings are one execution.
    this.sender.add({ kind, executionId: executionId?.toLowerCase(), key, json, bytes });
  }
}

const WARNING = { type: 'AnalyticsWarning', code: 'AGENTIDP_ANALYTICS' };

/** Of an execution that does not say: so long before its end, or before now. */
function startOf({ completed_at, execution_time_ms }: Execution): string {
  const end = completed_at == null ? NaN : Date.parse(completed_at);
  const began = (Number.isNaN(end) ? Date.now() : end) - (execution_time_ms ?? 0);
  return new Date(Number.isFinite(began) && began >= 0 ? began : Date.now()).toISOString();
}
