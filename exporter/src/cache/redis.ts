/** The Redis client of the cache and of the rate limits. */
import { Redis } from 'ioredis';
import { errorCode, messageOf } from '../errors.js';
import type { CacheLog } from './shared.js';

/** Nothing waits longer for Redis than this: by then the database would have answered. */
const COMMAND_TIMEOUT_MS = 100;
/**
 * Silence for so long while a command waits ends the connection; until the next stands, commands fail at once.
 * Longer than a command may take, so that a busy moment of this process does not pass for a dead Redis.
 */
const SILENCE_TIMEOUT_MS = 250;
const CONNECT_TIMEOUT_MS = 2_000;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 2_000;

/**
 * Connects in the background, and again for ever, at most two seconds apart. Without a connection every command is
 * rejected at once, otherwise within 100 ms. The log has one line for each change between connected and away.
 * @param url `redis://` or `rediss://`, may hold a password, which is never logged
 */
export function createRedis(url: string, log: CacheLog): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: (attempt) => Math.min(FIRST_RETRY_MS * 2 ** Math.min(attempt - 1, 10), LONGEST_RETRY_MS),
  });
  let away = false;
  let reason = 'the connection was closed';
  // Only the text: the error of a refused login carries the command, and with it the password.
  redis.on('error', (error: unknown) => {
    reason = reasonOf(error);
  });
  redis.on('reconnecting', () => {
    if (!away) log.warn({ reason }, 'Redis is away: going on without it');
    away = true;
  });
  redis.on('ready', () => {
    log.info({}, away ? 'Redis is back' : 'Redis is connected');
    away = false;
    reason = 'the connection was closed';
  });
  return redis;
}

/** An error of several failed addresses has a code and no message. */
function reasonOf(error: unknown): string {
  return messageOf(error) || (errorCode(error) ?? 'unknown');
}
