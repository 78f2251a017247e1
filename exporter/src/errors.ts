import { types } from 'node:util';

/** The error catalogue: every code of a response or a rejection, with its HTTP status. */
export const ERRORS = {
  VALIDATION_ERROR: 400,
  INVALID_DATE_RANGE: 400,
  INVALID_GRANULARITY: 400,
  TOO_LARGE: 400,
  UNAUTHORIZED: 401,
  BUDGET_EXCEEDED: 402,
  FORBIDDEN: 403,
  ANALYTICS_NOT_AVAILABLE: 403,
  NOT_FOUND: 404,
  AGENT_NOT_FOUND: 404,
  EXECUTION_NOT_FOUND: 404,
  BUDGET_NOT_FOUND: 404,
  CONFLICT: 409,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  RATE_LIMITED: 429,
  INTERNAL_ERROR: 500,
  UNAVAILABLE: 503,
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** An error as it is sent in a response. */
export interface ErrorBody {
  code: ErrorCode;
  message: string;
  details?: unknown;
}

export interface AppErrorOptions {
  details?: unknown;
  /** Seconds after which the client should retry; sent as `Retry-After`. */
  retryAfter?: number;
  cause?: unknown;
}

/** Seconds that a client should wait, by the reason of the refusal. */
export const RETRY_AFTER = {
  /** A queue is full; it drains within a second. */
  overload: 1,
  /** The service is starting. */
  starting: 2,
  /** A dependency of the service does not answer, or has no room. */
  failure: 5,
} as const;

/** An error that is shown to the client. Any other error becomes a 500 without details. */
export class AppError extends Error {
  readonly statusCode: number;
  readonly details?: unknown;
  readonly retryAfter?: number;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: AppErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.statusCode = ERRORS[code];
    this.details = options.details;
    this.retryAfter = options.retryAfter;
  }

  toBody(): ErrorBody {
    return {
      code: this.code,
      message: this.message,
      ...(this.details === undefined ? {} : { details: this.details }),
    };
  }
}

/** A setting that prevents the start. The command line prints the message as one line. */
export class ConfigError extends Error {
  constructor(
    readonly setting: string,
    message: string,
  ) {
    super(`${setting}: ${message}`);
    this.name = 'ConfigError';
  }
}

/** The message of any thrown value, on one line. */
export function messageOf(error: unknown): string {
  const text = types.isNativeError(error) ? error.message : String(error);
  return text.trim().replace(/\s*\n\s*/g, '; ');
}

/** The code of a system error (`ECONNREFUSED`) or the SQLSTATE of a database error. */
export function errorCode(error: unknown): string | undefined {
  // Not instanceof: under jest, errors of Node's own modules come from another realm.
  if (!types.isNativeError(error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
