import { createRedis } from '../../src/cache/redis.js';
import { silentLog } from '../../src/db/log.js';
import { ReadCosts } from '../../src/http/read-costs.js';
import { PREFIX, refusalOf, testApp, type TestApp } from '../support/app.js';
import { describeWith } from '../support/optional.js';
import { startRedis } from '../support/redis.js';

const QUERY = {
  range: { from: '2026-03-10T00:00:00Z', to: '2026-03-11T00:00:00Z' },
  queries: [{ refId: 'A', metric: 'api_calls' }],
};

/** Reads of every kind, so that a count of each alone would never reach its end. */
const READS = [
  'tokens',
  'catalog',
  '/analytics/usage-summary',
  '/api/analytics/call-patterns',
  'jobs',
  'dimensions/agent/values',
  '/metrics/tenant',
];

async function statuses(t: TestApp, count: number, tenant: string): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < count; i += 1) found.push((await t.get(READS[i % READS.length]!, tenant)).statusCode);
  return found;
}

describe('RATE_LIMIT_PER_MINUTE', () => {
  let t: TestApp;
  beforeAll(async () => {
    t = await testApp({ env: { RATE_LIMIT_PER_MINUTE: '8', INGEST_RATE_LIMIT_PER_MINUTE: '3' } });
    await t.rollup();
  });
  afterAll(() => t.close());

  it('is one count for all reads of a tenant, on whichever route and prefix', async () => {
    const tenant = t.tenant();
    expect(await statuses(t, 7, tenant)).toEqual(Array(7).fill(200));
    expect((await t.post('query', QUERY, tenant)).statusCode).toBe(200);
    for (const path of [...READS, 'agents']) {
      expect(refusalOf(await t.get(path, tenant))).toEqual([429, 'RATE_LIMITED']);
    }
    expect(refusalOf(await t.post('query', QUERY, tenant))).toEqual([429, 'RATE_LIMITED']);
  });

  it('returns the delay in Retry-After and in the message', async () => {
    const tenant = t.tenant();
    await statuses(t, 8, tenant);
    const response = await t.get('tokens', tenant);
    const seconds = Number(response.headers['retry-after']);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(response.json()).toEqual({
      code: 'RATE_LIMITED',
      message: expect.stringMatching(/^rate limit of 8 requests per minute exceeded; retry in \d+ s$/),
    });
  });

  it('of one tenant leaves another alone', async () => {
    const [busy, calm] = [t.tenant(), t.tenant()];
    expect(await statuses(t, 9, busy)).toContain(429);
    expect(await statuses(t, 8, calm)).not.toContain(429);
  });

  it('counts a HEAD and a refused parameter, and nobody without a token', async () => {
    const tenant = t.tenant();
    for (let i = 0; i < 12; i += 1) await t.get('tokens', { tenant, token: null });
    const headers = await t.headers(tenant);
    for (let i = 0; i < 4; i += 1) {
      expect((await t.app.inject({ method: 'HEAD', url: `${PREFIX}/tokens`, headers })).statusCode).toBe(200);
      expect((await t.get('tokens?days=0', tenant)).statusCode).toBe(400);
    }
    expect((await t.get('tokens', tenant)).statusCode).toBe(429);
  });

  it('does not count writes, which have a count of their own', async () => {
    const tenant = t.tenant();
    const write = async (): Promise<number> =>
      (await t.post('/api/v1/events', { events: [] }, tenant)).statusCode;
    expect([await write(), await write(), await write(), await write()]).toEqual([200, 200, 200, 429]);
    expect(await statuses(t, 8, tenant)).not.toContain(429);
  });

  it('does not count reservations, whose callers wait in turn', async () => {
    const tenant = t.tenant();
    for (let i = 0; i < 5; i += 1) {
      const made = await t.post('budgets/reservations', { estimated_cost_usd: 1 }, tenant);
      expect(made.statusCode).toBe(201);
    }
  });

  it('leaves open routes alone', async () => {
    for (let i = 0; i < 12; i += 1) {
      expect((await t.get('/health/live', { token: null })).statusCode).toBe(200);
      expect((await t.get('/metrics', { token: null })).statusCode).toBe(200);
    }
  });
});

it('a limit of 0 is none', async () => {
  const t = await testApp({ env: { RATE_LIMIT_PER_MINUTE: '0', INGEST_RATE_LIMIT_PER_MINUTE: '0' } });
  await t.rollup();
  expect(new Set(await statuses(t, 40, 'acme'))).toEqual(new Set([200]));
  await t.close();
});

it('600 reads a minute are the default', async () => {
  const t = await testApp({ env: { RATE_LIMIT_PER_MINUTE: '' } });
  expect((await t.get('catalog')).headers['x-ratelimit-limit']).toBe('600');
  await t.close();
});

describeWith('redis-server', 'the rate limit of two replicas with one Redis', () => {
  it('is one, and without Redis none refuses service', async () => {
    const redis = await startRedis();
    const clients = [createRedis(redis.url, silentLog), createRedis(redis.url, silentLog)];
    const env = {
      ...{ RATE_LIMIT_PER_MINUTE: '6', INGEST_RATE_LIMIT_PER_MINUTE: '6' },
      RESERVATION_RATE_LIMIT_PER_MINUTE: '6',
    };
    const first = await testApp({ redis: clients[0], env });
    const second = await testApp({ redis: clients[1], env, database: first.database });
    await first.rollup();
    await second.rollup();
    expect(await statuses(first, 3, 'acme')).toEqual([200, 200, 200]);
    expect(await statuses(second, 4, 'acme')).toEqual([200, 200, 200, 429]);
    expect(await statuses(first, 1, 'acme')).toEqual([429]);
    expect(await clients[0]!.keys('*ratelimit*')).toEqual(['analytics:ratelimit:read:acme']);
    expect(await clients[0]!.client('GETNAME')).toBe('agentidp-analytics');
    // Another tenant, and other kinds of the same one, have counts of their own.
    expect((await first.get('tokens', 'globex')).statusCode).toBe(200);
    expect((await first.post('/api/v1/events', { events: [] })).statusCode).toBe(200);
    const reserved = await first.post('budgets/reservations', { estimated_cost_usd: 1 });
    expect(reserved.statusCode).toBe(201);
    expect((await clients[0]!.keys('*ratelimit*')).sort()).toEqual([
      'analytics:ratelimit:read:acme',
      'analytics:ratelimit:read:globex',
      'analytics:ratelimit:reservation:acme',
      'analytics:ratelimit:write:acme',
    ]);
    const counts = await clients[0]!.mget(
      'analytics:ratelimit:read:globex',
      'analytics:ratelimit:write:acme',
    );
    expect(counts).toEqual(['1', '1']);
    await redis.stop();
    expect(await statuses(first, 7, 'acme')).not.toContain(429);
    await second.close();
    await first.close();
    clients.forEach((client) => client.disconnect());
  });
});

describe('RESERVATION_RATE_LIMIT_PER_MINUTE', () => {
  it('is a count of its own, so that reservations are bounded too', async () => {
    const t = await testApp({
      env: { INGEST_RATE_LIMIT_PER_MINUTE: '1', RESERVATION_RATE_LIMIT_PER_MINUTE: '3' },
    });
    const [tenant, other] = [t.tenant(), t.tenant()];
    const reserve = async (who: string): Promise<number> =>
      (await t.post('budgets/reservations', { estimated_cost_usd: 1 }, who)).statusCode;
    expect([await reserve(tenant), await reserve(tenant), await reserve(tenant)]).toEqual([201, 201, 201]);
    expect(await reserve(tenant)).toBe(429);
    expect(await reserve(other)).toBe(201);
    expect((await t.post('/api/v1/events', { events: [] }, tenant)).statusCode).toBe(200);
    const { rows } = await t.pool.query('SELECT FROM budget_reservations WHERE tenant_id = $1', [tenant]);
    expect(rows).toHaveLength(3);
    await t.close();
  });
});

describe('READ_COST_PER_MINUTE', () => {
  it('counts the cells of answers and the rows read for them, whatever the number of requests', async () => {
    const t = await testApp({ env: { READ_COST_PER_MINUTE: '1000' } });
    const [tenant, other] = [t.tenant(), t.tenant()];
    const days = { from: '2026-02-10T00:00:00Z', to: '2026-03-11T00:00:00Z' };
    const large = { range: days, queries: [{ refId: 'A', metric: 'api_calls', interval: 'hour' }] };
    // 696 cells each.
    expect((await t.post('query', large, tenant)).statusCode).toBe(200);
    expect((await t.post('query', large, tenant)).statusCode).toBe(200);
    const refused = await t.post('query', large, tenant);
    expect(refusalOf(refused)).toEqual([429, 'RATE_LIMITED']);
    expect(refused.json()).toMatchObject({
      message: expect.stringContaining('more than 1000 rows and cells'),
    });
    const seconds = Number(refused.headers['retry-after']);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(refusalOf(await t.get('tokens', tenant))).toEqual([429, 'RATE_LIMITED']);
    expect((await t.post('query', large, other)).statusCode).toBe(200);
    await t.close();
  });

  it('ends with its minute, and is remembered for a bounded number of tenants', () => {
    let now = 0;
    const costs = new ReadCosts(10, () => now);
    costs.charge('acme', 10);
    expect(() => costs.check('acme')).toThrow(/retry in 60 s/);
    expect(() => costs.check('globex')).not.toThrow();
    now = 60_000;
    expect(() => costs.check('acme')).not.toThrow();
    costs.charge('acme', 9);
    expect(() => costs.check('acme')).not.toThrow();
    costs.charge('acme', 1);
    expect(() => costs.check('acme')).toThrow();
    for (let i = 0; i < 20_000; i += 1) costs.charge(`tenant-${i}`, 1);
    expect(() => costs.check('acme')).not.toThrow();
  });
});
