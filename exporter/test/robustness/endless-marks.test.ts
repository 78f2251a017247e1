/** Marks that arrive as fast as they are processed: a rollup still ends, and no tenant waits for another. */
import { Rollup } from '../../src/rollup/rollup.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { call } from '../support/events.js';
import { expectAggregatesMatch } from '../support/recount.js';
import { createReplica, type Replica } from './replica.js';

const NOON = '2026-03-18T12:00:00Z';

let database: TestDatabase;
let replica: Replica;

beforeEach(async () => {
  database = await createTestDatabase();
  replica = createReplica(database.url, { clock: { now: Date.parse(NOON) } });
});
afterEach(async () => {
  await replica.end();
  await database.drop();
});

const TENANTS = ['a', 'b', 'c'];
const MARK = `INSERT INTO dirty_marks (tenant_id, kind, bucket) SELECT tenant, 'minute', $2
  FROM unnest($1::text[]) AS tenant`;

it('a rollup ends within its time limit, after at least one turn per tenant', async () => {
  for (const tenant of TENANTS) await replica.send(tenant, [call(NOON, { agentId: 'x' })]);
  const turns: string[] = [];
  const rollup = new Rollup(replica.pool, {
    minuteRetentionHours: 48,
    retentionDays: 400,
    now: () => replica.clock.now,
    onProgress: ({ tenantId }) => turns.push(tenantId),
  });
  let flooding = true;
  const flood = async (): Promise<void> => {
    while (flooding) await database.pool.query(MARK, [TENANTS, NOON]);
  };
  const floods = [flood(), flood(), flood()];
  const gaveUp = setTimeout(() => (flooding = false), 40_000);
  try {
    // Long enough for a second turn on a slow machine.
    await rollup.run(undefined, 5_000);
    expect(flooding).toBe(true);
    expect(turns.length).toBeGreaterThan(TENANTS.length);
    turns.length = 0;
    await rollup.run(undefined, 0);
    expect([...turns].sort()).toEqual(TENANTS);
  } finally {
    clearTimeout(gaveUp);
    flooding = false;
    await Promise.all(floods);
  }
  await replica.rollUp();
  await expectAggregatesMatch(database.pool);
});
