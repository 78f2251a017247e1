/** Caches serialized responses in memory and in Redis. Concurrent requests for the same response compute it once. */
import { LRUCache } from 'lru-cache';
import { cacheKey, type CacheSubject } from './key.js';
import { createSharedStore, type CacheLog, type RedisLike } from './shared.js';

export interface CacheOptions {
  /** Shared by the replicas. Without it, each replica only has its own memory cache. The caller closes it. */
  redis?: RedisLike;
  /** Size limit of the memory cache, including keys and bookkeeping. */
  maxBytes: number;
  /** A monotonic clock in milliseconds. */
  now?: () => number;
  log: CacheLog;
  /** `hit`: served without its own computation. `miss`: computed. */
  counters?: { hit(endpoint: string): void; miss(endpoint: string): void };
}

export interface CacheRequest extends CacheSubject {
  /** How long the response is cached; 0 disables caching. */
  ttlSeconds: number;
}

export interface Cache {
  /**
   * Returns the cached response, or the result of `compute`. Concurrent calls with the same key share a computation. If it
   * fails, all of them reject, and nothing is cached. Errors of Redis never cause a rejection.
   */
  getOrCompute(request: CacheRequest, compute: () => Promise<Buffer>): Promise<Buffer>;
  /** Clears the memory cache, and waits for pending writes to Redis. */
  close(): Promise<void>;
}

/** Approximate overhead per entry. */
const ENTRY_BYTES = 300;

export function createCache(options: CacheOptions): Cache {
  const { redis, maxBytes, log, counters, now = () => performance.now() } = options;
  const shared = redis && createSharedStore(redis, log, now);
  const inFlight = new Map<string, Promise<Buffer>>();
  const memory = new LRUCache<string, Buffer>({
    maxSize: maxBytes,
    // One large response must not evict everything else.
    maxEntrySize: Math.ceil(maxBytes / 4),
    sizeCalculation: (value, key) => value.length + key.length + ENTRY_BYTES,
    perf: { now },
    ttlResolution: 0,
  });

  function remember(key: string, value: Buffer, ttlMs: number): void {
    const ttl = Math.floor(ttlMs);
    // In lru-cache, a ttl of 0 means no expiry.
    if (ttl > 0) memory.set(key, ownBytes(value), { ttl });
  }

  async function fetch(key: string, request: CacheRequest, compute: () => Promise<Buffer>): Promise<Buffer> {
    const { endpoint, ttlSeconds } = request;
    const ttlMs = Math.floor(ttlSeconds * 1000);
    const lookup = ttlMs > 0 ? await shared?.read(key) : undefined;
    if (lookup?.found !== undefined) {
      const { value } = lookup.found;
      remember(key, value, Math.min(lookup.found.ttlMs, ttlMs));
      counters?.hit(endpoint);
      return value;
    }
    counters?.miss(endpoint);
    const value = await compute();
    remember(key, value, ttlMs);
    // Do not write to a Redis whose read has just failed.
    if (lookup !== undefined) shared?.write(key, value, ttlMs);
    return value;
  }

  return {
    async getOrCompute(request, compute) {
      const key = cacheKey(request);
      const known = memory.get(key);
      const flight = known === undefined ? inFlight.get(key) : undefined;
      if (known !== undefined || flight !== undefined) {
        const value = known ?? (await flight!);
        counters?.hit(request.endpoint);
        return value;
      }
      const mine = fetch(key, request, compute).finally(() => inFlight.delete(key));
      inFlight.set(key, mine);
      return mine;
    },

    async close() {
      memory.clear();
      await shared?.flush();
    },
  };
}

/** Copies a slice of a larger buffer. Otherwise the entry would keep the whole buffer in memory without counting it. */
function ownBytes(value: Buffer): Buffer {
  if (value.buffer.byteLength === value.length) return value;
  const own = Buffer.allocUnsafeSlow(value.length);
  value.copy(own);
  return own;
}
