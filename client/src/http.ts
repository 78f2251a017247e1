/** Sends one request, without retries. */
import { AnalyticsError, BudgetExceededError, type ErrorCode, messageOf } from './errors.js';
import type { Settings } from './options.js';

export type Outcome = { ok: true; status: number; body: unknown; requestId: string | null } | Failure;

export interface Failure {
  ok: false;
  error: AnalyticsError;
  /** `Retry-After` in milliseconds. */
  retryAfterMs: number | null;
  /** Whether it is certain that the service has not processed the request. */
  notProcessed: boolean;
}

export interface Request {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  body?: string;
  timeoutMs: number;
  /** Aborts the request, with the reason as the error. */
  signal?: AbortSignal;
  /** Keeps the process alive until there is a response. Default false. */
  keepAlive?: boolean;
}

/** Codes of connections that failed before anything was sent. */
const NEVER_CONNECTED: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Temporary errors: too many requests, and errors of the service or a proxy. */
const isTemporary = (status: number | null): boolean => status === 429 || (status !== null && status >= 500);
const RETRYABLE_CODE: ReadonlySet<ErrorCode> = new Set(['NETWORK_ERROR', 'TIMEOUT', 'TOKEN_ERROR']);

/** Whether the same request may succeed later. */
export function isRetryable({ error }: Failure): boolean {
  // A 2xx that is not from the service comes from a proxy, and may be temporary.
  const foreign = error.code === 'HTTP_ERROR' && error.status !== null && error.status < 300;
  return RETRYABLE_CODE.has(error.code) || isTemporary(error.status) || foreign;
}

export async function send(settings: Settings, request: Request): Promise<Outcome> {
  const controller = new AbortController();
  const { signal } = controller;
  const { timeoutMs } = request;
  const timer = setTimeout(() => {
    controller.abort(new AnalyticsError('TIMEOUT', `no response within ${Math.round(timeoutMs)} ms`));
  }, timeoutMs);
  if (request.keepAlive !== true) timer.unref();
  const giveUp = (): void => controller.abort(request.signal?.reason);
  if (request.signal?.aborted === true) giveUp();
  request.signal?.addEventListener('abort', giveUp);
  // The `token` function, or a `fetch` that ignores the signal, must not exceed the timeout either.
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
  try {
    return await Promise.race([exchange(settings, request, signal), aborted]);
  } catch (thrown) {
    return failureOf(thrown);
  } finally {
    clearTimeout(timer);
    request.signal?.removeEventListener('abort', giveUp);
  }
}

async function exchange(
  settings: Settings,
  { method, path, body }: Request,
  signal: AbortSignal,
): Promise<Outcome> {
  const token = await tokenOf(settings);
  const response = await (settings.fetch ?? fetch)(settings.url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body,
    signal,
    // Following a redirect may turn a POST into a GET and drop the token.
    redirect: 'manual',
  });
  const text = await response.text();
  const requestId = response.headers.get('x-request-id');
  const { status } = response;
  const parsed = parse(text);
  if (status === 204 || (status >= 200 && status < 300 && parsed !== undefined)) {
    return { ok: true, status, body: parsed, requestId };
  }
  return {
    ok: false,
    error: errorOf(status, parsed, response.headers.get('location'), requestId),
    retryAfterMs: parseRetryAfter(response.headers.get('retry-after')),
    notProcessed: status === 429 || (status === 503 && isErrorBody(parsed) && confirmsNotProcessed(parsed)),
  };
}

export async function tokenOf({ token }: Settings): Promise<string> {
  if (typeof token === 'string') return token;
  try {
    return await token();
  } catch (cause) {
    throw new AnalyticsError('TOKEN_ERROR', `the token function failed: ${messageOf(cause)}`, { cause });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

interface ErrorBody {
  code: ErrorCode;
  message: string;
  details?: unknown;
}

const isErrorBody = (body: unknown): body is ErrorBody =>
  typeof body === 'object' &&
  body !== null &&
  typeof (body as ErrorBody).code === 'string' &&
  typeof (body as ErrorBody).message === 'string';

/** True for a 503 of the service, unless it names a reservation that it may have created. */
const confirmsNotProcessed = ({ code, details }: ErrorBody): boolean =>
  code === 'UNAVAILABLE' && reservationOf(details) === undefined;

const reservationOf = (details: unknown): unknown =>
  (details as { reservation_id?: unknown } | null | undefined)?.reservation_id;

function errorOf(
  status: number,
  body: unknown,
  location: string | null,
  requestId: string | null,
): AnalyticsError {
  if (!isErrorBody(body)) {
    const to = location === null ? '' : ` (redirect to ${location}; use that address as the url)`;
    return new AnalyticsError('HTTP_ERROR', `status ${status}${to}; the response is not from the service`, {
      status,
      requestId,
    });
  }
  const { code, message, details } = body;
  const options = { status, details, requestId };
  return status === 402
    ? new BudgetExceededError(message, options)
    : new AnalyticsError(code, message, options);
}

/** The error of a response that is none of the service's successes. */
export async function refusalOf(response: Response): Promise<AnalyticsError> {
  const { status, headers } = response;
  return errorOf(status, parse(await response.text()), headers.get('location'), headers.get('x-request-id'));
}

function failureOf(thrown: unknown): Failure {
  if (thrown instanceof AnalyticsError) {
    return { ok: false, error: thrown, retryAfterMs: null, notProcessed: thrown.code === 'TOKEN_ERROR' };
  }
  // The error of fetch only says "fetch failed"; the reason is its cause.
  const cause = (thrown as { cause?: { code?: unknown } } | null)?.cause;
  const message = cause === undefined ? messageOf(thrown) : `${messageOf(thrown)}: ${messageOf(cause)}`;
  return {
    ok: false,
    error: new AnalyticsError('NETWORK_ERROR', message, { cause: thrown }),
    retryAfterMs: null,
    notProcessed: NEVER_CONNECTED.has(cause?.code),
  };
}

/** Parses seconds or a date; null if it is neither. */
export function parseRetryAfter(value: string | null, now = Date.now()): number | null {
  if (value === null) return null;
  if (/^\s*\d+(\.\d+)?\s*$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

/** Exponential backoff with full jitter, so that clients do not retry at the same time. */
export function backoffMs(
  retry: number,
  { retryBaseMs, retryCapMs }: Pick<Settings, 'retryBaseMs' | 'retryCapMs'>,
  random: () => number = Math.random,
): number {
  return random() * Math.min(retryCapMs, retryBaseMs * 2 ** retry);
}
