/** The network to the database drops everything during a rollup: the rollup fails, and the next one catches up. */
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
  ['during a recompute', 'LOCK TABLE usage_minutes'],
  ['before its transactions', 'LOCK TABLE price_recomputes'],
])('a rollup fails %s, and the next one catches up', async (_, held) => {
  await locks.hold(held);
  const rollup = replica.rollup.run().catch((error: unknown) => error);
  await blocked(database.pool, 'silent');
  proxy.freeze();
  expect(isUnavailable(await rollup)).toBe(true);
  await locks.releaseAll();
  proxy.thaw();
  // The server has not noticed the broken connection: the tenant stays locked until the idle transaction times out.
  await eventually('the marks', async () => {
    await replica.rollUp();
    return Object.keys(await pendingMarks(database.pool)).length === 0;
  });
  await expectAggregatesMatch(database.pool);
});
