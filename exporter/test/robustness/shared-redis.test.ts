/** Two apps with one database and one Redis: they share responses and limits, and keep responding if Redis fails. */
import type { Redis } from 'ioredis';
import { freePort } from 'agentidp-analytics-embedded';
import { createRedis } from '../../src/cache/redis.js';
import { type TestApp, testApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { call } from '../support/events.js';
import { recordingLog } from '../support/log.js';
import { describeWith } from '../support/optional.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { eventually } from './eventually.js';

const READ = 'usage-summary?from=2026-03-01&to=2026-03-18';
const ENV = { CACHE_ENABLED: 'true', RATE_LIMIT_PER_MINUTE: '8' };
const UNLIMITED = { ...ENV, RATE_LIMIT_PER_MINUTE: '0' };
/** Longest time of a response without Redis: the wait for Redis, the database, and a busy machine. */
const BOUND_MS = 2_000;

describeWith('redis-server', 'Two replicas with a Redis', () => {
  let database: TestDatabase;
  let server: TestRedis;
  let apps: [TestApp, TestApp];
  let clients: Redis[];
  let tenant: string;
  let tenants = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(() => {
    tenants += 1;
    tenant = `tenant-${tenants}`;
    clients = [];
  });
  afterEach(async () => {
    for (const app of apps) await app.close();
    clients.forEach((client) => client.disconnect());
    await server.stop();
  });

  async function start(port: number, env = ENV): Promise<[TestApp, TestApp]> {
    const url = `redis://127.0.0.1:${port}`;
    clients = [createRedis(url, recordingLog()), createRedis(url, recordingLog())];
    const [first, second] = clients as [Redis, Redis];
    return [await testApp({ database, redis: first, env }), await testApp({ database, redis: second, env })];
  }

  /** Starts both apps and waits until they are connected to Redis. */
  async function startWithRedis(env = ENV): Promise<void> {
    server = await startRedis();
    apps = await start(server.port, env);
    await connected();
  }

  const connected = (): Promise<boolean> =>
    eventually('both are connected', () => clients.every(({ status }) => status === 'ready'));

  async function read(app: TestApp, path = READ): Promise<{ status: number; ms: number; calls: number }> {
    const began = performance.now();
    const response = await app.get(path, tenant);
    const { summary } = response.json<{ summary?: { totalApiCalls: number } }>();
    return {
      status: response.statusCode,
      ms: performance.now() - began,
      calls: summary?.totalApiCalls ?? -1,
    };
  }

  /** A path that was not requested before. */
  let asked = 0;
  function newQuestion(): string {
    asked += 1;
    return `call-patterns?limit=${asked}`;
  }

  /** Whether the second app returns what the first one has computed. */
  async function sharing(): Promise<boolean> {
    const path = newQuestion();
    await read(apps[0], path);
    const before = await misses(apps[1]);
    await read(apps[1], path);
    return (await misses(apps[1])) === before;
  }

  async function misses(app: TestApp): Promise<number> {
    const { body } = await app.get('/metrics', { token: null });
    const counts = [...body.matchAll(/^agentidp_analytics_cache_misses_total\{.*\} (\d+)/gm)];
    return counts.reduce((sum, [, count]) => sum + Number(count), 0);
  }

  async function expectAnswers(): Promise<void> {
    for (const app of apps) {
      for (const path of [READ, newQuestion(), newQuestion(), newQuestion()]) {
        const { status, ms } = await read(app, path);
        expect(status).toBe(200);
        expect(ms).toBeLessThan(BOUND_MS);
      }
    }
    const events = [call('2026-03-17T10:00:00Z', { agentId: 'a' })];
    expect((await apps[0].post('/api/v1/events', { events }, tenant)).statusCode).toBe(200);
    expect((await apps[1].get('/health/ready', { token: null })).statusCode).toBe(200);
  }

  it('share their responses: the second one does not query the database again', async () => {
    await startWithRedis();
    await apps[0].sendAndRollup(tenant, [call('2026-03-17T10:00:00Z', { count: 7 })]);
    expect(await read(apps[0])).toMatchObject({ status: 200, calls: 7 });
    await eventually('the answer in Redis', async () => (await clients[0]!.dbsize()) > 1);
    await database.pool.query('UPDATE analytics_daily_aggregates SET count = 8 WHERE tenant_id = $1', [
      tenant,
    ]);
    expect(await read(apps[1])).toMatchObject({ status: 200, calls: 7 });
    expect(await misses(apps[1])).toBe(0);
  });

  it('share the rate limit of a tenant, which does not affect another tenant', async () => {
    await startWithRedis();
    for (let i = 0; i < 8; i += 1) expect((await read(apps[i % 2 ? 1 : 0])).status).toBe(200);
    for (const app of apps) {
      const refused = await app.get(READ, tenant);
      expect([refused.statusCode, refused.json<{ code: string }>().code]).toEqual([429, 'RATE_LIMITED']);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect((await apps[1].get(READ, `${tenant}-neighbour`)).statusCode).toBe(200);
  });

  it('respond while Redis hangs, and share again when it resumes', async () => {
    await startWithRedis(UNLIMITED);
    server.pause();
    await expectAnswers();
    server.resume();
    await connected();
    await eventually('sharing again', sharing);
  });

  it('limit no requests while Redis is down', async () => {
    await startWithRedis();
    await server.stop();
    for (let i = 0; i < 3; i += 1) await expectAnswers();
  });

  it('respond if Redis is killed during requests, and share again when it is back', async () => {
    await startWithRedis(UNLIMITED);
    expect(await sharing()).toBe(true);
    const underway = Array.from({ length: 40 }, (_, i) => read(apps[i % 2 ? 1 : 0], newQuestion()));
    await server.stop();
    for (const { status } of await Promise.all(underway)) expect(status).toBe(200);
    await expectAnswers();
    server = await startRedis({ port: server.port });
    await connected();
    await eventually('sharing again', sharing);
  });

  it('respond if Redis is down at startup, and share once it is up', async () => {
    const port = await freePort();
    apps = await start(port, UNLIMITED);
    await expectAnswers();
    server = await startRedis({ port });
    await connected();
    await eventually('sharing', sharing);
  });
});
