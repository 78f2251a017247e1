/** The cache level that replicas share. Redis may be slow, unreachable or full at any time. */
import { messageOf } from '../errors.js';
import { createBreaker } from './breaker.js';

/** The part of an ioredis client that the cache uses. Every call must settle in bounded time, see `createRedis`. */
export interface RedisLike {
  getBuffer(key: string): Promise<Buffer | null>;
  pttl(key: string): Promise<number>;
  set(key: string, value: Buffer, unit: 'PX', milliseconds: number): Promise<unknown>;
}

/** The part of a pino logger that the cache writes to. */
export interface CacheLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface SharedValue {
  value: Buffer;
  /** Upper bound of the remaining time to live, in milliseconds. */
  ttlMs: number;
}

export interface SharedStore {
  /** `found` is undefined if Redis has no such key; the result is undefined if Redis failed. Never rejects. */
  read(key: string): Promise<{ found: SharedValue | undefined } | undefined>;
  /** Does not wait. Drops the value if too many bytes are already pending. */
  write(key: string, value: Buffer, ttlMs: number): void;
  /** Waits for the pending writes. */
  flush(): Promise<void>;
}

/** Limit of all pending writes together. */
const MAX_PENDING_BYTES = 16 * 1024 * 1024;

export function createSharedStore(redis: RedisLike, log: CacheLog, now: () => number): SharedStore {
  // Separate breakers, because a Redis that is full or read-only serves reads but refuses writes.
  const reading = createBreaker({ now, ...announce(log, 'reads') });
  const writing = createBreaker({ now, ...announce(log, 'writes') });
  const pending = new Set<Promise<unknown>>();
  let pendingBytes = 0;

  return {
    async read(key) {
      const askedAt = now();
      // One round trip. The time to live is read first: if the key is replaced in between, it is too short rather than
      // too long.
      const answer = await reading(() => Promise.all([redis.pttl(key), redis.getBuffer(key)]));
      if (answer === undefined) return undefined;
      const [pttl, value] = answer.value;
      const ttlMs = pttl - (now() - askedAt);
      // Includes keys that never expire (-1), which the cache has not written.
      if (value === null || ttlMs <= 0) return { found: undefined };
      return { found: { value, ttlMs } };
    },

    write(key, value, ttlMs) {
      if (pendingBytes + value.length > MAX_PENDING_BYTES) return;
      pendingBytes += value.length;
      const write = writing(() => redis.set(key, value, 'PX', ttlMs)).then(() => {
        pending.delete(write);
        pendingBytes -= value.length;
      });
      pending.add(write);
    },

    async flush() {
      await Promise.all(pending);
    },
  };
}

function announce(log: CacheLog, what: 'reads' | 'writes') {
  return {
    onOpen: (error: unknown) =>
      log.warn({ reason: messageOf(error) }, `${what} of the shared cache fail; continuing without Redis`),
    onClose: () => log.info({}, `${what} of the shared cache succeed again`),
  };
}
