/** A running execution. It collects steps and token usages, and is recorded when it finishes. */
import { AnalyticsError, messageOf } from './errors.js';
import { uuidv7 } from './ids.js';
import type { Execution, ExecutionStatus, NewTokenUsage, Step, TokenUsage } from './types.js';

/** The part of the client that an execution uses. */
export interface Recorder {
  recordExecution(execution: Execution): void;
  addSteps(executionId: string, steps: readonly Step[]): void;
  addTokenUsages(executionId: string, usages: readonly NewTokenUsage[]): void;
}

/** The fields that are known at the start. */
export type ExecutionStart = Omit<Execution, 'status' | 'completed_at' | 'steps' | 'token_usages'>;

export interface StartOptions {
  /** Sends the execution as `running` immediately. Default false. */
  announce?: boolean;
}

/** The fields that are known at the end. They override those of the start. The default `status` is `success`. */
export type ExecutionEnd = Partial<Omit<Execution, 'id' | 'started_at' | 'steps' | 'token_usages'>>;

/** A step. Its number and timestamp are optional. */
export type NewStep = Omit<Step, 'step_number'> & Partial<Pick<Step, 'step_number'>>;

/** The fields of a step that are known at its end. */
export type StepEnd = Partial<Omit<Step, 'step_number' | 'step_type' | 'timestamp'>>;

const MAX_MESSAGE = 16 * 1024;
const MAX_WORD = 256;

export class ActiveExecution {
  readonly id: string;
  private readonly started_at: string;
  private readonly elapsed: () => number;
  private readonly steps: Step[] = [];
  private readonly usages: TokenUsage[] = [];
  private lastStep = 0;
  private finished = false;

  constructor(
    private readonly recorder: Recorder,
    private readonly start: ExecutionStart,
    { announce = false }: StartOptions,
  ) {
    this.id = start.id ?? uuidv7();
    this.started_at = start.started_at ?? new Date().toISOString();
    // The monotonic clock is safe against clock changes, but cannot measure from a start in the past.
    const began = performance.now();
    const startedAt = Date.parse(this.started_at);
    this.elapsed =
      start.started_at === undefined || Number.isNaN(startedAt)
        ? () => performance.now() - began
        : () => Math.max(0, Date.now() - startedAt);
    if (announce) {
      recorder.recordExecution({ ...start, id: this.id, started_at: this.started_at, status: 'running' });
    }
  }

  /**
   * Adds a step. Pass `duration_ms`, or call `end()` on the result. By default, steps are numbered from 1 and start now. If
   * the execution has already finished, the step is sent separately.
   */
  step(step: NewStep): ActiveStep {
    const step_number = step.step_number ?? this.lastStep + 1;
    this.lastStep = Math.max(this.lastStep, step_number);
    const made: Step = { ...step, step_number, timestamp: step.timestamp ?? new Date().toISOString() };
    const place = this.steps.push(made) - 1;
    const put = (changed: Step): void => {
      this.steps[place] = changed;
      if (this.finished) this.recorder.addSteps(this.id, [changed]);
    };
    if (this.finished) put(made);
    return new ActiveStep(made, put);
  }

  /** Adds the tokens of one model call. If the execution has already finished, they are sent separately. */
  usage(usage: NewTokenUsage): void {
    // The id is set once, so that the usage is not counted twice if it is sent again.
    const made: TokenUsage = { component: 'main_agent', ...usage, id: usage.id ?? uuidv7() };
    this.usages.push(made);
    if (this.finished) this.recorder.addTokenUsages(this.id, [made]);
  }

  /** Records the execution with its steps and usages. Only the first `finish` or `fail` counts. */
  finish(end: ExecutionEnd = {}): void {
    if (this.finished) return;
    this.finished = true;
    const execution_time_ms = this.elapsed();
    const startedAt = Date.parse(this.started_at);
    const completed_at = Number.isNaN(startedAt)
      ? undefined
      : new Date(startedAt + Math.round(execution_time_ms)).toISOString();
    this.recorder.recordExecution({
      execution_time_ms,
      completed_at,
      ...this.start,
      ...end,
      status: end.status ?? 'success',
      id: this.id,
      started_at: this.started_at,
      ...(this.steps.length === 0 ? {} : { steps: this.steps }),
      ...(this.usages.length === 0 ? {} : { token_usages: this.usages }),
    });
  }

  /**
   * Records the execution as failed, with name and message of the error. The status is `timeout` for a `TimeoutError`,
   * `blocked` for a `BudgetExceededError`, otherwise `failure`.
   */
  fail(error: unknown, end: ExecutionEnd = {}): void {
    this.finish({
      status: statusOf(error),
      error_type: errorName(error),
      error_message: clean(messageOf(error)).slice(0, MAX_MESSAGE),
      ...end,
    });
  }
}

export class ActiveStep {
  readonly step_number: number;
  private readonly began = performance.now();
  private ended = false;

  constructor(
    private readonly step: Step,
    private readonly put: (changed: Step) => void,
  ) {
    this.step_number = step.step_number;
  }

  /** Ends the step. Defaults: the time since it was added, and `success`. Only the first call counts. */
  end(end: StepEnd = {}): void {
    if (this.ended) return;
    this.ended = true;
    const duration_ms = performance.now() - this.began;
    this.put({ duration_ms, status: 'success', ...this.step, ...end });
  }
}

function statusOf(error: unknown): ExecutionStatus {
  if (error instanceof AnalyticsError && error.code === 'BUDGET_EXCEEDED') return 'blocked';
  return errorName(error) === 'TimeoutError' ? 'timeout' : 'failure';
}

function errorName(error: unknown): string {
  const name = typeof error === 'object' && error !== null && 'name' in error ? error.name : undefined;
  const kind = typeof name === 'string' ? clean(name).slice(0, MAX_WORD) : '';
  return kind === '' ? 'Error' : kind;
}

/** Replaces U+0000, which the service rejects. The text of an error is not under the caller's control. */
const clean = (text: string): string => text.replaceAll('\u0000', '\ufffd');
