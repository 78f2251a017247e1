/** Money held before an agent runs. Whoever asks is waiting: every try ends within `timeoutMs` of the first. */
import { AnalyticsError } from './errors.js';
import { backoffMs, type Failure, isRetryable, type Outcome, type Request, send } from './http.js';
import type { Settings } from './options.js';
import type { Reservation, ReservationRequest } from './types.js';

const PATH = '/api/v1/analytics/budgets/reservations';

export async function reserve(settings: Settings, request: ReservationRequest): Promise<Reservation> {
  const outcome = await insist(
    settings,
    { method: 'POST', path: PATH, body: JSON.stringify(request) },
    // Anything else may have reserved already, and asking again would hold the money twice.
    (failure) => isRetryable(failure) && failure.untouched,
  );
  if (!outcome.ok) throw outcome.error;
  const reservation = outcome.body as Reservation | null;
  if (typeof reservation?.id === 'string') return reservation;
  const { status, requestId } = outcome;
  throw new AnalyticsError('HTTP_ERROR', `status ${status}, and not an answer of the service`, {
    status,
    requestId,
  });
}

export async function release(settings: Settings, id: string): Promise<void> {
  let tries = 0;
  const outcome = await insist(
    settings,
    { method: 'DELETE', path: `${PATH}/${encodeURIComponent(id)}` },
    (failure) => {
      tries += 1;
      return isRetryable(failure);
    },
  );
  // After a try whose answer was lost, that there is no such reservation is what was wanted.
  if (!outcome.ok && !(outcome.error.status === 404 && tries > 1)) throw outcome.error;
}

async function insist(
  settings: Settings,
  request: Omit<Request, 'timeoutMs'>,
  mayRetry: (failure: Failure) => boolean,
): Promise<Outcome> {
  const deadline = Date.now() + settings.timeoutMs;
  for (let retry = 0; ; retry += 1) {
    const timeoutMs = Math.max(1, deadline - Date.now());
    const outcome = await send(settings, { ...request, timeoutMs, hold: true });
    if (outcome.ok || !mayRetry(outcome) || retry >= settings.maxRetries) return outcome;
    const wait = outcome.retryAfterMs ?? backoffMs(retry, settings);
    if (Date.now() + wait >= deadline) return outcome;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}
