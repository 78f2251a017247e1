/** SIGTERM and SIGINT: requests in flight are finished, then everything stops in order. The tests do not go through npm. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findProcess } from 'agentidp-analytics-embedded';
import { MIGRATE_LOCK } from '../../src/db/migrate.js';
import { createPool } from '../../src/db/pool.js';
import { type SlowProxy, startSlowProxy } from '../cache/slow-proxy.js';
import { seriesOf } from '../support/counting.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { eventually, HeldLocks, waitingForLocks } from './eventually.js';
import { embeddedServer, type End, type Exporter, Processes } from './exporter-process.js';
import { Load } from './load.js';

/** Longest time from the last thing that delays the shutdown to the exit, on a busy machine. */
const END_MS = 10_000;
const APPLICATION = 'agentidp-analytics';
const EVENTS = { events: [{ metricType: 'api_calls', agentId: 'a', count: 3 }] };

const processes = new Processes();
const stuck = new Processes();
let database: TestDatabase;
let locks: HeldLocks;
let proxy: SlowProxy;
let stuckEnd: Promise<End & { ms: number; output: string }>;

/** Starts an exporter whose database stops responding before the shutdown. */
async function startStuck(): Promise<void> {
  const url = new URL(database.url);
  proxy = await startSlowProxy(Number(url.port));
  url.port = String(proxy.port);
  const exporter = await (await stuck.serve({ DATABASE_URL: url.toString() })).ready();
  proxy.delayMs = 2 ** 31 - 1;
  void exporter.request('/api/v1/events', { body: EVENTS }).catch(() => undefined);
  await eventually('the request whose statement is not answered', async () => {
    const { body } = await exporter.request('/metrics', { tenant: null });
    return seriesOf(String(body), 'agentidp_analytics_ingest_held_bytes') > 0;
  });
  const began = performance.now();
  exporter.signal('SIGTERM');
  stuckEnd = exporter.ended.then((end) => ({
    ...end,
    ms: performance.now() - began,
    output: exporter.output,
  }));
}

beforeAll(async () => {
  database = await createTestDatabase();
  locks = new HeldLocks(database.url);
  await startStuck();
}, 600_000);
afterEach(async () => {
  await locks.releaseAll();
  await processes.cleanUp();
});
afterAll(async () => {
  await stuck.cleanUp();
  await proxy.stop();
  await database.drop();
});

async function endOf(exporter: Exporter): Promise<End> {
  const began = performance.now();
  const end = await exporter.ended;
  expect(performance.now() - began).toBeLessThan(END_MS);
  return end;
}

const refusesConnections = (exporter: Exporter): Promise<boolean> =>
  eventually('no new connections', async () =>
    exporter.request('/health/live', { tenant: null }).then(
      ({ status }) => status === 503 && false,
      () => true,
    ),
  );

/** Starts a write and a read that wait in the database. */
async function beginRequests(exporter: Exporter): Promise<ReturnType<Exporter['request']>[]> {
  await locks.hold('LOCK TABLE usage_events, endpoint_minutes, endpoint_hours, endpoint_days');
  // Each is recognized by the beginning of its statement: the rollup and the jobs wait for these tables as well.
  const asks: [part: string, ask: () => ReturnType<Exporter['request']>][] = [
    ['INSERT INTO usage_events', () => exporter.request('/api/v1/events', { body: EVENTS })],
    ['WITH days AS', () => exporter.request('/api/v1/analytics/call-patterns')],
  ];
  const begun: ReturnType<Exporter['request']>[] = [];
  for (const [i, [part, ask]] of asks.entries()) {
    let answered = true;
    await eventually('a request that waits', async () => {
      // Just after its start, the process may shed the request if the machine is busy.
      if (answered) {
        answered = false;
        begun[i] = ask();
        void begun[i].then(
          () => (answered = true),
          () => undefined,
        );
      }
      return (await waitingForLocks(database.pool, APPLICATION, part)) > 0;
    });
  }
  return begun;
}

it('SIGTERM: requests in flight are answered and stored, new connections are refused, and it exits with code 0', async () => {
  const exporter = await (await processes.serve({ DATABASE_URL: database.url })).ready();
  const inFlight = await beginRequests(exporter);
  exporter.signal('SIGTERM');
  await refusesConnections(exporter);
  expect(exporter.running).toBe(true);
  await locks.releaseAll();
  const [write, read] = await Promise.all(inFlight);
  expect(write).toMatchObject({ status: 200, body: { accepted: 1 } });
  expect(read).toMatchObject({ status: 200, body: { endpoints: expect.any(Array) } });
  expect(await endOf(exporter)).toEqual({ code: 0, signal: null });
  const { rows } = await database.pool.query(`SELECT sum(count)::int AS calls FROM usage_events`);
  expect(rows).toEqual([{ calls: 3 }]);
}, 600_000);

it('SIGINT twice: it exits immediately, even with requests in flight', async () => {
  const exporter = await (await processes.serve({ DATABASE_URL: database.url })).ready();
  const inFlight = (await beginRequests(exporter)).map((request) => request.catch(() => 'cut off'));
  exporter.signal('SIGINT');
  await refusesConnections(exporter);
  const began = performance.now();
  exporter.signal('SIGINT');
  expect(await exporter.ended).toEqual({ code: 1, signal: null });
  expect(performance.now() - began).toBeLessThan(3_000);
  expect(await Promise.all(inFlight)).toEqual(['cut off', 'cut off']);
}, 600_000);

it('under load: the embedded PostgreSQL is stopped last, and everything acknowledged is there after a restart', async () => {
  const env = { DATA_DIR: processes.directory() };
  const first = await (await processes.serve(env)).ready();
  const { pid } = embeddedServer(env.DATA_DIR);
  const load = new Load(first);
  await load.more(20);
  first.signal('SIGTERM');
  expect(await endOf(first)).toEqual({ code: 0, signal: null });
  expect(findProcess(pid)).toBeUndefined();
  await load.stop();

  load.exporter = await (await processes.serve(env)).ready();
  const pool = createPool({ url: embeddedServer(env.DATA_DIR).url, applicationName: 'test' });
  await load.verify(pool);
  await pool.end();
  // Until the end, every response was one of these.
  const statuses = new Set(load.answers.map((answer) => answer?.status));
  expect([200, 503, undefined]).toEqual(expect.arrayContaining([...statuses]));
}, 600_000);

it('during startup: it exits in order, and leaves no PostgreSQL running', async () => {
  const DATA_DIR = processes.directory();
  const exporter = processes.launch({ DATA_DIR });
  const { pid } = await eventually('PostgreSQL', () => embeddedServer(DATA_DIR));
  exporter.signal('SIGTERM');
  expect(await exporter.ended).toEqual({ code: 0, signal: null });
  expect(findProcess(pid)).toBeUndefined();
  expect(existsSync(join(DATA_DIR, 'postgres', 'postmaster.pid'))).toBe(false);
}, 600_000);

it.each([
  ['for a migration of another process', `SELECT pg_advisory_lock(${MIGRATE_LOCK})`],
  // As a migration does during a long transaction.
  ['for a lock', 'LOCK TABLE schema_migrations'],
])(
  'while startup waits %s: it exits immediately, with code 0',
  async (_, sql) => {
    const held = await locks.hold(sql);
    const exporter = await processes.serve({ DATABASE_URL: database.url });
    await eventually('the start that waits', async () => {
      const { rows } = await database.pool.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'agentidp-analytics migrate'`,
      );
      return rows.length > 0;
    });
    exporter.signal('SIGTERM');
    expect(await endOf(exporter)).toEqual({ code: 0, signal: null });
    expect(exporter.output).not.toContain('shutdown timed out');
    await held.release();
  },
  120_000,
);

it('a database that does not respond delays the exit by 30 seconds at most', async () => {
  const { code, ms, output } = await stuckEnd;
  expect(code).toBe(1);
  expect(ms).toBeGreaterThan(25_000);
  expect(ms).toBeLessThan(45_000);
  expect(output).toContain('shutdown timed out after 30 s');
}, 600_000);
