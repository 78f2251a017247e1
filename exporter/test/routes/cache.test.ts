import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { createPool } from '../../src/db/pool.js';
import { createRedis } from '../../src/cache/redis.js';
import { silentLog } from '../../src/db/log.js';
import { type Asker, testApp, type TestApp } from '../support/app.js';
import { countQueries, type QueryCounter, seriesOf } from '../support/counting.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { call } from '../support/events.js';
import { connected } from '../cache/waiting.js';
import { describeWith } from '../support/optional.js';
import { startRedis, type TestRedis } from '../support/redis.js';

const RANGE = { from: '2026-03-10T00:00:00Z', to: '2026-03-11T00:00:00Z' };
const QUERY = { range: RANGE, queries: [{ refId: 'A', metric: 'api_calls', groupBy: ['agent'] }] };
const CACHED = [
  ['tokens', 'tokens?days=7'],
  ['agents', 'agents'],
  ['agents-activity', 'agents/activity'],
  ['usage-summary', 'usage-summary'],
  ['agent-activity', 'agent-activity?agentId=a'],
  ['token-trends', 'token-trends'],
  ['credential-rotations', 'credential-rotations'],
  ['call-patterns', 'call-patterns'],
  ['dimension-values', 'dimensions/agent/values'],
] as const;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** An app whose reads go through a pool of their own, where they are counted. */
async function countedApp(
  env: Record<string, string>,
  redis?: Redis,
): Promise<{ t: TestApp; counter: QueryCounter; close(): Promise<void> }> {
  const pool = createPool({ url: database.url, max: 5 });
  const counter = countQueries(pool);
  const t = await testApp({ database, pool, env, redis });
  const close = async (): Promise<void> => {
    await t.close();
    await pool.end();
  };
  return { t, counter, close };
}

const hitsOf = async (t: TestApp, kind: 'hits' | 'misses', endpoint: string): Promise<number> =>
  seriesOf((await t.get('/metrics')).body, `agentidp_analytics_cache_${kind}_total{endpoint="${endpoint}"}`);

// With ANALYTICS_FREE_TIER, because the tier of a tenant is looked up beside its answers.
describe('a second identical request', () => {
  let t: TestApp;
  let counter: QueryCounter;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ t, counter, close } = await countedApp({ CACHE_ENABLED: 'true', ANALYTICS_FREE_TIER: 'true' }));
    await t.sendAndRollup('acme', [
      call('2026-03-10T08:00:00Z', { agentId: 'a', agentName: 'alpha', endpoint: 'GET /x', status: 200 }),
    ]);
  });
  afterAll(() => close());

  it('for recommendations only looks up which are dismissed', async () => {
    const headers = await t.headers({ tenant: 'acme', scopes: ['analytics:admin', 'analytics:read'] });
    const item = {
      category: 'storage',
      agent_id: 'idle',
      amount_usd: 20,
      start_date: '2026-02-17',
      end_date: '2026-03-18',
    };
    await t.app.inject({ method: 'POST', url: '/api/v1/analytics/cost-items', headers, payload: item });
    const ask = () =>
      t.read<{ recommendations: { id: string; savings: number; dismissed: boolean }[] }>(
        'costs/recommendations',
      );
    const { recommendations } = await ask();
    expect(recommendations).toMatchObject([{ savings: 20, dismissed: false }]);
    counter.taken();
    expect(await ask()).toMatchObject({ total_savings: 20, recommendations });
    expect(counter.taken()).toEqual([expect.stringContaining('FROM recommendation_dismissals')]);
    const url = `/api/v1/analytics/costs/recommendations/${recommendations[0]!.id}/dismiss`;
    expect((await t.app.inject({ method: 'POST', url, headers, payload: {} })).statusCode).toBe(200);
    expect(await ask()).toMatchObject({ total_savings: 0, recommendations: [{ dismissed: true }] });
  });

  it.each(CACHED)('for %s does not reach the database, and is counted as a hit', async (endpoint, path) => {
    counter.taken();
    const first = await t.get(path);
    expect(counter.taken().length).toBeGreaterThan(0);
    const second = await t.get(path);
    expect(counter.taken()).toEqual([]);
    expect([second.statusCode, second.body]).toEqual([200, first.body]);
    expect(await hitsOf(t, 'hits', endpoint)).toBe(1);
    expect(await hitsOf(t, 'misses', endpoint)).toBe(1);
  });

  it.each(['/analytics', '/api/analytics'])('under %s is the same request', async (prefix) => {
    await t.get('usage-summary');
    counter.taken();
    expect((await t.get(`${prefix}/usage-summary`)).statusCode).toBe(200);
    expect(counter.taken()).toEqual([]);
  });

  it('that only spells its defaults out is the same request', async () => {
    await t.get('usage-summary');
    await t.get('tokens');
    await t.get('call-patterns');
    await t.get('agents');
    counter.taken();
    for (const path of [
      'usage-summary?to=2026-03-18&from=2026-02-16',
      'usage-summary?from=2026-02-16',
      'tokens?days=30',
      'call-patterns?limit=50',
      'agents?limit=10000',
    ]) {
      await t.get(path);
      expect([path, counter.taken()]).toEqual([path, []]);
    }
  });

  it('for POST /query is a hit also when only the milliseconds of its range differ', async () => {
    const ask = (to: string) =>
      t.post('query', { ...QUERY, range: { from: '2026-03-18T06:00:00.100Z', to } });
    const first = await ask('2026-03-18T11:30:01.234Z');
    expect(counter.taken().length).toBeGreaterThan(0);
    const second = await ask('2026-03-18T11:30:59.999Z');
    expect([second.statusCode, second.body]).toEqual([200, first.body]);
    expect(counter.taken()).toEqual([]);
    await ask('2026-03-18T11:31:00.001Z');
    expect(counter.taken().length).toBeGreaterThan(0);
  });

  it('of another tenant is another request', async () => {
    const mine = await t.read('usage-summary');
    counter.taken();
    const theirs = await t.read('usage-summary', 'other');
    expect(counter.taken().length).toBeGreaterThan(0);
    expect(mine).toMatchObject({ tenantId: 'acme', summary: { totalApiCalls: 1 } });
    expect(theirs).toMatchObject({ tenantId: 'other', summary: { totalApiCalls: 0 } });
  });

  it('with other parameters is another request', async () => {
    for (const path of ['call-patterns?limit=7', 'call-patterns?limit=8', 'token-trends?granularity=week']) {
      counter.taken();
      await t.get(path);
      expect(counter.taken().length).toBeGreaterThan(0);
    }
  });

  it('is still refused where the asker may not read', async () => {
    await t.get('usage-summary');
    for (const [asker, status] of [
      [{ token: null }, 401],
      [{ scopes: [] }, 403],
    ] as [Asker, number][]) {
      expect((await t.get('usage-summary', asker)).statusCode).toBe(status);
    }
  });

  it('after one that failed is computed: no error is kept', async () => {
    expect((await t.get('agent-activity?agentId=late', 'newcomer')).statusCode).toBe(404);
    await t.sendAndRollup('newcomer', [call('2026-03-10T08:00:00Z', { agentId: 'late' })]);
    expect((await t.get('agent-activity?agentId=late', 'newcomer')).statusCode).toBe(200);
  });

  it('at the same time shares the first one’s computation', async () => {
    counter.taken();
    const answers = await Promise.all(Array.from({ length: 10 }, () => t.get('token-trends?to=2026-03-01')));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(counter.taken().filter((text) => text.includes('analytics_daily_aggregates'))).toHaveLength(1);
  });

  it('for the catalog or the jobs is not cached at all', async () => {
    await t.get('jobs');
    counter.taken();
    await t.get('jobs');
    expect(counter.taken()).toHaveLength(1);
    const { body } = await t.get('/metrics');
    expect(body).not.toMatch(/cache_(hits|misses)_total\{endpoint="(catalog|jobs)"\}/);
  });
});

describe('the tier of a tenant', () => {
  it('is all that a cached answer may ask the database for, and no more than once a second', async () => {
    const { t, counter, close } = await countedApp({ CACHE_ENABLED: 'true' });
    await t.get('usage-summary');
    counter.taken();
    const began = Date.now();
    for (let i = 0; i < 20; i += 1) await t.get('usage-summary');
    const seconds = Math.ceil((Date.now() - began) / 1000);
    const asked = counter.taken();
    expect(asked.length).toBeLessThanOrEqual(seconds);
    for (const text of asked) expect(text).toContain('SELECT tier FROM tenants');
    await close();
  });
});

describe('CACHE_ENABLED=false', () => {
  it('sends every read to the database', async () => {
    const { t, counter, close } = await countedApp({ CACHE_ENABLED: 'false' });
    for (let i = 0; i < 2; i += 1) {
      counter.taken();
      await t.get('usage-summary');
      expect(counter.taken().filter((text) => text.includes('analytics_daily_aggregates'))).not.toEqual([]);
    }
    expect((await t.get('/metrics')).body).toContain(
      'agentidp_analytics_query_duration_ms_count{endpoint="usage-summary"} 2',
    );
    await close();
  });
});

describeWith('redis-server', 'the time that an answer is kept', () => {
  let redis: TestRedis;
  let client: Redis;
  let t: TestApp;
  beforeAll(async () => {
    redis = await startRedis();
    client = await connected(createRedis(redis.url, silentLog));
    t = await testApp({ database, redis: client, env: { CACHE_ENABLED: 'true' } });
  });
  afterAll(async () => {
    await t.close();
    client.disconnect();
    await redis.stop();
  });

  async function keptKey(tenant: string): Promise<string> {
    for (let i = 0; i < 100; i += 1) {
      const [key] = await client.keys(`analytics:${tenant}:*`).catch(() => []);
      if (key !== undefined) return key;
      await sleep(20);
    }
    throw new Error('nothing was kept');
  }

  it.each<[string, string | object, number]>([
    ['usage-summary of today', 'usage-summary', 60],
    ['usage-summary of the past', 'usage-summary?to=2026-03-01', 60],
    ['agent-activity', 'agent-activity', 300],
    ['token-trends', 'token-trends', 300],
    ['tokens', 'tokens', 10],
    ['agents', 'agents', 10],
    ['agents/activity of today', 'agents/activity', 10],
    ['agents/activity of the past', 'agents/activity?to=2026-03-17', 300],
    ['call-patterns of today', 'call-patterns', 10],
    ['call-patterns of the past', 'call-patterns?to=2026-03-17', 300],
    ['credential-rotations of today', 'credential-rotations', 10],
    ['dimensions/agent/values', 'dimensions/agent/values', 10],
    ['query into the current hour', { ...RANGE, to: '2026-03-18T12:00:00.001Z' }, 10],
    ['query into the future', { ...RANGE, to: '2026-03-19T00:00:00Z' }, 10],
    ['query up to the current hour', { ...RANGE, to: '2026-03-18T12:00:00Z' }, 300],
    ['query of the past', { ...RANGE, to: '2026-03-18T11:00:00Z' }, 300],
  ])('is, for %s, %j: %d s', async (_case, request, seconds) => {
    const tenant = t.tenant();
    const response =
      typeof request === 'string'
        ? await t.get(request, tenant)
        : await t.post('query', { ...QUERY, range: request }, tenant);
    expect(response.statusCode).toBe(200);
    const key = await keptKey(tenant);
    expect(key).toMatch(/^analytics:tenant-\d+:[a-z-]+:[0-9a-f]{64}$/);
    const left = await client.pttl(key);
    expect(left).toBeLessThanOrEqual(seconds * 1000);
    expect(left).toBeGreaterThan(seconds * 1000 - 9_000);
  });

  it('serves another replica too, without its database', async () => {
    const tenant = t.tenant();
    const first = await t.get('tokens', tenant);
    await keptKey(tenant);
    const env = { CACHE_ENABLED: 'true', ANALYTICS_FREE_TIER: 'true' };
    const other = await countedApp(env, client);
    const second = await other.t.get('tokens', tenant);
    expect([second.body, other.counter.taken()]).toEqual([first.body, []]);
    await other.close();
  });
});
