/** Errors of the client. */
import type { ServiceErrorCode } from './types.js';

/** Codes of errors that do not come from the service. */
export type ClientErrorCode =
  /** The connection failed or was closed. */
  | 'NETWORK_ERROR'
  /** No response in time. */
  | 'TIMEOUT'
  /** The `token` function threw. */
  | 'TOKEN_ERROR'
  /** The response is not from the service, such as a proxy's error page or a redirect. */
  | 'HTTP_ERROR'
  /** The oldest items were dropped to make room for newer ones. */
  | 'QUEUE_FULL'
  /** Recorded after `close()`, or still queued when the client was closed or the process ended. */
  | 'CLOSED'
  /** Cannot be serialized to JSON, for example because of a cycle. */
  | 'NOT_SERIALIZABLE'
  /** The service could not make the file. */
  | 'EXPORT_FAILED'
  /** A function in a hook's options threw. */
  | 'HOOK_ERROR';

export type ErrorCode = ServiceErrorCode | ClientErrorCode;

export interface AnalyticsErrorOptions {
  /** HTTP status; null if there was no response. */
  status?: number | null;
  details?: unknown;
  requestId?: string | null;
  cause?: unknown;
}

export class AnalyticsError extends Error {
  override readonly name: string = 'AnalyticsError';
  /** HTTP status of the response; null if there was none. */
  readonly status: number | null;
  /** Details from the service; their form depends on the code. */
  readonly details: unknown;
  /** `x-request-id` of the response, for finding the request in the service's log; null if there was no response. */
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

/** The hard-stop budget that a reservation would exceed. Amounts are in USD. */
export interface ExceededBudget {
  budget_id: string;
  name: string | null;
  threshold_usd: number;
  current_spend_usd: number;
  reserved_usd: number;
  estimated_cost_usd: number;
}

/** The reservation would exceed a hard-stop budget (402). */
export class BudgetExceededError extends AnalyticsError {
  override readonly name = 'BudgetExceededError';
  /** The budget that would be exceeded; undefined if the response does not name it. */
  readonly budget: ExceededBudget | undefined;

  constructor(message: string, options: AnalyticsErrorOptions = {}) {
    super('BUDGET_EXCEEDED', message, options);
    this.budget = isBudget(options.details) ? options.details : undefined;
  }
}

const isBudget = (details: unknown): details is ExceededBudget =>
  typeof details === 'object' && details !== null && 'budget_id' in details;

/** The message of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
