import { isFetchError } from '@grafana/runtime';
import type { WireError } from './types';

/** What went wrong, as far as the data proxy lets it be told apart. */
export type ApiErrorKind =
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
  scope: 'The token of this data source may not read analytics (scope analytics:read).',
  tier: 'Analytics is not part of the tier of this tenant.',
  denied: 'Grafana refused the request.',
  notFound: 'AgentIdP Analytics was not found: analytics may be switched off, or the URL wrong.',
  // The answer names it.
  missing: '',
  invalid: 'AgentIdP Analytics refused the query.',
  rateLimited: 'Too many requests to AgentIdP Analytics.',
  unavailable: 'AgentIdP Analytics is not available right now.',
  unreachable: 'AgentIdP Analytics cannot be reached.',
  timeout: 'AgentIdP Analytics did not answer in time.',
  notOurs: 'The answer is not one of AgentIdP Analytics: the URL leads to something else.',
  internal: 'AgentIdP Analytics failed to answer.',
};

/** A failed call. The message stands alone, with what the answer said: a panel shows nothing else. */
export class ApiError extends Error {
  /**
   * @param status of HTTP; 401 also where Grafana's data proxy made a 400 of it
   * @param data the answer as it came
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
 * A refused connection fails at once. Grafana has the same status, and no body, for a service that it waited for in
 * vain, which takes seconds: 30 unless it is told otherwise.
 */
const SLOWEST_REFUSAL_MS = 4_000;

/**
 * An error of `getBackendSrv().fetch()` in words; a cancelled request stays what it is, Grafana drops it.
 * @param elapsedMs how long the request took to fail
 */
export function toApiError(error: unknown, elapsedMs = 0): unknown {
  if (error instanceof ApiError || !isFetchError(error) || error.cancelled) {
    return error;
  }
  const { status, statusText } = error;
  // Grafana repeats the status in the place of an empty body.
  const data: unknown = textOf(error.data) === statusText ? undefined : error.data;
  return isProxyUnauthorized(status, data)
    ? new ApiError('unauthorized', 401)
    : new ApiError(
        status === 502 && elapsedMs > SLOWEST_REFUSAL_MS ? 'timeout' : kindOf(status, data),
        status,
        data,
      );
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) {
    return error.message;
  }
  return isFetchError(error) ? (textOf(error.data) ?? `Status ${error.status}`) : String(error);
}

/** What a body says to a reader; a page of HTML says nothing. */
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
      // Without the exporter's body it was Grafana, or something between the two.
      return !body ? 'denied' : body.code === 'ANALYTICS_NOT_AVAILABLE' ? 'tier' : 'scope';
    }
    case 404: {
      const { code } = wireError(data) ?? {};
      // Of a thing that is not there the code says which; a route that is not there has the plain one, or none.
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

/** With a capital, unless it begins with the name of a metric, which stays as it is. */
export function sentence(message: string): string {
  return /^[a-z]+\b/.test(message) ? message.charAt(0).toUpperCase() + message.slice(1) : message;
}

export function wireError(data: unknown): WireError | undefined {
  const error = (typeof data === 'object' && data !== null ? data : {}) as Partial<WireError>;
  const { code, message, details } = error;
  return typeof code === 'string' && typeof message === 'string' ? { code, message, details } : undefined;
}

/** The whole body that Grafana's data proxy puts in the place of an upstream 401, whose headers it drops too. */
const PROXY_UNAUTHORIZED = 'Authentication to data source failed';

function isProxyUnauthorized(status: number, data: unknown): boolean {
  return status === 400 && Boolean(textOf(data)?.includes(PROXY_UNAUTHORIZED));
}
