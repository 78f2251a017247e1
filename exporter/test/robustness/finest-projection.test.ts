/** Calls by agent, endpoint and status: computed per hour, at most every five minutes, exact once the hour is over. */
import { MINUTE } from '../../src/time.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { call } from '../support/events.js';
import { expectAggregatesMatch, pendingMarks } from '../support/recount.js';
import { createReplica, type Replica } from './replica.js';

let database: TestDatabase;
let replicas: Replica[];
const clock = { now: 0 };

beforeEach(async () => {
  database = await createTestDatabase();
  clock.now = Date.parse('2026-03-18T12:10:00Z');
  replicas = [createReplica(database.url, { clock }), createReplica(database.url, { clock })];
});
afterEach(async () => {
  for (const replica of replicas) await replica.end();
  await database.drop();
});

/** Sends a call, by default at the current time, and rolls up on both replicas. */
async function callAndRollUp(at = clock.now): Promise<void> {
  await replicas[0]!.send('acme', [
    call(new Date(at).toISOString(), { agentId: 'a', endpoint: 'GET /x', status: 200 }),
  ]);
  for (const replica of replicas) await replica.rollup.run();
}

async function counted(): Promise<{ hour: number[]; day: number[] }> {
  const calls = async (table: string, time: string): Promise<number[]> => {
    const { rows } = await database.pool.query<{ calls: number }>(
      `SELECT calls FROM ${table} ORDER BY ${time}`,
    );
    return rows.map((row) => row.calls);
  };
  return {
    hour: await calls('agent_endpoint_hours', 'bucket'),
    day: await calls('agent_endpoint_days', 'date'),
  };
}

it('is computed at the first call of an hour, and again after at least five minutes, across replicas', async () => {
  await callAndRollUp();
  expect(await counted()).toEqual({ hour: [1], day: [1] });
  for (let minute = 1; minute < 5; minute += 1) {
    clock.now += MINUTE;
    await callAndRollUp();
    expect(await counted()).toEqual({ hour: [1], day: [1] });
  }
  expect(await pendingMarks(database.pool)).toEqual({ agent_endpoint: 1 });
  clock.now += MINUTE;
  for (const replica of replicas) await replica.rollup.run();
  expect(await counted()).toEqual({ hour: [5], day: [5] });
  expect(await pendingMarks(database.pool)).toEqual({});
});

it('is exact after the first rollup after the end of the hour, even if it was just computed', async () => {
  clock.now = Date.parse('2026-03-18T12:58:00Z');
  await callAndRollUp();
  clock.now = Date.parse('2026-03-18T12:59:59.500Z');
  await callAndRollUp();
  expect(await counted()).toMatchObject({ hour: [1] });
  clock.now = Date.parse('2026-03-18T13:00:00Z');
  await replicas[1]!.rollup.run();
  expect(await counted()).toEqual({ hour: [2], day: [2] });
  await expectAggregatesMatch(database.pool);
});

it('includes late calls of a past hour within five minutes', async () => {
  await callAndRollUp();
  clock.now = Date.parse('2026-03-18T13:30:00Z');
  const late = Date.parse('2026-03-18T12:20:00Z');
  await callAndRollUp(late);
  expect(await counted()).toMatchObject({ hour: [2] });
  clock.now += MINUTE;
  await callAndRollUp(late);
  expect(await counted()).toMatchObject({ hour: [2] });
  clock.now += 4 * MINUTE;
  await replicas[0]!.rollup.run();
  expect(await counted()).toEqual({ hour: [3], day: [3] });
  await expectAggregatesMatch(database.pool);
});
