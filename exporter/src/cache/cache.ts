/** Answers as serialized bytes: in memory, behind it in Redis, and computed once by whoever needs them first. */
import { LRUCache } from 'lru-cache';
import { cacheKey, type CacheSubject } from './key.js';
import { createSharedStore, type CacheLog, type RedisLike } from './shared.js';

export interface CacheOptions {
  /** Shared by the replicas; without it each has its memory only. Closed by whoever made it. */
  redis?: RedisLike;
  /** Most bytes held in memory, keys and bookkeeping included. */
  maxBytes: number;
  /** A monotonic clock in milliseconds. */
  now?: () => number;
  log: CacheLog;
  /** `hit`: answered without a computation of its own. `miss`: computed. */
  counters?: { hit(endpoint: string): void; miss(endpoint: string): void };
}

export interface CacheRequest extends CacheSubject {
  /** How long the answer may be given again; 0: not at all. */
  ttlSeconds: number;
}

export interface Cache {
  /**
   * The kept answer, or what `compute` resolves to. Calls with one key at one time share a computation; one that
   * fails rejects them all and is not kept. A failing Redis never makes it reject.
   */
  getOrCompute(request: CacheRequest, compute: () => Promise<Buffer>): Promise<Buffer>;
  /** Forgets the memory and waits for the writes to Redis that are under way. */
  close(): Promise<void>;
}

/** What an entry costs beside its bytes, roughly. */
const ENTRY_BYTES = 300;

export function createCache(options: CacheOptions): Cache {
  const { redis, maxBytes, log, counters, now = () => performance.now() } = options;
  const shared = redis && createSharedStore(redis, log, now);
  const flights = new Map<string, Promise<Buffer>>();
  const memory = new LRUCache<string, Buffer>({
    maxSize: maxBytes,
    // One giant must not push out everything else.
    maxEntrySize: Math.ceil(maxBytes / 4),
    sizeCalculation: (value, key) => value.length + key.length + ENTRY_BYTES,
    perf: { now },
    ttlResolution: 0,
  });

  function remember(key: string, value: Buffer, ttlMs: number): void {
    const ttl = Math.floor(ttlMs);
    // lru-cache takes 0 for "for ever".
    if (ttl > 0) memory.set(key, ownBytes(value), { ttl });
  }

  async function fetch(key: string, request: CacheRequest, compute: () => Promise<Buffer>): Promise<Buffer> {
    const { endpoint, ttlSeconds } = request;
    const ttlMs = Math.floor(ttlSeconds * 1000);
    const answer = ttlMs > 0 ? await shared?.read(key) : undefined;
    if (answer?.found !== undefined) {
      const { value } = answer.found;
      remember(key, value, Math.min(answer.found.ttlMs, ttlMs));
      counters?.hit(endpoint);
      return value;
    }
    counters?.miss(endpoint);
    const value = await compute();
    remember(key, value, ttlMs);
    // A Redis that could not be read a moment ago is not given more to do.
    if (answer !== undefined) shared?.write(key, value, ttlMs);
    return value;
  }

  return {
    async getOrCompute(request, compute) {
      const key = cacheKey(request);
      const known = memory.get(key);
      const flight = known === undefined ? flights.get(key) : undefined;
      if (known !== undefined || flight !== undefined) {
        const value = known ?? (await flight!);
        counters?.hit(request.endpoint);
        return value;
      }
      const mine = fetch(key, request, compute).finally(() => flights.delete(key));
      flights.set(key, mine);
      return mine;
    },

    async close() {
      memory.clear();
      await shared?.flush();
    },
  };
}

/** A small Buffer is often a slice of a larger one, which memory would hold whole without counting it. */
function ownBytes(value: Buffer): Buffer {
  if (value.buffer.byteLength === value.length) return value;
  const own = Buffer.allocUnsafeSlow(value.length);
  value.copy(own);
  return own;
}
