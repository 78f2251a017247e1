/** The database away, the service overloaded or broken: what a client is told, and that the service lives on. */
import { setTimeout as delay } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { freePort } from 'agentidp-analytics-embedded';
import { createPool } from '../../src/db/pool.js';
import { MAX_AGE_MS } from '../../src/routes/health/ready.js';
import { startFreezingProxy } from '../db/freezing-proxy.js';
import { type Json, refusalOf, testApp, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const READS = ['tokens', 'agents', 'agent-activity', 'call-patterns', 'dimensions/agent/values', 'jobs'];
const EVENTS = { events: [call('2026-03-10T08:00:00Z', { agentId: 'a', endpoint: 'GET /x' })] };

describe('with the database away', () => {
  let away: TestApp;
  beforeAll(async () => {
    const pool = createPool({ url: `postgres://nobody:secret-word@127.0.0.1:${await freePort()}/none` });
    away = await testApp({ database: t.database, pool });
  });
  afterAll(() => away.close());

  it.each(READS)('GET /%s is a 503 with Retry-After', async (path) => {
    const response = await away.get(path);
    expect(refusalOf(response)).toEqual([503, 'UNAVAILABLE']);
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    expect(response.body).not.toMatch(/secret-word|127\.0\.0\.1|ECONNREFUSED/);
  });

  it('events are a 503 with Retry-After, and counted as failed', async () => {
    const response = await away.post('/api/v1/events', EVENTS);
    expect(refusalOf(response)).toEqual([503, 'UNAVAILABLE']);
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    expect((await away.get('/metrics')).body).toContain('agentidp_analytics_ingest_failures_total 1');
  });

  it('who is not allowed is still told so', async () => {
    expect(refusalOf(await away.get('tokens', { token: null }))).toEqual([401, 'UNAUTHORIZED']);
    expect(refusalOf(await away.get('tokens', { scopes: [] }))).toEqual([403, 'FORBIDDEN']);
  });

  it('ready goes red with Retry-After, live and metrics stay green', async () => {
    const ready = await away.get('/health/ready', { token: null });
    expect([ready.statusCode, ready.json()]).toEqual([
      503,
      { status: 'unavailable', database: 'down', schema: null },
    ]);
    expect(Number(ready.headers['retry-after'])).toBeGreaterThan(0);
    expect((await away.read('/health/live', { token: null })).status).toBe('ok');
    expect((await away.get('/metrics', { token: null })).statusCode).toBe(200);
  });

  it('its password is not in the log', () => {
    expect(away.log.join('')).not.toContain('secret-word');
  });
});

it('with a database that has fallen silent it is a 503 with Retry-After, and recovers by itself', async () => {
  const proxy = await startFreezingProxy(t.database.url);
  const pool = createPool({ url: proxy.url, max: 1, silenceMs: 2_000 });
  const silent = await testApp({ database: t.database, pool });
  expect((await silent.get('jobs')).statusCode).toBe(200);
  proxy.freeze();
  const response = await silent.get('jobs');
  expect(refusalOf(response)).toEqual([503, 'UNAVAILABLE']);
  expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
  proxy.thaw();
  expect((await silent.get('jobs')).statusCode).toBe(200);
  await silent.close();
  await pool.end();
  await proxy.stop();
});

describe('before the schema is there', () => {
  it('reads and writes are a 503 with Retry-After, after 401 and 403', async () => {
    const migrating = await testApp({ database: t.database, ready: () => false });
    for (const response of [await migrating.get('tokens'), await migrating.post('/api/v1/events', EVENTS)]) {
      expect(refusalOf(response)).toEqual([503, 'UNAVAILABLE']);
      expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect(refusalOf(await migrating.get('tokens', { token: null }))).toEqual([401, 'UNAUTHORIZED']);
    const ready = await migrating.get('/health/ready', { token: null });
    expect([ready.statusCode, ready.json<Json>().status]).toEqual([503, 'migrating']);
    await migrating.close();
  });
});

describe('GET /health/ready', () => {
  /** Asks when no earlier answer is kept any more. */
  const ready = async (app: TestApp): Promise<[number, Json]> => {
    await delay(MAX_AGE_MS);
    const response = await app.get('/health/ready', { token: null });
    return [response.statusCode, response.json<Json>()];
  };
  const NEWER = 9_999;
  const ADD = `INSERT INTO schema_migrations (version, name, checksum) VALUES (${NEWER}, 'next', '')`;

  it('stays green in a replica that has started when a newer release extends the schema, and says so once', async () => {
    const [, { schema }] = await ready(t);
    const { expected } = schema as { expected: number };
    const starting = await testApp({ database: t.database, ready: () => false });
    await t.pool.query(ADD);
    const newer = { current: NEWER, expected };
    expect(await ready(t)).toEqual([200, { status: 'ready', database: 'up', schema: newer }]);
    expect(await ready(t)).toMatchObject([200, {}]);
    expect(t.log.filter((line) => line.includes(`version ${NEWER}`))).toHaveLength(1);
    // One that has yet to start will not: this release does not enter a newer schema.
    expect(await ready(starting)).toEqual([503, { status: 'unavailable', database: 'up', schema: newer }]);
    await t.pool.query('DELETE FROM schema_migrations WHERE version = $1', [NEWER]);
    await starting.close();
  });

  it('goes red when the schema contradicts this release, says why in the log, and that the database is up', async () => {
    await t.pool.query(`UPDATE schema_migrations SET checksum = 'x' || checksum WHERE version = 1`);
    expect(await ready(t)).toMatchObject([503, { status: 'unavailable', database: 'up', schema: {} }]);
    expect(t.log.filter((line) => line.includes('was changed after it was applied'))).toHaveLength(1);
    await t.pool.query(`UPDATE schema_migrations SET checksum = substr(checksum, 2) WHERE version = 1`);
    expect(await ready(t)).toMatchObject([200, {}]);
  });

  it('asks the database once for all who ask within a second', async () => {
    await delay(MAX_AGE_MS);
    const statements = jest.spyOn(t.pool, 'query');
    const answers = await Promise.all(
      Array.from({ length: 500 }, () => t.get('/health/ready', { token: null })),
    );
    answers.push(await t.get('/health/ready', { token: null }));
    expect(statements.mock.calls.length).toBeLessThanOrEqual(1);
    statements.mockRestore();
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
  });

  it('says that database and schema are as needed', async () => {
    await delay(MAX_AGE_MS);
    expect(await t.read('/health/ready', { token: null })).toEqual({
      status: 'ready',
      database: 'up',
      schema: { current: expect.any(Number), expected: expect.any(Number) },
    });
  });
});

describe('an error of the service', () => {
  it('says no more than that, and the log has the rest under its x-request-id', async () => {
    const query = jest.spyOn(t.pool, 'query').mockImplementation(() => {
      throw new Error('a detail of the inside');
    });
    const response = await t.get('tokens', { headers: { 'x-request-id': 'find-me' } });
    query.mockRestore();
    expect(response.statusCode).toBe(500);
    expect(response.json()).toEqual({ code: 'INTERNAL_ERROR', message: expect.any(String) });
    expect(response.body).not.toContain('detail');
    expect(response.headers['x-request-id']).toBe('find-me');
    const line = t.log.find((text) => text.includes('a detail of the inside'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ requestId: 'find-me', level: 50 });
  });

  it('of a statement that takes too long is a 503', async () => {
    const pool = createPool({ url: t.database.url, statementTimeoutMs: 50 });
    const slow = await testApp({ database: t.database, pool });
    const query = jest.spyOn(pool, 'query').mockImplementation((() => {
      query.mockRestore();
      return pool.query('SELECT pg_sleep(5)');
    }) as never);
    const response = await slow.get('jobs', 'acme');
    expect(refusalOf(response)).toEqual([503, 'UNAVAILABLE']);
    expect(response.headers['retry-after']).toBeDefined();
    await slow.close();
    await pool.end();
  });
});

describe('an overloaded service', () => {
  it('sheds requests with Retry-After, and is still seen to be alive', async () => {
    const busy = await testApp({ database: t.database, maxEventLoopDelayMs: 20 });
    const until = Date.now() + 1_500;
    // Long turns of the event loop, until the next measurement has seen them.
    while (Date.now() < until) {
      const turn = Date.now() + 100;
      while (Date.now() < turn);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const response = await busy.get('catalog');
    expect(refusalOf(response)).toEqual([503, 'UNAVAILABLE']);
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    expect((await busy.get('/health/live', { token: null })).statusCode).toBe(200);
    expect((await busy.get('/metrics', { token: null })).statusCode).toBe(200);
    // Who asks for money waits in turn.
    const reserved = await busy.post('budgets/reservations', { estimated_cost_usd: 1 });
    expect(reserved.statusCode).toBe(201);
    await busy.close();
  });

  it('sheds requests when too many wait for the database', async () => {
    const crowded = await testApp({ database: t.database });
    const waiting = jest.spyOn(t.pool, 'waitingCount', 'get').mockReturnValue(201);
    const response = await crowded.get('tokens');
    waiting.mockRestore();
    expect(refusalOf(response)).toEqual([503, 'UNAVAILABLE']);
    expect(response.headers['retry-after']).toBe('1');
    await crowded.close();
  });
});
