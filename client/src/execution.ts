/** A running execution: collects its steps and token usages, and is recorded as a whole when it finishes. */
import { AnalyticsError, messageOf } from './errors.js';
import { uuidv7 } from './ids.js';
import type { Execution, ExecutionStatus, NewTokenUsage, Step, TokenUsage } from './types.js';

/** Where an execution is recorded: the client. */
export interface Recorder {
  recordExecution(execution: Execution): void;
  addSteps(executionId: string, steps: readonly Step[]): void;
  addTokenUsages(executionId: string, usages: readonly NewTokenUsage[]): void;
}

/** What is known when it begins; the rest comes from the handle. */
export type ExecutionStart = Omit<Execution, 'status' | 'completed_at' | 'steps' | 'token_usages'>;

export interface StartOptions {
  /** Sends it as `running` at once. Default false. */
  announce?: boolean;
}

/** What is known at the end; `status` is `success` unless said otherwise. Fields given here win over those given before. */
export type ExecutionEnd = Partial<Omit<Execution, 'id' | 'started_at' | 'steps' | 'token_usages'>>;

/** A step whose number and time are made where they are left out. */
export type NewStep = Omit<Step, 'step_number'> & Partial<Pick<Step, 'step_number'>>;

/** What is known of a step at its end. */
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
    // A clock that is set meanwhile must not change a duration, but for a start in the past it is the only one.
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
   * Adds a step: with its `duration_ms`, or with `end()` on what this returns. Numbered from 1 on in order, begun now.
   * After the execution has finished it is sent by itself.
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

  /** Adds the tokens of one call of a model. After the execution has finished they are sent by themselves. */
  usage(usage: NewTokenUsage): void {
    // With an id from the start: sent late or twice, it is still the same one.
    const made: TokenUsage = { component: 'main_agent', ...usage, id: usage.id ?? uuidv7() };
    this.usages.push(made);
    if (this.finished) this.recorder.addTokenUsages(this.id, [made]);
  }

  /** Records it with all its steps and usages. The first end counts; any further one changes nothing. */
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
   * Records it as failed with the kind and the message of what was thrown: as `timeout` for a `TimeoutError`, as `blocked`
   * where a budget refused, otherwise as `failure`.
   */
  fail(error: unknown, end: ExecutionEnd = {}): void {
    this.finish({
      status: statusOf(error),
      error_type: kindOf(error),
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

  /** Its duration is the time since it was added, its status `success`, unless said otherwise. The first end counts. */
  end(end: StepEnd = {}): void {
    if (this.ended) return;
    this.ended = true;
    const duration_ms = performance.now() - this.began;
    this.put({ duration_ms, status: 'success', ...this.step, ...end });
  }
}

function statusOf(error: unknown): ExecutionStatus {
  if (error instanceof AnalyticsError && error.code === 'BUDGET_EXCEEDED') return 'blocked';
  return kindOf(error) === 'TimeoutError' ? 'timeout' : 'failure';
}

function kindOf(error: unknown): string {
  const name = typeof error === 'object' && error !== null && 'name' in error ? error.name : undefined;
  const kind = typeof name === 'string' ? clean(name).slice(0, MAX_WORD) : '';
  return kind === '' ? 'Error' : kind;
}

/** The service refuses U+0000, and an error's words are not the developer's to choose. */
const clean = (text: string): string => text.replaceAll('\u0000', '\ufffd');
