/** An unreachable database, at startup and under load: the exporter reports it, keeps running and recovers by itself. */
import { createPool } from '../../src/db/pool.js';
import { DatabaseServer } from './database-server.js';
import { eventually } from './eventually.js';
import { type Answer, type Exporter, Processes } from './exporter-process.js';
import { Load } from './load.js';

const READ = '/api/v1/analytics/usage-summary';
/** A write of a tenant other than the one that `Load` uses. */
const WRITE = { tenant: 'other', body: { events: [{ metricType: 'api_calls', agentId: 'a' }] } };

const processes = new Processes();
let server: DatabaseServer;
let exporter: Exporter;

beforeAll(async () => {
  server = await DatabaseServer.make(processes.directory());
  exporter = await processes.serve({ DATABASE_URL: server.url });
}, 600_000);
afterAll(async () => {
  await processes.cleanUp();
  await server.end();
});

const open = { tenant: null };

/** Expects reads and writes to get a 503 with Retry-After, readiness to fail, and liveness and metrics to work. */
async function expectAway(database: 'down' | 'up' = 'down'): Promise<void> {
  const answers: Answer[] = [];
  for (const refused of [exporter.request(READ), exporter.request('/api/v1/events', WRITE)]) {
    answers.push(await refused);
  }
  for (const { status, headers, body } of answers) {
    expect([status, body]).toEqual([503, { code: 'UNAVAILABLE', message: expect.any(String) }]);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  }
  // An answer may be a second old.
  await eventually('not ready', async () => (await exporter.request('/health/ready', open)).status === 503);
  expect(await exporter.request('/health/ready', open)).toMatchObject({ status: 503, body: { database } });
  expect(await exporter.request('/health/live', open)).toMatchObject({ status: 200, body: { status: 'ok' } });
  expect((await exporter.request('/metrics', open)).status).toBe(200);
}

it('an exporter that starts before its database responds, and becomes ready by itself', async () => {
  await expectAway();
  await server.start();
  await exporter.ready();
  // On a busy machine, a request is shed now and then.
  await eventually('a write', async () => (await exporter.request('/api/v1/events', WRITE)).status === 200);
  await eventually('a read', async () => (await exporter.request(READ)).status === 200);
}, 600_000);

it('a database restart under load fails requests but loses nothing acknowledged, and the exporter keeps running', async () => {
  const pool = createPool({ url: server.url, applicationName: 'test' });
  const load = new Load(exporter);
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    await load.more(5);
    // An orderly restart first serves existing connections until they close.
    if (signal === 'SIGINT') {
      server.signal('SIGTERM');
      await load.more(5);
    }
    await server.stop(signal);
    await eventually('a refused read', async () => (await exporter.request(READ)).status === 503);
    await expectAway();
    await server.start();
    await exporter.ready();
  }
  await load.more(5);
  await load.stop();
  await load.verify(pool);
  await pool.end();

  expect(exporter.running).toBe(true);
  const refused = load.answers.filter((answer) => answer?.status !== 200);
  expect(refused.length).toBeGreaterThan(0);
  for (const answer of refused) {
    expect(answer?.status).toBe(503);
    expect(Number(answer?.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  // Logged once per outage, and possibly once more during recovery, but not at every rollup.
  expect(exporter.output.match(/rollup failed/g)?.length ?? 0).toBeLessThanOrEqual(3);
}, 600_000);
