/** A database that makes no progress: every request gets a response in bounded time, and the process stays alive. */
import type { Pool } from 'pg';
import { createPool } from '../../src/db/pool.js';
import { readLimits } from '../../src/db/read-shares.js';
import { HOUR } from '../../src/time.js';
import { type TestApp, testApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { expectAggregatesMatch } from '../support/recount.js';
import { blocked, HeldLocks } from './eventually.js';
import { settle } from './replica.js';
import { traffic } from './traffic.js';

const NAME = 'small';
const CONNECTIONS = 4;
const STATEMENT_MS = 4_000;
const CONNECT_MS = 2_000;
/** Twice both timeouts and a margin, for a busy machine. */
const BOUND_MS = 2 * (STATEMENT_MS + CONNECT_MS) + 3_000;

let database: TestDatabase;
let locks: HeldLocks;
let pool: Pool;
let app: TestApp;
const batch = traffic('overload');

beforeAll(async () => {
  database = await createTestDatabase();
  locks = new HeldLocks(database.url);
  pool = createPool({
    ...{ url: database.url, max: CONNECTIONS, applicationName: NAME },
    ...{ statementTimeoutMs: STATEMENT_MS, connectionTimeoutMs: CONNECT_MS },
  });
  app = await testApp({ database, pool, now: new Date().toISOString() });
});
afterEach(() => locks.releaseAll());
afterAll(async () => {
  await app.close();
  await pool.end();
  await database.drop();
});

type Response = Awaited<ReturnType<TestApp['get']>>;

interface Timed {
  response: Response;
  ms: number;
}

async function timed(request: Promise<Response>): Promise<Timed> {
  const began = performance.now();
  return { response: await request, ms: performance.now() - began };
}

/** Different requests, so that they do not share a response. */
const reads = (count: number): Promise<Timed>[] =>
  Array.from({ length: count }, (_, i) => timed(app.get(`call-patterns?limit=${i + 1}`)));

function expectShed(answers: readonly Timed[]): void {
  for (const { response, ms } of answers) {
    expect([response.statusCode, response.json<{ code: string }>().code]).toEqual([503, 'UNAVAILABLE']);
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    expect(ms).toBeLessThan(BOUND_MS);
  }
}

async function events(): Promise<number> {
  const { rows } = await database.pool.query<{ events: number }>(
    'SELECT count(*) AS events FROM usage_events',
  );
  return rows[0]!.events;
}

async function expectAlive(): Promise<void> {
  for (const path of ['/health/live', '/metrics']) {
    const { response, ms } = await timed(app.get(path, { token: null }));
    expect(response.statusCode).toBe(200);
    expect(ms).toBeLessThan(1_000);
  }
  // Reads leave connections to others.
  const { response, ms } = await timed(app.get('/health/ready', { token: null }));
  expect(response.statusCode).toBe(200);
  expect(ms).toBeLessThan(BOUND_MS);
}

it('reads that wait for the database get a 503 in bounded time, while health checks and metrics respond', async () => {
  await locks.hold('LOCK TABLE endpoint_minutes, endpoint_hours, endpoint_days');
  const asked = reads(40);
  await blocked(database.pool, NAME, readLimits(CONNECTIONS).perTenant);
  await expectAlive();
  expectShed(await Promise.all(asked));
  await locks.releaseAll();
  expect((await app.get('call-patterns')).statusCode).toBe(200);
});

it('a read gets a 503 immediately if the queue for connections is full', async () => {
  // Requested from the pool directly, so that all of them are waiting at the same time.
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => pool.connect()));
  const waiting = Array.from({ length: 201 }, () => pool.connect().catch(() => undefined));
  try {
    const { response, ms } = await timed(app.get('usage-summary'));
    expect(response.json()).toMatchObject({
      message: expect.stringContaining('too many requests are waiting'),
    });
    expect(ms).toBeLessThan(STATEMENT_MS);
    expectShed([{ response, ms }]);
  } finally {
    clients.forEach((client) => client.release());
    for (const client of await Promise.all(waiting)) client?.release();
  }
});

it.each([
  ['is a standby after a failover', '25006'],
  ['is out of disk space', '53100'],
])('writes to a database that %s get a 503, and succeed once it accepts them again', async (_, code) => {
  await database.pool.query(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RAISE EXCEPTION 'refused' USING ERRCODE = '${code}';
    END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON dirty_marks EXECUTE FUNCTION refuse()`);
  const [first, second] = [batch(20, app.clock.now), batch(20, app.clock.now)];
  const send = (events: unknown): Promise<Timed> => timed(app.post('/api/v1/events', { events }));
  expectShed(await Promise.all([send(first), send(second)]));
  await database.pool.query('DROP TRIGGER refuse ON dirty_marks; DROP FUNCTION refuse()');
  for (const { response } of [await send(first), await send(second)]) {
    expect(response.json()).toEqual({ accepted: 20, duplicates: 0, rejected: [] });
  }
});

it('writes that wait for the database get a 503 in bounded time, and count once when they are resent', async () => {
  const before = await events();
  const bodies = Array.from({ length: 12 }, () => ({ events: batch(20, app.clock.now) }));
  const send = (): Promise<Timed>[] => bodies.map((body) => timed(app.post('/api/v1/events', body)));
  // The agents, names and partitions exist now, so that only the insert waits.
  await app.post('/api/v1/events', { events: batch(200, app.clock.now) });
  await locks.hold('LOCK TABLE usage_events');
  const asked = send();
  await blocked(database.pool, NAME);
  expect((await app.get('/health/live', { token: null })).statusCode).toBe(200);
  expectShed(await Promise.all(asked));

  await locks.releaseAll();
  for (const { response } of await Promise.all(send())) expect(response.statusCode).toBe(200);
  expect(await events()).toBe(before + 12 * 20 + 200);
  await settle(database.url);
  await expectAggregatesMatch(database.pool, { minutesFrom: Date.now() - 46 * HOUR });
});
