/** What the client can be told, and the limits that the service sets. */
import type { AnalyticsError } from './errors.js';
import type { SentItem } from './items.js';

/** Signals that a process can be asked to end by. */
export type EndSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGQUIT';

export interface AnalyticsClientOptions {
  /** Where the service answers, such as `https://analytics.example.com`; a path before `/api/v1` is kept. */
  url: string;
  /**
   * Bearer token with the scope `analytics:write`, or a function that gives one; it is asked before every request, so
   * that it can renew what is about to expire.
   */
  token: string | (() => string | Promise<string>);
  /** Default: the global one. */
  fetch?: typeof fetch;
  /** How long an item may wait for others to be sent with, milliseconds. Default 1,000. */
  flushIntervalMs?: number;
  /** Items of a request; so many do not wait any longer. At most 1,000 executions go in one. Default 1,000. */
  maxBatch?: number;
  /** Items that may wait; then the oldest are dropped. Default 10,000. */
  maxQueue?: number;
  /** The same in bytes of JSON. Default 64 MiB. */
  maxQueueBytes?: number;
  /** For the answer to one request, milliseconds. Default 10,000. */
  timeoutMs?: number;
  /** Further tries of a request that may yet succeed. Default 10. */
  maxRetries?: number;
  /** No try begins later than this after the first, milliseconds. Default 5 minutes. */
  maxRetryMs?: number;
  /** The wait before a further try is random, from 0 to this doubled with each try; milliseconds. Default 250. */
  retryBaseMs?: number;
  /** It never doubles beyond this, milliseconds. Default 30,000. */
  retryCapMs?: number;
  /**
   * Told of all that does not arrive: one item that the service has refused, all items of a request that was given up, or
   * none where the queue was full and `error.details` has their number. Default: a warning of the process, once a code.
   */
  onError?: (error: AnalyticsError, items: readonly SentItem[]) => void;
  /** Sends what waits when the process has nothing else left to do. Default true. */
  flushOnExit?: boolean;
  /** Does so as well on a signal, and then lets the signal end the process. `true`: SIGINT and SIGTERM. Default false. */
  flushOnSignals?: boolean | readonly EndSignal[];
  /** The longest that either holds up the end of the process, milliseconds. Default 5,000. */
  exitTimeoutMs?: number;
}

/** Limits of one request, as the service has them. */
export const MAX_EXECUTIONS = 1_000;
export const MAX_ITEMS = 10_000;
export const MAX_BODY_BYTES = 16 * 1024 * 1024;

const DEFAULTS = {
  flushIntervalMs: 1_000,
  maxBatch: 1_000,
  maxQueue: 10_000,
  maxQueueBytes: 64 * 1024 * 1024,
  timeoutMs: 10_000,
  maxRetries: 10,
  maxRetryMs: 5 * 60_000,
  retryBaseMs: 250,
  retryCapMs: 30_000,
  exitTimeoutMs: 5_000,
};

type Limits = typeof DEFAULTS;

/** The least that makes sense; nothing where 0 does. */
const AT_LEAST_ONE: ReadonlySet<string> = new Set(['maxBatch', 'maxQueue', 'maxQueueBytes', 'timeoutMs']);

export type Settings = Limits & Pick<AnalyticsClientOptions, 'token' | 'fetch' | 'onError'> & { url: string };

/** @throws TypeError for a url or a number that cannot be meant */
export function settingsOf(options: AnalyticsClientOptions): Settings {
  const { url, token, fetch, onError } = options;
  const limits = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS) as (keyof Limits)[]) {
    const value = options[name] ?? DEFAULTS[name];
    const least = AT_LEAST_ONE.has(name) ? 1 : 0;
    if (!(value >= least)) throw new TypeError(`${name} must be a number from ${least} on, not ${value}`);
    limits[name] = value;
  }
  if (!URL.canParse(url) || !/^https?:/i.test(url)) {
    throw new TypeError(`url must be an http or https address, not ${JSON.stringify(url)}`);
  }
  if (typeof token !== 'function' && (typeof token !== 'string' || token === '')) {
    throw new TypeError('token must be a text or a function that gives one');
  }
  return { ...limits, url: url.replace(/\/+$/, ''), token, fetch, onError };
}
