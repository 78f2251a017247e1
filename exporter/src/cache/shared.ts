/** The level of the cache that replicas share: Redis, which may be slow, away or full at any moment. */
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
  /** Milliseconds that Redis keeps it from now on, at most. */
  ttlMs: number;
}

export interface SharedStore {
  /** `found` is undefined where Redis has no such key; the whole answer, where Redis gave none. Never rejects. */
  read(key: string): Promise<{ found: SharedValue | undefined } | undefined>;
  /** Does not wait. Dropped when too much is on its way already. */
  write(key: string, value: Buffer, ttlMs: number): void;
  /** Waits for the writes under way. */
  flush(): Promise<void>;
}

/** Bytes on their way to Redis, all writes together. */
const MAX_PENDING_BYTES = 16 * 1024 * 1024;

export function createSharedStore(redis: RedisLike, log: CacheLog, now: () => number): SharedStore {
  // Apart, because a Redis that is full or a read-only replica answers reads and refuses writes.
  const reading = createBreaker({ now, ...announce(log, 'reads') });
  const writing = createBreaker({ now, ...announce(log, 'writes') });
  const pending = new Set<Promise<unknown>>();
  let pendingBytes = 0;

  return {
    async read(key) {
      const askedAt = now();
      // One round trip. The time to live is read first: should the key be replaced in between, it is too short for
      // the value, never too long.
      const answer = await reading(() => Promise.all([redis.pttl(key), redis.getBuffer(key)]));
      if (answer === undefined) return undefined;
      const [pttl, value] = answer.value;
      const ttlMs = pttl - (now() - askedAt);
      // Also for a key that never expires (-1), which the cache has not written.
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
      log.warn({ reason: messageOf(error) }, `Redis fails the cache's ${what}: going on without it`),
    onClose: () => log.info({}, `Redis serves the cache's ${what} again`),
  };
}
