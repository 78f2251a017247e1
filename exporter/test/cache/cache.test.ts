import { createCache, type CacheOptions, type CacheRequest } from '../../src/cache/cache.js';
import { recordingLog } from '../support/log.js';

const request = (more: Partial<CacheRequest> = {}): CacheRequest => ({
  tenantId: 'acme',
  endpoint: 'usage-summary',
  query: { from: '2026-01-01' },
  ttlSeconds: 60,
  ...more,
});

/** A computation that returns how often it has run. */
function computation(bytes = 0) {
  const compute = () => {
    compute.runs += 1;
    return Promise.resolve(Buffer.from(`answer ${compute.runs}`.padEnd(bytes)));
  };
  compute.runs = 0;
  return compute;
}

function setUp(options: Partial<CacheOptions> = {}) {
  const clock = { now: 1_000 };
  const counted: string[] = [];
  const cache = createCache({
    maxBytes: 1024 * 1024,
    now: () => clock.now,
    log: recordingLog(),
    counters: {
      hit: (endpoint) => counted.push(`hit ${endpoint}`),
      miss: (endpoint) => counted.push(`miss ${endpoint}`),
    },
    ...options,
  });
  const get = async (more: Partial<CacheRequest>, compute: () => Promise<Buffer>) =>
    (await cache.getOrCompute(request(more), compute)).toString().trim();
  return { cache, clock, counted, get };
}

describe('A response in memory', () => {
  it('is served again and counted as a hit', async () => {
    const { get, counted } = setUp();
    const compute = computation();
    expect(await get({}, compute)).toBe('answer 1');
    expect(await get({ query: { from: '2026-01-01' } }, compute)).toBe('answer 1');
    expect(compute.runs).toBe(1);
    expect(counted).toEqual(['miss usage-summary', 'hit usage-summary']);
  });

  it.each([[{ tenantId: 'other' }], [{ endpoint: 'token-trends' }], [{ query: { from: '2026-01-02' } }]])(
    'is not used for %j',
    async (more) => {
      const { get } = setUp();
      const compute = computation();
      await get({}, compute);
      expect(await get(more, compute)).toBe('answer 2');
    },
  );

  it('expires after its time to live', async () => {
    const { get, clock } = setUp();
    const compute = computation();
    await get({ ttlSeconds: 10 }, compute);
    clock.now += 9_999;
    expect(await get({ ttlSeconds: 10 }, compute)).toBe('answer 1');
    clock.now += 2;
    expect(await get({ ttlSeconds: 10 }, compute)).toBe('answer 2');
  });

  it('is not kept with a time to live of 0', async () => {
    const { get } = setUp();
    const compute = computation();
    await get({ ttlSeconds: 0 }, compute);
    expect(await get({ ttlSeconds: 0 }, compute)).toBe('answer 2');
  });

  it('is evicted when the size limit is reached, least recently used first', async () => {
    const { get } = setUp({ maxBytes: 100_000 });
    const compute = computation(20_000);
    for (const query of ['a', 'b', 'c', 'd']) await get({ query }, compute);
    await get({ query: 'a' }, compute);
    await get({ query: 'e' }, compute);
    expect(compute.runs).toBe(5);
    expect(await get({ query: 'a' }, compute)).toBe('answer 1');
    expect(await get({ query: 'b' }, compute)).toBe('answer 6');
  });

  it('does not evict everything else if it is very large', async () => {
    const { get } = setUp({ maxBytes: 100_000 });
    await get({ query: 'small' }, computation());
    const giant = computation(90_000);
    await get({ query: 'giant' }, giant);
    await get({ query: 'giant' }, giant);
    expect(giant.runs).toBe(2);
    const again = computation();
    await get({ query: 'small' }, again);
    expect(again.runs).toBe(0);
  });

  it('does not keep the larger buffer that it was sliced from', async () => {
    const { cache } = setUp();
    const large = Buffer.alloc(1024 * 1024, 'x');
    await cache.getOrCompute(request(), () => Promise.resolve(large.subarray(0, 10)));
    const kept = await cache.getOrCompute(request(), computation());
    expect(kept.toString()).toBe('xxxxxxxxxx');
    expect(kept.buffer.byteLength).toBe(10);
  });

  it('is removed by close', async () => {
    const { cache, get } = setUp();
    const compute = computation();
    await get({}, compute);
    await cache.close();
    expect(await get({}, compute)).toBe('answer 2');
  });
});

describe('Concurrent calls', () => {
  it('share one computation', async () => {
    const { get, counted } = setUp();
    const compute = computation();
    const answers = await Promise.all(Array.from({ length: 20 }, () => get({}, compute)));
    expect(new Set(answers)).toEqual(new Set(['answer 1']));
    expect(counted.filter((line) => line.startsWith('miss'))).toHaveLength(1);
    expect(counted).toHaveLength(20);
  });

  it('share a failure, which is not cached', async () => {
    const { get } = setUp();
    let runs = 0;
    const failing = () => {
      runs += 1;
      return Promise.reject(new Error(`failure ${runs}`));
    };
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => get({}, failing)));
    expect(results.map((result) => result.status === 'rejected' && (result.reason as Error).message)).toEqual(
      Array(5).fill('failure 1'),
    );
    expect(await get({}, computation())).toBe('answer 1');
  });

  it('share a computation that throws synchronously', async () => {
    const { get } = setUp();
    const throwing = (): Promise<Buffer> => {
      throw new Error('at once');
    };
    await expect(get({}, throwing)).rejects.toThrow('at once');
    expect(await get({}, computation())).toBe('answer 1');
  });
});

describe('A Redis with slow writes', () => {
  it('has at most a few megabytes of pending writes', async () => {
    const sets: number[] = [];
    let take: () => void = () => undefined;
    const taken = new Promise<void>((resolve) => (take = resolve));
    const { cache, get } = setUp({
      redis: {
        getBuffer: () => Promise.resolve(null),
        pttl: () => Promise.resolve(-2),
        set: (_key, value) => {
          sets.push(value.length);
          return taken;
        },
      },
    });
    const compute = computation(5 * 1024 * 1024);
    for (let i = 1; i <= 10; i += 1) expect(await get({ query: i }, compute)).toBe(`answer ${i}`);
    expect(sets).toHaveLength(3);
    take();
    await cache.close();
    await get({ query: 'next' }, compute);
    expect(sets).toHaveLength(4);
  });
});
