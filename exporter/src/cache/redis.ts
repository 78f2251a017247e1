/** The Redis client for the cache and the rate limits. */
import { Redis } from 'ioredis';
import { errorCode, messageOf } from '../errors.js';
import type { CacheLog } from './shared.js';

/** No request waits longer for Redis; the database would have responded by then. */
const COMMAND_TIMEOUT_MS = 100;
/**
 * If Redis sends nothing for this long while a command is pending, the connection is closed, and commands fail
 * immediately until it is reconnected. Longer than the command timeout, so that a busy event loop does not look like a
 * dead Redis.
 */
const SILENCE_TIMEOUT_MS = 250;
const CONNECT_TIMEOUT_MS = 2_000;
/** Shown by CLIENT LIST. */
const CONNECTION_NAME = 'agentidp-analytics';
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 2_000;

/**
 * Connects in the background and reconnects indefinitely, with at most two seconds between attempts. Commands are rejected
 * immediately while disconnected, otherwise within 100 ms. Logs one line when the connection is lost or restored.
 * @param url `redis://` or `rediss://`; may contain a password, which is never logged
 */
export function createRedis(url: string, log: CacheLog): Redis {
  const redis = new Redis(url, {
    connectionName: CONNECTION_NAME,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: (attempt) => Math.min(FIRST_RETRY_MS * 2 ** Math.min(attempt - 1, 10), LONGEST_RETRY_MS),
  });
  let isUnreachable = false;
  let reason = 'the connection was closed';
  // Only the message: the error of a failed login contains the command, including the password.
  redis.on('error', (error: unknown) => {
    reason = reasonOf(error);
  });
  redis.on('reconnecting', () => {
    if (!isUnreachable) log.warn({ reason }, 'Redis is unreachable; continuing without it');
    isUnreachable = true;
  });
  redis.on('ready', () => {
    log.info({}, isUnreachable ? 'Redis is reachable again' : 'Redis is connected');
    isUnreachable = false;
    reason = 'the connection was closed';
  });
  return redis;
}

/** If several addresses failed, the error has a code but no message. */
function reasonOf(error: unknown): string {
  return messageOf(error) || (errorCode(error) ?? 'unknown');
}
