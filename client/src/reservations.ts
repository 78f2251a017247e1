/** Budget reservations. The caller waits for the result, so all attempts together take at most `timeoutMs`. */
import { AnalyticsError } from './errors.js';
import { backoffMs, type Failure, isRetryable, type Outcome, type Request, send } from './http.js';
import type { Settings } from './options.js';
import type { Reservation, ReservationRequest } from './types.js';

const PATH = '/api/v1/analytics/budgets/reservations';

export async function reserve(settings: Settings, request: ReservationRequest): Promise<Reservation> {
  const outcome = await sendWithRetries(
    settings,
    { method: 'POST', path: PATH, body: JSON.stringify(request) },
    isRefused,
  );
  if (!outcome.ok) throw outcome.error;
  const reservation = outcome.body as Reservation | null;
  if (typeof reservation?.id === 'string') return reservation;
  throw foreign(outcome);
}

/** Of what creates something: after any other failure it may exist, and a retry would create a second one. */
export const isRefused = (failure: Failure): boolean => isRetryable(failure) && failure.notProcessed;

/** The error for a success that is not from the service. */
export const foreign = ({ status, requestId }: Extract<Outcome, { ok: true }>): AnalyticsError =>
  new AnalyticsError('HTTP_ERROR', `status ${status}; the response is not from the service`, {
    status,
    requestId,
  });

export const release = (settings: Settings, id: string): Promise<void> =>
  remove(settings, `${PATH}/${encodeURIComponent(id)}`);

/** Deletes what a path names. */
export async function remove(settings: Settings, path: string): Promise<void> {
  let attempts = 0;
  const outcome = await sendWithRetries(settings, { method: 'DELETE', path }, (failure) => {
    attempts += 1;
    return isRetryable(failure);
  });
  // A 404 after a retry means that the first attempt succeeded, but its response was lost.
  if (!outcome.ok && !(outcome.error.status === 404 && attempts > 1)) throw outcome.error;
}

/** All attempts together take at most `timeoutMs`. */
export async function sendWithRetries(
  settings: Settings,
  request: Omit<Request, 'timeoutMs'>,
  mayRetry: (failure: Failure) => boolean,
): Promise<Outcome> {
  const deadline = Date.now() + settings.timeoutMs;
  for (let retry = 0; ; retry += 1) {
    const timeoutMs = Math.max(1, deadline - Date.now());
    const outcome = await send(settings, { ...request, timeoutMs, keepAlive: true });
    if (outcome.ok || !mayRetry(outcome) || retry >= settings.maxRetries) return outcome;
    const wait = outcome.retryAfterMs ?? backoffMs(retry, settings);
    if (Date.now() + wait >= deadline) return outcome;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}
