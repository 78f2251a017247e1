/** Options of the client, and limits of the service. */
import type { AnalyticsError } from './errors.js';
import type { SentItem } from './items.js';

/** Signals that ask a process to terminate. */
export type EndSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGQUIT';

export interface AnalyticsClientOptions {
  /** Base URL of the service, such as `https://analytics.example.com`. It can include a path before `/api/v1`. */
  url: string;
  /**
   * Bearer token with the scope `analytics:write`, or a function that returns one. The function is called before every
   * request, so that it can renew the token.
   */
  token: string | (() => string | Promise<string>);
  /** Default: the global `fetch`. */
  fetch?: typeof fetch;
  /** Longest time that an item waits for others, in milliseconds. Default 1,000. */
  flushIntervalMs?: number;
  /** Items per request; a full batch is sent immediately. The limit for executions is 1,000. Default 1,000. */
  maxBatch?: number;
  /** Maximum number of queued items. If exceeded, the oldest are dropped. Default 10,000. */
  maxQueue?: number;
  /** Maximum size of the queue, in bytes of JSON. Default 64 MiB. */
  maxQueueBytes?: number;
  /** Timeout of a request, in milliseconds. Default 10,000. */
  timeoutMs?: number;
  /** Maximum number of retries. Default 10. */
  maxRetries?: number;
  /** No retry starts later than this after the first attempt, in milliseconds. Default 5 minutes. */
  maxRetryMs?: number;
  /** The delay before a retry is random, from 0 to this value, which doubles with each attempt; milliseconds. Default 250. */
  retryBaseMs?: number;
  /** Upper limit of the delay, in milliseconds. Default 30,000. */
  retryCapMs?: number;
  /**
   * Called for items that are not delivered: with one item that the service rejected, with all items of a dropped request,
   * or with none if the queue was full; `error.details` then has their number. Default: a process warning, once per code.
   */
  onError?: (error: AnalyticsError, items: readonly SentItem[]) => void;
  /** Sends the queue when the process has nothing left to do. Default true. */
  flushOnExit?: boolean;
  /** Also sends the queue on signals, before they end the process. `true` means SIGINT and SIGTERM. Default false. */
  flushOnSignals?: boolean | readonly EndSignal[];
  /** Longest time that either delays the exit, in milliseconds. Default 5,000. */
  exitTimeoutMs?: number;
}

/** The service's limits of one request. */
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

/** Options that must not be 0. */
const AT_LEAST_ONE: ReadonlySet<string> = new Set(['maxBatch', 'maxQueue', 'maxQueueBytes', 'timeoutMs']);

export type Settings = Limits & Pick<AnalyticsClientOptions, 'token' | 'fetch' | 'onError'> & { url: string };

/** @throws TypeError for an invalid option */
export function settingsOf(options: AnalyticsClientOptions): Settings {
  const { url, token, fetch, onError } = options;
  const limits = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS) as (keyof Limits)[]) {
    const value = options[name] ?? DEFAULTS[name];
    const least = AT_LEAST_ONE.has(name) ? 1 : 0;
    if (!(value >= least)) throw new TypeError(`${name} must be a number of at least ${least}, not ${value}`);
    limits[name] = value;
  }
  if (!URL.canParse(url) || !/^https?:/i.test(url)) {
    throw new TypeError(`url must be an http or https address, not ${JSON.stringify(url)}`);
  }
  if (typeof token !== 'function' && (typeof token !== 'string' || token === '')) {
    throw new TypeError('token must be a non-empty string or a function');
  }
  return { ...limits, url: url.replace(/\/+$/, ''), token, fetch, onError };
}
