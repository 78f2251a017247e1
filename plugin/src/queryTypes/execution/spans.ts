/** The time of each step of an execution, and the step that contains it. */
import type { ExecutionDetail, Step } from '../../api/types';

export interface TimedStep {
  step: Step;
  /** Both in milliseconds since the epoch. */
  start: number;
  end: number;
  /** The shortest step that contains it. */
  within?: TimedStep;
}

/** The steps in the order of the execution. */
export function timedSteps({ started_at, steps }: ExecutionDetail): TimedStep[] {
  let ended = Date.parse(started_at);
  const timed = steps.map((step): TimedStep => {
    // A step without a time follows the previous one.
    const start = step.timestamp === null ? ended : Date.parse(step.timestamp);
    const end = start + (step.duration_ms ?? 0);
    ended = Math.max(ended, end);
    return { step, start, end };
  });
  nest(timed.filter(({ step }) => step.timestamp !== null));
  return timed;
}

function nest(steps: TimedStep[]): void {
  // Of steps with the same start, the longest comes first, because it can contain the others.
  const inOrder = [...steps].sort((a, b) => a.start - b.start || b.end - a.end);
  let open: TimedStep[] = [];
  for (const step of inOrder) {
    open = open.filter(({ end }) => end > step.start);
    step.within = open.filter((other) => isWithin(step, other)).at(-1);
    open.push(step);
  }
}

/** Of two steps with the same start and end, neither contains the other. */
function isWithin(step: TimedStep, other: TimedStep): boolean {
  const isSame = step.start === other.start && step.end === other.end;
  return !isSame && step.start >= other.start && step.end <= other.end;
}
