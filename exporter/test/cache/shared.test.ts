import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { freePort } from 'agentidp-analytics-embedded';
import { createCache, type Cache } from '../../src/cache/cache.js';
import { createRedis } from '../../src/cache/redis.js';
import { recordingLog, type RecordingLog } from '../support/log.js';
import { describeWith } from '../support/optional.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { connected, waitFor } from './waiting.js';

describeWith('redis-server', 'Redis behind the memory of two replicas', () => {
  let server: TestRedis;
  let clients: Redis[];
  let caches: Cache[];
  let log: RecordingLog;

  beforeEach(() => {
    clients = [];
    caches = [];
    log = recordingLog();
  });
  afterEach(async () => {
    await Promise.all(caches.map((cache) => cache.close()));
    for (const client of clients) client.disconnect();
    await server.stop();
  });

  function client(url = server.url): Redis {
    const redis = createRedis(url, log);
    clients.push(redis);
    return redis;
  }

  /** A replica with its own memory cache and the shared Redis. */
  function replica(redis: Redis, now?: () => number) {
    const cache = createCache({ redis, maxBytes: 1024 * 1024, log, now });
    caches.push(cache);
    return (query: unknown, answer: string, ttlSeconds = 60) => {
      const request = { tenantId: 'acme', endpoint: 'usage-summary', query, ttlSeconds };
      let computed = false;
      const compute = () => {
        computed = true;
        return Promise.resolve(Buffer.from(answer));
      };
      return cache.getOrCompute(request, compute).then((bytes) => ({ text: bytes.toString(), computed }));
    };
  }

  const linesAbout = (what: string) => log.lines.filter((line) => line.includes(what));

  it('shares a response between replicas as bytes under the documented key', async () => {
    server = await startRedis();
    const redis = await connected(client());
    const first = replica(redis);
    const second = replica(redis);
    const answer = '{"name":"Zoë 😀"}';
    expect(await first({ b: 1, a: 2 }, answer)).toEqual({ text: answer, computed: true });
    await caches[0]!.close();
    const keys = await redis.keys('*');
    expect(keys).toEqual([expect.stringMatching(/^analytics:acme:usage-summary:[0-9a-f]{64}$/)]);
    expect(await redis.get(keys[0]!)).toBe(answer);
    expect(await redis.pttl(keys[0]!)).toBeGreaterThan(59_000);
    expect(await second({ a: 2, b: 1 }, 'other')).toEqual({ text: answer, computed: false });
  });

  it('keeps binary data', async () => {
    server = await startRedis();
    const redis = await connected(client());
    const bytes = Buffer.from([0, 255, 13, 10, 128]);
    const request = { tenantId: 'acme', endpoint: 'e', query: 1, ttlSeconds: 60 };
    const [first, second] = [1, 2].map(() => createCache({ redis, maxBytes: 1024, log }));
    await first!.getOrCompute(request, () => Promise.resolve(bytes));
    await first!.close();
    expect(await second!.getOrCompute(request, () => Promise.reject(new Error('computed')))).toEqual(bytes);
  });

  it('limits the time to live in memory to its own', async () => {
    server = await startRedis();
    const redis = await connected(client());
    const clock = { now: 1_000 };
    await replica(redis)('q', 'old', 60);
    await caches[0]!.close();
    const [key] = await redis.keys('*');
    await redis.pexpire(key!, 5_000);
    const second = replica(redis, () => clock.now);
    expect((await second('q', 'new')).text).toBe('old');
    await redis.del(key!);
    clock.now += 4_000;
    expect((await second('q', 'new')).text).toBe('old');
    clock.now += 1_001;
    expect((await second('q', 'new')).text).toBe('new');
  });

  it('ignores keys without expiry', async () => {
    server = await startRedis();
    const redis = await connected(client());
    await replica(redis)('q', 'old');
    await caches[0]!.close();
    const [key] = await redis.keys('*');
    await redis.persist(key!);
    expect((await replica(redis)('q', 'new')).text).toBe('new');
    await caches[1]!.close();
    expect(await redis.pttl(key!)).toBeGreaterThan(0);
  });

  it('may be down at the start, and is used once it is reachable', async () => {
    const port = await freePort();
    const get = replica(client(`redis://127.0.0.1:${port}`));
    for (let i = 0; i < 10; i += 1) expect((await get(i, 'answer')).text).toBe('answer');
    server = await startRedis({ port });
    await waitFor(() => clients[0]!.status === 'ready');
    await waitFor(async () => {
      await get(Math.random(), 'answer');
      return (await clients[0]!.dbsize()) > 0;
    });
    expect(linesAbout('reads of the shared cache fail')).toHaveLength(1);
    expect(linesAbout('reads of the shared cache succeed again')).toHaveLength(1);
    expect(linesAbout('is unreachable')).toHaveLength(1);
    expect(linesAbout('is reachable again')).toHaveLength(1);
    expect(log.lines).toHaveLength(4);
  });

  it('may be lost and come back', async () => {
    server = await startRedis();
    const redis = await connected(client());
    const get = replica(redis);
    await get('before', 'answer');
    log.lines.length = 0;
    await server.stop();
    for (let i = 0; i < 20; i += 1) expect((await get(i, 'answer')).text).toBe('answer');
    expect((await get('before', 'other')).text).toBe('answer');
    server = await startRedis({ port: server.port });
    await waitFor(async () => {
      await get(Math.random(), 'answer');
      return redis.status === 'ready' && (await redis.dbsize()) > 0;
    });
    expect(linesAbout('is unreachable')).toHaveLength(1);
    expect(linesAbout('is reachable again')).toHaveLength(1);
    expect(linesAbout('of the shared cache')).toHaveLength(2);
  });

  it('may stop responding: few requests wait 100 ms, the others do not wait', async () => {
    server = await startRedis();
    const redis = await connected(client());
    const get = replica(redis);
    await get('before', 'answer');
    await caches[0]!.close();
    log.lines.length = 0;
    server.pause();
    const waits: number[] = [];
    const end = performance.now() + 3_000;
    for (let i = 0; performance.now() < end; i += 1) {
      const start = performance.now();
      expect((await get(i, 'answer')).text).toBe('answer');
      waits.push(performance.now() - start);
      await sleep(5);
    }
    expect(waits.length).toBeGreaterThan(60);
    expect(waits.filter((ms) => ms >= 95).length).toBeLessThanOrEqual(10);
    expect(linesAbout('of the shared cache')).toHaveLength(1);
    expect(linesAbout('is unreachable')).toHaveLength(1);
    server.resume();
    await waitFor(async () => {
      await get(Math.random(), 'answer');
      return linesAbout('reads of the shared cache succeed again').length === 1;
    });
    expect((await get('before', 'other')).computed).toBe(false);
  });

  it('may refuse writes: reads continue, and it is logged once', async () => {
    server = await startRedis();
    const redis = await connected(client());
    await replica(redis)('kept', 'kept');
    await caches[0]!.close();
    await redis.config('SET', 'maxmemory', '1', 'maxmemory-policy', 'noeviction');
    const get = replica(redis);
    for (let i = 0; i < 20; i += 1) {
      expect((await get(i, 'answer')).text).toBe('answer');
      await sleep(2);
    }
    expect((await get('kept', 'other')).text).toBe('kept');
    expect(linesAbout('writes of the shared cache fail')).toEqual([expect.stringContaining('OOM')]);
    expect(linesAbout('reads of the shared cache fail')).toEqual([]);
    await redis.config('SET', 'maxmemory', '0');
    await waitFor(async () => {
      await get(Math.random(), 'answer');
      return linesAbout('writes of the shared cache succeed again').length === 1;
    });
  });
});
