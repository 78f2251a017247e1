import { isFetchError } from '@grafana/runtime';
import type { WireError } from './types';

/** The kinds of errors that can be told apart through the data proxy. */
type ApiErrorKind =
  | 'unauthorized'
  | 'scope'
  | 'tier'
  | 'denied'
  | 'notFound'
  | 'missing'
  | 'invalid'
  | 'rateLimited'
  | 'unavailable'
  | 'unreachable'
  | 'timeout'
  | 'notOurs'
  | 'internal';

const MESSAGES: Record<ApiErrorKind, string> = {
  unauthorized: 'AgentIdP Analytics did not accept the token of this data source.',
  scope: 'The token of this data source lacks the scope analytics:read.',
  tier: 'The tier of this tenant does not include analytics.',
  denied: 'Grafana refused the request.',
  notFound: 'AgentIdP Analytics was not found: analytics may be disabled, or the URL may be wrong.',
  // The response says what is missing.
  missing: '',
  invalid: 'AgentIdP Analytics refused the query.',
  rateLimited: 'Too many requests to AgentIdP Analytics.',
  unavailable: 'AgentIdP Analytics is not available right now.',
  unreachable: 'AgentIdP Analytics cannot be reached.',
  timeout: 'AgentIdP Analytics did not respond in time.',
  notOurs: 'The response is not from AgentIdP Analytics. Check the URL.',
  internal: 'AgentIdP Analytics returned an error.',
};

/** A failed call. The message includes that of the response, because a panel shows nothing else. */
export class ApiError extends Error {
  /**
   * @param status the HTTP status; 401 also if Grafana's data proxy turned it into a 400
   * @param data the body of the response
   */
  constructor(
    readonly kind: ApiErrorKind,
    readonly status?: number,
    readonly data?: unknown,
  ) {
    super(sentence([MESSAGES[kind], textOf(data)].filter(Boolean).join(' ')));
    this.name = 'ApiError';
  }
}

/**
 * Grafana returns the same status without a body for a refused connection and for a timeout. A refused connection fails
 * immediately; a timeout takes seconds, 30 by default.
 */
const SLOWEST_REFUSAL_MS = 4_000;

/**
 * Converts an error of `getBackendSrv().fetch()`. Cancelled requests are returned unchanged: Grafana ignores them.
 * @param elapsedMs how long the request took to fail
 */
export function toApiError(error: unknown, elapsedMs = 0): unknown {
  if (error instanceof ApiError || !isFetchError(error) || error.cancelled) {
    return error;
  }
  const { status, statusText } = error;
  // Grafana replaces an empty body with the status text.
  const data: unknown = textOf(error.data) === statusText ? undefined : error.data;
  return isProxyUnauthorized(status, data)
    ? new ApiError('unauthorized', 401)
    : new ApiError(
        status === 502 && elapsedMs > SLOWEST_REFUSAL_MS ? 'timeout' : kindOf(status, data),
        status,
        data,
      );
}

/** The message of any thrown value. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) {
    return error.message;
  }
  return isFetchError(error) ? (textOf(error.data) ?? `Status ${error.status}`) : String(error);
}

/** The message in a body. HTML pages have none. */
export function textOf(data: unknown): string | undefined {
  const text = typeof data === 'string' ? data : (data as { message?: unknown } | null | undefined)?.message;
  return typeof text === 'string' && text !== '' && !text.trimStart().startsWith('<') ? text : undefined;
}

function kindOf(status: number, data: unknown): ApiErrorKind {
  switch (status) {
    case 400:
      return 'invalid';
    case 401:
      return 'unauthorized';
    case 403: {
      const body = wireError(data);
      // Without the exporter's body, Grafana or a proxy refused the request.
      return !body ? 'denied' : body.code === 'ANALYTICS_NOT_AVAILABLE' ? 'tier' : 'scope';
    }
    case 404: {
      const { code } = wireError(data) ?? {};
      // A missing resource has a code of its own. A missing route has NOT_FOUND, or no code.
      return code === undefined || code === 'NOT_FOUND' ? 'notFound' : 'missing';
    }
    case 429:
      return 'rateLimited';
    case 502:
      return 'unreachable';
    case 503:
      return 'unavailable';
    case 504:
      return 'timeout';
    default:
      return 'internal';
  }
}

/** Capitalizes the first letter, unless the message starts with the name of a metric. */
export function sentence(message: string): string {
  return /^[a-z]+\b/.test(message) ? message.charAt(0).toUpperCase() + message.slice(1) : message;
}

export function wireError(data: unknown): WireError | undefined {
  const error = (typeof data === 'object' && data !== null ? data : {}) as Partial<WireError>;
  const { code, message, details } = error;
  return typeof code === 'string' && typeof message === 'string' ? { code, message, details } : undefined;
}

/** The body with which Grafana's data proxy replaces an upstream 401. */
const PROXY_UNAUTHORIZED = 'Authentication to data source failed';

function isProxyUnauthorized(status: number, data: unknown): boolean {
  return status === 400 && Boolean(textOf(data)?.includes(PROXY_UNAUTHORIZED));
}
