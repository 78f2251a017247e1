/** What has arrived of a tenant, as its live figures count it. */
import type { ExecutionStatus } from '../facts/execution/columns.js';
import type { UsageEvent } from '../facts/event/parse.js';
import type { Usd } from '../money.js';

export interface Arrivals {
  /** Executions of the top level that were not stored before. */
  executions: number;
  /** Executions of the top level that were reported as finished for the first time, and those of them that failed. */
  finished: number;
  failed: number;
  /** Executions of every level that were written. */
  changes: number;
  apiCalls: number;
  /** What the executions of every level have more of than was stored before. */
  tokens: number;
  usd: Usd;
}

/** Told of what is durable. */
export type OnArrivals = (tenantId: string, arrivals: Arrivals) => void;

export const noArrivals = (): Arrivals => ({
  executions: 0,
  finished: 0,
  failed: 0,
  changes: 0,
  apiCalls: 0,
  tokens: 0,
  usd: 0n,
});

export function addArrivals(to: Arrivals, more: Arrivals): void {
  to.executions += more.executions;
  to.finished += more.finished;
  to.failed += more.failed;
  to.changes += more.changes;
  to.apiCalls += more.apiCalls;
  to.tokens += more.tokens;
  to.usd += more.usd;
}

/** What the arrivals depend on of an execution. */
export interface Counted {
  status: ExecutionStatus;
  tokens: number;
  /** Null where it is not known. */
  usd: Usd | null;
}

/** Adds an execution that was written. */
export function countExecution(
  to: Arrivals,
  before: Counted | undefined,
  after: Counted,
  isTop: boolean,
): void {
  to.changes += 1;
  to.tokens += after.tokens - (before?.tokens ?? 0);
  to.usd += (after.usd ?? 0n) - (before?.usd ?? 0n);
  if (!isTop) return;
  if (before === undefined) to.executions += 1;
  const hasFinished = after.status !== 'running' && (before === undefined || before.status === 'running');
  if (!hasFinished) return;
  to.finished += 1;
  if (after.status !== 'success') to.failed += 1;
}

export function arrivalsOf(events: readonly UsageEvent[]): Arrivals {
  const arrivals = noArrivals();
  for (const { metricType, count } of events) if (metricType === 'api_calls') arrivals.apiCalls += count;
  return arrivals;
}
