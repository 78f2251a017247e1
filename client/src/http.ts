/** One request and what came of it; nothing here tries twice. */
import { AnalyticsError, BudgetExceededError, type ErrorCode, messageOf } from './errors.js';
import type { Settings } from './options.js';

export type Outcome = { ok: true; status: number; body: unknown; requestId: string | null } | Failure;

export interface Failure {
  ok: false;
  error: AnalyticsError;
  /** What the service asked for in `Retry-After`, milliseconds. */
  retryAfterMs: number | null;
  /** It is certain that the service has not acted on the request. */
  untouched: boolean;
}

export interface Request {
  method: 'POST' | 'DELETE';
  path: string;
  body?: string;
  timeoutMs: number;
  /** Gives it up, with the reason as the error. */
  signal?: AbortSignal;
  /** Keeps the process alive until there is an answer, as somebody waits for it. Default false. */
  hold?: boolean;
}

/** Ways in which a connection fails before anything could be sent. */
const NEVER_CONNECTED: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** What passes by itself: too much at once, and all that the service or something before it did not manage. */
const mayPass = (status: number | null): boolean => status === 429 || (status !== null && status >= 500);
const RETRYABLE_CODE: ReadonlySet<ErrorCode> = new Set(['NETWORK_ERROR', 'TIMEOUT', 'TOKEN_ERROR']);

/** Whether the same request may yet succeed. */
export function isRetryable({ error }: Failure): boolean {
  // A 2xx that is not the service's comes from something in between, which may be gone the next time.
  const foreign = error.code === 'HTTP_ERROR' && error.status !== null && error.status < 300;
  return RETRYABLE_CODE.has(error.code) || mayPass(error.status) || foreign;
}

export async function send(settings: Settings, request: Request): Promise<Outcome> {
  const controller = new AbortController();
  const { signal } = controller;
  const { timeoutMs } = request;
  const timer = setTimeout(() => {
    controller.abort(new AnalyticsError('TIMEOUT', `no answer within ${Math.round(timeoutMs)} ms`));
  }, timeoutMs);
  if (request.hold !== true) timer.unref();
  const giveUp = (): void => controller.abort(request.signal?.reason);
  if (request.signal?.aborted === true) giveUp();
  request.signal?.addEventListener('abort', giveUp);
  // A token's function or a fetch that ignores the signal must not outlast it either.
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
    // Followed, a POST may become a GET, and the token may be left behind.
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
    untouched: status === 429 || (status === 503 && isErrorAnswer(parsed) && saysUntouched(parsed)),
  };
}

async function tokenOf({ token }: Settings): Promise<string> {
  if (typeof token === 'string') return token;
  try {
    return await token();
  } catch (cause) {
    throw new AnalyticsError('TOKEN_ERROR', `no token: ${messageOf(cause)}`, { cause });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

interface ErrorAnswer {
  code: ErrorCode;
  message: string;
  details?: unknown;
}

const isErrorAnswer = (body: unknown): body is ErrorAnswer =>
  typeof body === 'object' &&
  body !== null &&
  typeof (body as ErrorAnswer).code === 'string' &&
  typeof (body as ErrorAnswer).message === 'string';

/** The service's own 503 does, unless it names a reservation that it may have made. */
const saysUntouched = ({ code, details }: ErrorAnswer): boolean =>
  code === 'UNAVAILABLE' && reservationOf(details) === undefined;

const reservationOf = (details: unknown): unknown =>
  (details as { reservation_id?: unknown } | null | undefined)?.reservation_id;

function errorOf(
  status: number,
  body: unknown,
  location: string | null,
  requestId: string | null,
): AnalyticsError {
  if (!isErrorAnswer(body)) {
    const to = location === null ? '' : ` (to ${location}: give that address as the url)`;
    return new AnalyticsError('HTTP_ERROR', `status ${status}${to}, and not an answer of the service`, {
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

function failureOf(thrown: unknown): Failure {
  if (thrown instanceof AnalyticsError) {
    return { ok: false, error: thrown, retryAfterMs: null, untouched: thrown.code === 'TOKEN_ERROR' };
  }
  // fetch says only "fetch failed"; what failed is the cause.
  const cause = (thrown as { cause?: { code?: unknown } } | null)?.cause;
  const message = cause === undefined ? messageOf(thrown) : `${messageOf(thrown)}: ${messageOf(cause)}`;
  return {
    ok: false,
    error: new AnalyticsError('NETWORK_ERROR', message, { cause: thrown }),
    retryAfterMs: null,
    untouched: NEVER_CONNECTED.has(cause?.code),
  };
}

/** Seconds, or a date; null for neither. */
export function parseRetryAfter(value: string | null, now = Date.now()): number | null {
  if (value === null) return null;
  if (/^\s*\d+(\.\d+)?\s*$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

/** Full jitter: anything from nothing to the base doubled with every try, so that clients do not come back together. */
export function backoffMs(
  retry: number,
  { retryBaseMs, retryCapMs }: Pick<Settings, 'retryBaseMs' | 'retryCapMs'>,
  random: () => number = Math.random,
): number {
  return random() * Math.min(retryCapMs, retryBaseMs * 2 ** retry);
}
