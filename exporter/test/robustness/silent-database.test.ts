/** The network to the database swallows everything while a rollup works: it fails, and the next one does its work. */
import { isUnavailable } from '../../src/db/pool.js';
import { type FreezingProxy, startFreezingProxy } from '../db/freezing-proxy.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { call } from '../support/events.js';
import { expectAggregatesMatch, pendingMarks } from '../support/recount.js';
import { blocked, eventually, HeldLocks } from './eventually.js';
import { createReplica, type Replica } from './replica.js';

const NOW = Date.parse('2026-03-18T12:00:00Z');

let database: TestDatabase;
let proxy: FreezingProxy;
let locks: HeldLocks;
let replica: Replica;

beforeEach(async () => {
  database = await createTestDatabase();
  proxy = await startFreezingProxy(database.url);
  locks = new HeldLocks(database.url);
  const limits = { silenceMs: 3_000, idleInTransactionMs: 5_000 };
  replica = createReplica(proxy.url, { clock: { now: NOW }, name: 'silent', ...limits });
  await replica.send('acme', [call('2026-03-18T10:00:00Z', { agentId: 'a', endpoint: 'GET /x' })]);
});
afterEach(async () => {
  await locks.releaseAll();
  await replica.end();
  await proxy.stop();
  await database.drop();
});

it.each([
  ['in a recompute', 'LOCK TABLE usage_minutes'],
  ['before its transactions', 'LOCK TABLE price_recomputes'],
])('a rollup that it finds %s', async (_, held) => {
  await locks.hold(held);
  const rollup = replica.rollup.run().catch((error: unknown) => error);
  await blocked(database.pool, 'silent');
  proxy.freeze();
  expect(isUnavailable(await rollup)).toBe(true);
  await locks.releaseAll();
  proxy.thaw();
  // The server has seen no end of the connection either: the tenant is busy until it ends the idle transaction.
  await eventually('the marks', async () => {
    await replica.rollUp();
    return Object.keys(await pendingMarks(database.pool)).length === 0;
  });
  await expectAggregatesMatch(database.pool);
});
