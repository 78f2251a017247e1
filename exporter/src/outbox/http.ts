/** Sends messages as HTTP requests, in the format of the channel's type. */
import { messageOf } from '../errors.js';
import { type OutboundGuard, RefusedDestination } from '../outbound/guard.js';
import { type OutboundAnswer, sendRequest } from '../outbound/request.js';
import type { Channels } from './channels/channels.js';
import type { Delivered } from './deliveries.js';
import { FORMATS } from './formats/formats.js';
import type { Delivery, Receiver } from './outbox.js';

/** Statuses that say that the request is wrong, or the receiver gone: no retry mends that. */
const PERMANENT = [400, 410, 413, 422];
const MAX_SHOWN_ANSWER = 200;

export interface HttpDeps {
  channels: Pick<Channels, 'open'>;
  guard: OutboundGuard;
  pagerdutyUrl: string;
  now: () => number;
  timeoutMs?: number;
}

export class HttpReceiver implements Receiver<Delivered> {
  constructor(private readonly deps: HttpDeps) {}

  async deliver(message: Delivered): Promise<Delivery> {
    const { channels, guard, now, timeoutMs, pagerdutyUrl } = this.deps;
    const { tenantId } = message;
    const name = message.channel!;
    const retry = [name];
    try {
      const channel = await channels.open(tenantId, name);
      if (channel === undefined || channel.type === 'email')
        return { sent: false, retry: [], error: `there is no channel "${name}"` };
      const { url, headers, body } = FORMATS[channel.type](message, channel.config, {
        now: now(),
        pagerdutyUrl,
      });
      const answer = await sendRequest(guard, {
        ...{ url: new URL(url), method: 'POST', headers, body, timeoutMs },
      });
      return deliveryOf(answer, retry, now());
    } catch (error) {
      // A refused destination may be a name whose addresses change, or become allowed.
      const what = error instanceof RefusedDestination ? error.message : `not reached: ${messageOf(error)}`;
      return { sent: false, retry, error: what, postpones: true };
    }
  }

  close(): void {
    // Each request has a connection of its own.
  }
}

function deliveryOf({ status, headers, text }: OutboundAnswer, retry: string[], now: number): Delivery {
  const shown = text.replace(/\s+/g, ' ').trim().slice(0, MAX_SHOWN_ANSWER);
  const answer = shown === '' ? String(status) : `${status}: ${shown}`;
  if (status >= 200 && status < 300) return { sent: true, retry: [], error: null, answer };
  const isRedirect = status >= 300 && status < 400;
  return {
    sent: false,
    retry: PERMANENT.includes(status) ? [] : retry,
    error: isRedirect
      ? `answered ${status}, a redirect to ${headers.location ?? 'nowhere'}; redirects are not followed`
      : `answered ${answer}`,
    answer,
    retryAfterSeconds: retryAfter(headers['retry-after'], now),
  };
}

/** `Retry-After`: seconds or a date. */
function retryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}
