/** Which notifications of budgets are to be raised and cleared. */
import { DAY } from '../time.js';
import { type Budget, reaches } from './budget.js';
import type { Usd } from '../money.js';
import { type Mark, MARKS } from './notifications.js';

/** A notification that has not been cleared. */
export interface OpenNotification {
  id: string;
  budgetId: string;
  mark: Mark;
  raisedAt: Date;
}

/** What is known of a tenant's active budgets. */
export interface BudgetsSeen {
  now: number;
  budgets: readonly { budget: Budget; spend: Usd }[];
  open: readonly OpenNotification[];
}

export interface Transitions {
  /** Open notifications that end, with whether the same mark is raised again at once. */
  clear: { id: string; budget: Budget; spend: Usd; mark: Mark; raisedAt: Date; again: boolean }[];
  raise: { budget: Budget; spend: Usd; mark: Mark }[];
}

/**
 * A notification is raised when the spend reaches its mark, and cleared when it falls below or a period has passed. After a
 * period it is raised again if the mark is still reached.
 */
export function transitionsOf({ now, budgets, open }: BudgetsSeen): Transitions {
  const transitions: Transitions = { clear: [], raise: [] };
  const known = new Map(open.map((row) => [`${row.budgetId} ${row.mark}`, row]));
  for (const { budget, spend } of budgets) {
    for (const mark of MARKS) {
      const row = known.get(`${budget.id} ${mark}`);
      const isReached = reachesMark(mark, budget, spend);
      const ends =
        row !== undefined && (!isReached || now - row.raisedAt.getTime() >= budget.periodDays * DAY);
      if (ends) {
        const { id, raisedAt } = row;
        transitions.clear.push({ id, budget, spend, mark, raisedAt, again: isReached });
      }
      if (isReached && (row === undefined || ends)) transitions.raise.push({ budget, spend, mark });
    }
  }
  return transitions;
}

export const hasAny = ({ clear, raise }: Transitions): boolean => clear.length + raise.length > 0;

function reachesMark(mark: Mark, { threshold, alertAtPercentage }: Budget, spend: Usd): boolean {
  if (mark === 'exceeded') return reaches(spend, threshold, 100);
  // A warning at 100 % would say the same as `exceeded`.
  return alertAtPercentage < 100 && reaches(spend, threshold, alertAtPercentage);
}
