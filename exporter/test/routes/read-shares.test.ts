/** Reads share the connections: no tenant takes those of others, and what is refused says whose share is full. */
import type { Pool } from 'pg';
import { createPool } from '../../src/db/pool.js';
import { MAX_WAITING_A_TENANT, readLimits } from '../../src/db/read-shares.js';
import { blocked, eventually, HeldLocks, waitingForLocks } from '../robustness/eventually.js';
import { type Json, refusalOf, testApp, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';

const NAME = 'shares';
const POOL_SIZE = 10;
const LIMITS = readLimits(POOL_SIZE);
const EVENTS = { events: [call('2026-03-18T08:00:00Z', { agentId: 'a', endpoint: 'GET /x' })] };

let pool: Pool;
let t: TestApp;
let locks: HeldLocks;
beforeAll(async () => {
  t = await testApp();
  locks = new HeldLocks(t.database.url);
  pool = createPool({ url: t.database.url, max: POOL_SIZE, applicationName: NAME });
});
afterEach(() => locks.releaseAll());
afterAll(async () => {
  await pool.end();
  await t.close();
});

const withPool = (own: Pool = pool): Promise<TestApp> => testApp({ database: t.database, pool: own });
type Response = Awaited<ReturnType<TestApp['get']>>;

/** Different reads, so that none shares the answer of another. They wait for the lock. */
const slowReads = (app: TestApp, tenant: string, count: number): Promise<Response>[] =>
  Array.from({ length: count }, (_, i) => app.get(`call-patterns?limit=${i + 1}`, tenant));

const LOCK = 'LOCK TABLE endpoint_minutes, endpoint_hours, endpoint_days';

it.each([
  [4, { connections: 2, perTenant: 1 }],
  [10, { connections: 7, perTenant: 3 }],
  [100, { connections: 70, perTenant: 35 }],
])(
  'of %i connections, a part is left to others, and no tenant has more than half of the rest',
  (size, limits) => {
    expect(readLimits(size)).toEqual(limits);
  },
);

it('a tenant with many slow reads takes its share of the connections, and others read and write meanwhile', async () => {
  const app = await withPool();
  const [slow, other] = [t.tenant(), t.tenant()];
  await locks.hold(LOCK);
  const asked = slowReads(app, slow, 30);
  await blocked(t.pool, NAME, LIMITS.perTenant);
  for (const path of ['tokens', 'agents', 'overview', 'dimensions/agent/values']) {
    expect((await app.get(path, other)).statusCode).toBe(200);
  }
  expect((await app.post('/api/v1/events', EVENTS, other)).statusCode).toBe(200);
  expect((await app.get('/health/ready', { token: null })).statusCode).toBe(200);
  expect(await waitingForLocks(t.pool, NAME)).toBe(LIMITS.perTenant);
  await locks.releaseAll();
  expect((await Promise.all(asked)).map(({ statusCode }) => statusCode)).toEqual(Array(30).fill(200));
  await app.close();
});

it('two tenants with slow reads leave connections to a third, and to writes', async () => {
  const app = await withPool();
  const [first, second, other] = [t.tenant(), t.tenant(), t.tenant()];
  await locks.hold(LOCK);
  const asked = [first, second].flatMap((tenant) => slowReads(app, tenant, 20));
  await blocked(t.pool, NAME, 2 * LIMITS.perTenant);
  expect((await app.get('tokens', other)).statusCode).toBe(200);
  expect((await app.post('/api/v1/events', EVENTS, other)).statusCode).toBe(200);
  expect(await waitingForLocks(t.pool, NAME)).toBe(2 * LIMITS.perTenant);
  await locks.releaseAll();
  await Promise.all(asked);
  await app.close();
});

it('a full queue of a tenant is a 503 that names its share, and no reason for others to wait', async () => {
  const app = await withPool();
  const [slow, other] = [t.tenant(), t.tenant()];
  await locks.hold(LOCK);
  const refused: Response[] = [];
  const asked = slowReads(app, slow, MAX_WAITING_A_TENANT + 20).map(async (answer) => {
    const response = await answer;
    if (response.statusCode === 503) refused.push(response);
  });
  await eventually('refusals', () => refused.length > 0);
  for (const response of refused) {
    expect(refusalOf(response)).toEqual([503, 'UNAVAILABLE']);
    expect(response.json<Json>().message).toContain("this tenant's share of reads is full");
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
  }
  expect((await app.get('tokens', other)).statusCode).toBe(200);
  await locks.releaseAll();
  await Promise.all(asked);
  expect((await app.get('call-patterns', slow)).statusCode).toBe(200);
  await app.close();
});

it('a read that waits for too long behind those of its own tenant is a 503 that names its share', async () => {
  const own = createPool({ url: t.database.url, max: 4, applicationName: NAME, connectionTimeoutMs: 100 });
  const app = await withPool(own);
  await locks.hold(LOCK);
  const answers: Response[] = [];
  const asked = slowReads(app, t.tenant(), 3).map(async (answer) => answers.push(await answer));
  await eventually('two refusals', () => answers.length === 2);
  for (const response of answers.splice(0)) {
    expect(refusalOf(response)).toEqual([503, 'UNAVAILABLE']);
    expect(response.json<Json>().message).toContain("this tenant's share of reads is full");
  }
  await locks.releaseAll();
  await Promise.all(asked);
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200]);
  await app.close();
  await own.end();
});

it('a read whose statement takes too long is told so, and not that the database is away', async () => {
  const own = createPool({ url: t.database.url, max: 4, applicationName: NAME, statementTimeoutMs: 100 });
  const app = await withPool(own);
  await locks.hold(LOCK);
  const response = await app.get('call-patterns', t.tenant());
  expect(refusalOf(response)).toEqual([503, 'UNAVAILABLE']);
  expect(response.json<Json>().message).toMatch(/^the read took too long .*narrow its range/);
  await app.close();
  await own.end();
});
