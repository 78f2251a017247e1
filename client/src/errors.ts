/** What can go wrong, as one type of error. */
import type { ServiceErrorCode } from './types.js';

/** Codes of the client's own, where the service has not spoken. */
export type ClientErrorCode =
  /** No connection, or it was cut. */
  | 'NETWORK_ERROR'
  /** No answer in time. */
  | 'TIMEOUT'
  /** The function that gives the token threw. */
  | 'TOKEN_ERROR'
  /** An answer that is not the service's: a proxy's error page, a redirect. */
  | 'HTTP_ERROR'
  /** The oldest items gave way to newer ones. */
  | 'QUEUE_FULL'
  /** What was recorded after `close()`, or still queued when the process or the client ended. */
  | 'CLOSED'
  /** Has no JSON form, such as a cycle. */
  | 'NOT_SERIALIZABLE'
  /** A function given to a hook threw. */
  | 'HOOK_ERROR';

export type ErrorCode = ServiceErrorCode | ClientErrorCode;

export interface AnalyticsErrorOptions {
  /** HTTP status; null where there was no answer. */
  status?: number | null;
  details?: unknown;
  requestId?: string | null;
  cause?: unknown;
}

export class AnalyticsError extends Error {
  override readonly name: string = 'AnalyticsError';
  /** HTTP status of the answer; null where there was none. */
  readonly status: number | null;
  /** What the service added, by code. */
  readonly details: unknown;
  /** `x-request-id` of the answer, under which the service's log has more; null where there was none. */
  readonly requestId: string | null;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: AnalyticsErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = options.status ?? null;
    this.details = options.details;
    this.requestId = options.requestId ?? null;
  }
}

/** The hard-stop budget that a reservation would have passed; amounts in USD. */
export interface ExceededBudget {
  budget_id: string;
  name: string | null;
  threshold_usd: number;
  current_spend_usd: number;
  reserved_usd: number;
  estimated_cost_usd: number;
}

/** A hard-stop budget has no room for what was to be reserved (402). */
export class BudgetExceededError extends AnalyticsError {
  override readonly name = 'BudgetExceededError';
  /** The budget that refused; undefined where the answer did not say. */
  readonly budget: ExceededBudget | undefined;

  constructor(message: string, options: AnalyticsErrorOptions = {}) {
    super('BUDGET_EXCEEDED', message, options);
    this.budget = isBudget(options.details) ? options.details : undefined;
  }
}

const isBudget = (details: unknown): details is ExceededBudget =>
  typeof details === 'object' && details !== null && 'budget_id' in details;

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
