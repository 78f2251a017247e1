/** The client. Recorded items go into a queue, which is sent to the service in batches. */
import { AnalyticsError, messageOf } from './errors.js';
import { ActiveExecution, type ExecutionStart, type StartOptions } from './execution.js';
import { uuidv7 } from './ids.js';
import type { Item, Kind, SentItem } from './items.js';
import { type AnalyticsClientOptions, MAX_BODY_BYTES, type Settings, settingsOf } from './options.js';
import { hookProcessEnd } from './process-end.js';
import { AnalyticsReads } from './reads.js';
import { release, reserve } from './reservations.js';
import { Sender, type Stats } from './sender.js';
import type { Event, Execution, NewTokenUsage, Reservation, ReservationRequest, Step } from './types.js';

export interface FlushOptions {
  /** Milliseconds; default: until all retries are used up. */
  timeoutMs?: number;
}

export class AnalyticsClient {
  /** What the service answers. */
  readonly analytics: AnalyticsReads;
  private readonly settings: Settings;
  private readonly sender: Sender;
  private readonly unhook: () => void;
  private readonly warned = new Set<string>();
  private closing: Promise<boolean> | undefined;

  /** @throws TypeError for an invalid option */
  constructor(options: AnalyticsClientOptions) {
    this.settings = settingsOf(options);
    this.analytics = new AnalyticsReads(this.settings);
    this.sender = new Sender(this.settings, (error, items) => this.report(error, items));
    this.unhook = hookProcessEnd({
      onExit: options.flushOnExit ?? true,
      onSignals: options.flushOnSignals ?? false,
      finish: () => this.finish({ timeoutMs: this.settings.exitTimeoutMs }),
    });
  }

  /**
   * Queues an execution. Never throws because of the network or the service; errors are passed to `onError`. If the
   * execution has been recorded before, its steps and usages are replaced, or kept if omitted.
   * @returns its id
   */
  recordExecution(execution: Execution): string {
    const id = execution.id ?? uuidv7();
    const started_at = execution.started_at ?? defaultStart(execution);
    this.enqueue('execution', id, undefined, { ...execution, id, started_at });
    return id;
  }

  /**
   * Queues an event. Never throws because of the network or the service; errors are passed to `onError`.
   * @returns its id
   */
  recordEvent(event: Event): string {
    const id = event.id ?? uuidv7();
    const occurredAt = event.occurredAt ?? new Date().toISOString();
    this.enqueue('event', undefined, undefined, { ...event, id, occurredAt });
    return id;
  }

  /** Queues steps of an execution that was recorded before, and is sent first. A step with an existing number replaces it. */
  addSteps(executionId: string, steps: readonly Step[]): void {
    for (const step of steps) this.enqueue('step', executionId, step.step_number, step);
  }

  /**
   * Queues token usages of an execution that was recorded before, and is sent first. Each usage gets an `id`, so that a
   * repeated request does not count it twice.
   */
  addTokenUsages(executionId: string, usages: readonly NewTokenUsage[]): void {
    for (const usage of usages) {
      const id = usage.id ?? uuidv7();
      this.enqueue('token_usage', executionId, id, { component: 'main_agent', ...usage, id });
    }
  }

  /** Starts an execution, which is sent when it finishes. With `announce`, it is also sent as `running` immediately. */
  startExecution(start: ExecutionStart = {}, options: StartOptions = {}): ActiveExecution {
    return new ActiveExecution(this, start, options);
  }

  /**
   * Runs `work` as an execution, records its outcome and duration, and returns its result or rethrows its error. If `work`
   * calls `finish` or `fail` itself, that counts.
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
   * Reserves budget for an execution. Pass the reservation's `id` as the execution's `reservation_id`. The request is
   * retried only if the service has certainly not created a reservation. After a `TIMEOUT` or a broken connection, an
   * unknown reservation may exist; it expires after `ttl_seconds`.
   * @throws BudgetExceededError if the reservation would exceed a hard-stop budget
   * @throws AnalyticsError otherwise
   */
  reserve(request: ReservationRequest): Promise<Reservation> {
    return reserve(this.settings, request);
  }

  /**
   * Releases a reservation. Releasing one that its execution has already settled is not an error.
   * @throws AnalyticsError `NOT_FOUND` if there is no such reservation
   */
  release(reservationId: string): Promise<void> {
    return release(this.settings, reservationId);
  }

  /**
   * Sends the queue immediately.
   * @returns true if all items were sent or dropped; false on timeout, with the rest still queued
   */
  flush({ timeoutMs }: FlushOptions = {}): Promise<boolean> {
    return this.sender.flush(timeoutMs);
  }

  /**
   * Flushes the queue and stops the client. Items that are still queued on timeout, or recorded later, are dropped.
   * @returns false if items were dropped because of the timeout
   */
  close({ timeoutMs }: FlushOptions = {}): Promise<boolean> {
    this.closing ??= this.finish({ timeoutMs }).finally(this.unhook);
    return this.closing;
  }

  stats(): Stats {
    return this.sender.stats();
  }

  /** Calls `onError`. If it throws, a process warning is emitted. */
  report(error: AnalyticsError, items: readonly SentItem[] = []): void {
    const { onError } = this.settings;
    const warn = (thrown: unknown): void =>
      process.emitWarning(`onError threw: ${messageOf(thrown)}`, WARNING);
    if (onError === undefined) {
      if (this.warned.has(error.code)) return;
      this.warned.add(error.code);
      process.emitWarning(
        `${error.code}: ${error.message} (${items.length} items; only the first error of this kind is shown)`,
        WARNING,
      );
      return;
    }
    try {
      // An async handler may reject.
      Promise.resolve(onError(error, items) as unknown).catch(warn);
    } catch (thrown) {
      warn(thrown);
    }
  }

  private async finish(options: FlushOptions): Promise<boolean> {
    const all = await this.flush(options);
    if (!all)
      this.sender.abandon(
        new AnalyticsError('CLOSED', 'dropped, because the client was closed or the process ended'),
      );
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
      return refuse('PAYLOAD_TOO_LARGE', `${bytes} bytes exceed the limit of a request or of the queue`);
    }
    // The service treats ids as case-insensitive, so both spellings are the same execution.
    this.sender.add({ kind, executionId: executionId?.toLowerCase(), key, json, bytes });
  }
}

const WARNING = { type: 'AnalyticsWarning', code: 'AGENTIDP_ANALYTICS' };

/** Default for `started_at`: the end, or now, minus the duration. */
function defaultStart({ completed_at, execution_time_ms }: Execution): string {
  const end = completed_at == null ? NaN : Date.parse(completed_at);
  const began = (Number.isNaN(end) ? Date.now() : end) - (execution_time_ms ?? 0);
  return new Date(Number.isFinite(began) && began >= 0 ? began : Date.now()).toISOString();
}
