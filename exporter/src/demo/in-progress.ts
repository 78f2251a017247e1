/** Executions of live traffic as they are while they run. */
import { formatTime } from '../time.js';
import type { DemoRun } from './run.js';

const endOf = ({ timestamp, duration_ms }: DemoRun['steps'][number]): number =>
  Date.parse(timestamp) + duration_ms;

export const endsAt = ({ started_at, completed_at = started_at }: DemoRun): number =>
  Date.parse(completed_at);

/** The execution as it is at `now`: with the steps that are done, and what they have used. */
export function runningAt(run: DemoRun, now: number): DemoRun {
  return { ...doneBy(run, now), status: 'running', completed_at: undefined, error_type: null };
}

/** The execution if it is stopped at `now`. */
export function interruptedAt(run: DemoRun, now: number): DemoRun {
  return {
    ...doneBy(run, now),
    status: 'failure',
    completed_at: formatTime(now),
    error_type: 'Interrupted',
  };
}

/** Whether a step has ended from `from` (inclusive) to `to` (exclusive). */
export const hasStepBetween = ({ steps }: DemoRun, from: number, to: number): boolean =>
  steps.some((step) => endOf(step) >= from && endOf(step) < to);

function doneBy(run: DemoRun, now: number): DemoRun {
  const steps = run.steps.filter((step) => endOf(step) < now);
  return {
    ...run,
    steps,
    token_usages: run.token_usages.filter(({ step_number }) => step_number <= steps.length),
    llm_time_ms: undefined,
  };
}
