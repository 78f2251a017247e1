/** What whoever asks for money is told: a reservation, the budget that is in its way, or that nothing is known. */
import { AppError, RETRY_AFTER } from '../errors.js';
import type { ReservationRequest, ReservationRow, ShownReservation } from '../facts/reservation/columns.js';
import { formatTime } from '../time.js';
import type { AlertType, Budget } from './budget.js';
import { formatUsd, toWire, type Usd } from '../money.js';
import type { Spent } from './spend.js';

/** A budget that the caller spends of. */
export interface ConcernedBudget {
  id: string;
  name: string | null;
  alert_type: AlertType;
  threshold_usd: number;
  current_spend_usd: number;
  /** This reservation included. */
  reserved_usd: number;
}

export type Reservation = ShownReservation & { budgets: ConcernedBudget[] };

/** Who asks, and the reservation that it is to be. */
export type Caller = ReservationRequest & Pick<ReservationRow, 'id' | 'expires_at'>;

/** A budget, and what of it is gone once the callers before have been served. */
export interface Account extends Spent {
  budget: Budget;
}

const wire = (amount: Usd): number => toWire(formatUsd(amount));

export const viewOf = ({ budget, spend, reserved }: Account): ConcernedBudget => ({
  id: budget.id,
  name: budget.name,
  alert_type: budget.alertType,
  threshold_usd: wire(budget.threshold),
  current_spend_usd: wire(spend),
  reserved_usd: wire(reserved),
});

export function refusal(
  { budget, spend, reserved }: Account,
  { estimated_cost_usd: estimate }: Caller,
): AppError {
  const name = budget.name ?? budget.id;
  return new AppError(
    'BUDGET_EXCEEDED',
    // To the last digit: rounded, the sum might be one that would not.
    `budget "${name}": ${formatUsd(spend)} USD spent, ${formatUsd(reserved)} reserved and ${formatUsd(estimate)} asked for ` +
      `would exceed its threshold of ${formatUsd(budget.threshold)} USD`,
    {
      details: {
        budget_id: budget.id,
        name: budget.name,
        threshold_usd: wire(budget.threshold),
        current_spend_usd: wire(spend),
        reserved_usd: wire(reserved),
        estimated_cost_usd: wire(estimate),
      },
    },
  );
}

/** The response if the database stays unreachable. It has the reservation's id if the result of a commit is unknown. */
export function unanswered(
  { id, expires_at: expiresAt }: Caller,
  mayBeHeld: boolean,
  cause: unknown,
): AppError {
  const away = 'the database is unreachable or took too long';
  if (!mayBeHeld) {
    return new AppError('UNAVAILABLE', `${away}; nothing was reserved`, {
      retryAfter: RETRY_AFTER.failure,
      cause,
    });
  }
  const expires_at = formatTime(expiresAt);
  return new AppError(
    'UNAVAILABLE',
    `${away}; the amount may be reserved until ${expires_at}, unless the reservation is deleted`,
    { details: { reservation_id: id, expires_at }, retryAfter: RETRY_AFTER.failure, cause },
  );
}
