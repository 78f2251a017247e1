/** The states of an alert, or of one of its groups: what follows from a state and an evaluation. Pure. */
import { MINUTE } from '../time.js';
import type { AlertState, Comparison, Instance } from './rule.js';

/** A gap between two evaluations that is longer was not watched, and does not count as pending. */
const UNWATCHED_MS = 5 * MINUTE;

/** What one evaluation found. */
export interface Observed {
  value: number | null;
  samples: number | null;
}

export interface Test {
  operator: Comparison;
  threshold: number | null;
  /** Milliseconds. */
  forMs: number;
  /** 0: never. */
  repeatMs: number;
}

/** Where an instance was; `ok` if it was not stored. */
export type Before = Pick<Instance, 'state' | 'since' | 'notifiedAt'>;

export interface Next {
  state: AlertState;
  since: number;
  notify: 'firing' | 'resolved' | undefined;
}

/** Whether the condition holds. A count of 0 is no data only for `no_data`. */
export function holds({ operator, threshold }: Test, { value }: Observed, isCount: boolean): boolean {
  if (operator === 'no_data') return value === null || (isCount && value === 0);
  if (value === null || threshold === null) return false;
  switch (operator) {
    case 'greater_than':
      return value > threshold;
    case 'greater_or_equal':
      return value >= threshold;
    case 'less_than':
      return value < threshold;
    case 'less_or_equal':
      return value <= threshold;
    case 'equal':
      return value === threshold;
  }
}

/**
 * @param at end of the evaluated window
 * @param evaluatedTo end of the window before; null if there was none
 */
export function nextState(
  test: Test,
  before: Before | undefined,
  found: { holds: boolean; hasData: boolean },
  at: number,
  evaluatedTo: number | null,
): Next {
  const was = before?.state ?? 'ok';
  // The clock may have been ahead when it was written.
  const since = Math.min(before?.since ?? at, at);
  if (!found.holds) {
    const state = found.hasData || test.operator === 'no_data' ? 'ok' : 'no_data';
    const notify = was === 'firing' ? 'resolved' : undefined;
    return { state, since: state === was ? since : at, notify };
  }
  if (was === 'firing') {
    const notifiedAt = Math.min(before?.notifiedAt ?? at, at);
    const isDue = test.repeatMs > 0 && at - notifiedAt >= test.repeatMs;
    return { state: 'firing', since, notify: isDue ? 'firing' : undefined };
  }
  const isUnwatched = evaluatedTo === null || at - evaluatedTo > UNWATCHED_MS;
  const pendingSince = was === 'pending' && !isUnwatched ? since : at;
  if (at - pendingSince >= test.forMs) return { state: 'firing', since: at, notify: 'firing' };
  return { state: 'pending', since: pendingSince, notify: undefined };
}
