/** Two replicas that roll up the same database concurrently. */
import { setTimeout as delay } from 'node:timers/promises';
import { NAMED_AGENTS } from '../../src/tenants/registry.js';
import { NIGHTLY } from '../../src/rollup/nightly.js';
import { HOUR, MINUTE } from '../../src/time.js';
import type { TestEvent } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { call } from '../support/events.js';
import { expectAggregatesMatch, pendingMarks } from '../support/recount.js';
import { randomOf } from '../support/seed.js';
import { blocked, eventually, HeldLocks } from './eventually.js';
import { createReplica, type Replica } from './replica.js';
import { traffic } from './traffic.js';

const NOW = Date.UTC(2026, 2, 18, 12, 0, 30);

let database: TestDatabase;
let replicas: Replica[];
let locks: HeldLocks;
const clock = { now: NOW };

beforeEach(async () => {
  clock.now = NOW;
  database = await createTestDatabase();
  locks = new HeldLocks(database.url);
  replicas = ['slow', 'quick'].map((name) => createReplica(database.url, { clock, name }));
});
afterEach(async () => {
  await locks.releaseAll();
  for (const replica of replicas) await replica.end();
  await database.drop();
});

/** Both replicas process all pending marks, one after the other. */
async function settle(): Promise<void> {
  for (const replica of replicas) await replica.rollUp();
  expect(await pendingMarks(database.pool)).toEqual({});
}

describe('two replicas', () => {
  it('compute exact aggregates while both ingest events, late events and duplicates', async () => {
    const unique = new Map<string, number>();
    let accepted = 0;
    const send = async (replica: Replica, tenant: string, events: TestEvent[]): Promise<void> => {
      const answer = await replica.ingest.events(tenant, events);
      expect(answer.rejected).toEqual([]);
      accepted += answer.accepted;
    };
    const sender = async (n: number): Promise<void> => {
      const [random, batch] = [randomOf('sender', n), traffic(`sender ${n}`)];
      const tenant = `tenant-${n % 2}`;
      for (let round = 0; round < 12; round += 1) {
        clock.now += 500;
        const events = batch(60, clock.now);
        unique.set(tenant, (unique.get(tenant) ?? 0) + events.length);
        const [first, second] = random() < 0.5 ? replicas : [...replicas].reverse();
        // The same batch to both at once: one of them stores it, and it is counted once.
        await Promise.all([send(first!, tenant, events), random() < 0.4 && send(second!, tenant, events)]);
        if (random() < 0.2) await send(second!, tenant, events);
      }
    };
    let streaming = true;
    const rollUp = async (replica: Replica): Promise<number> => {
      let rows = 0;
      while (streaming) {
        rows += (await replica.rollup.run()).rows;
        await delay(5);
      }
      return rows;
    };
    const rollups = replicas.map(rollUp);
    await Promise.all([1, 2, 3, 4].map(sender)).finally(() => (streaming = false));
    expect(Math.min(...(await Promise.all(rollups)))).toBeGreaterThan(0);

    expect(accepted).toBe(4 * 12 * 60);
    const { rows } = await database.pool.query<{ tenant: string; events: number }>(
      'SELECT tenant_id AS tenant, count(*) AS events FROM usage_events GROUP BY 1',
    );
    expect(new Map(rows.map(({ tenant, events }) => [tenant, events]))).toEqual(unique);
    await settle();
    await expectAggregatesMatch(database.pool, { minutesFrom: clock.now - 48 * HOUR });
  }, 600_000);

  const STALL = 4711;

  /** While the lock is held, the slow replica's statements stop at their first row of the table, after their snapshot. */
  async function stallSlowReplicaAt(table: string): Promise<{ release(): Promise<void> }> {
    await database.pool.query(`
      CREATE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF current_setting('application_name') = 'slow' THEN PERFORM pg_advisory_xact_lock_shared(${STALL}); END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER stall BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION stall()`);
    return locks.hold(`SELECT pg_advisory_xact_lock(${STALL})`);
  }

  describe('when one of them is slow', () => {
    const at = (offset: number): string => new Date(NOW - offset).toISOString();

    it.each(['usage_minutes', 'usage_hours', 'analytics_daily_aggregates', 'agent_totals'])(
      'the other neither overtakes it nor takes its marks, and newer sums prevail (stalled at %s)',
      async (table) => {
        const [slow, quick] = replicas as [Replica, Replica];
        await slow.ingest.events('acme', [
          call(at(2 * MINUTE), { agentId: 'a', endpoint: 'GET /x', status: 200 }),
        ]);
        const stall = await stallSlowReplicaAt(table);
        const behind = slow.rollup.run();
        await blocked(database.pool, 'slow');

        // In the minute that is being computed, in the next one, and for another tenant, which must not be delayed.
        await quick.ingest.events('acme', [
          call(at(2 * MINUTE), { agentId: 'a', endpoint: 'GET /x', status: 200 }),
        ]);
        await quick.ingest.events('acme', [
          call(at(MINUTE), { agentId: 'a', endpoint: 'GET /x', status: 500 }),
        ]);
        await quick.ingest.events('other', [call(at(MINUTE), { agentId: 'a' })]);
        expect(await quick.rollup.run()).toMatchObject({ busy: 1, buckets: 2 });
        expect(await pendingMarks(database.pool)).toMatchObject({ minute: 3 });

        await stall.release();
        expect(await behind).toMatchObject({ busy: 0 });
        await settle();
        await expectAggregatesMatch(database.pool);
      },
    );

    it('a manual recompute waits for it, and then sees what was committed in the meantime', async () => {
      const [slow, quick] = replicas as [Replica, Replica];
      await slow.ingest.events('acme', [call(at(2 * MINUTE), { agentId: 'a' })]);
      const stall = await stallSlowReplicaAt('usage_hours');
      const behind = slow.rollup.run();
      await blocked(database.pool, 'slow');
      const byHand = quick.rollup.recomputeRange('acme', NOW - HOUR, NOW);
      await blocked(database.pool, 'quick');
      await database.pool.query(`
        INSERT INTO usage_events (tenant_id, occurred_at, event_id, agent_id, metric_type, count)
        VALUES ('acme', '${at(2 * MINUTE)}', gen_random_uuid(), 'a', 'api_calls', 5)`);
      await stall.release();
      await Promise.all([behind, byHand]);
      await settle();
      await expectAggregatesMatch(database.pool);
    });
  });

  it('select the agents for the metrics between two rollups, so that a day stays in the series that has shown it', async () => {
    const [slow, quick] = replicas as [Replica, Replica];
    const at = new Date(NOW).toISOString();
    for (let i = 0; i < NAMED_AGENTS; i += 1) await quick.send('acme', [call(at, { agentId: `agent-${i}` })]);
    await quick.send('acme', [call(at, { agentId: 'late', count: 100 })]);
    await quick.rollUp();
    const shown = async (agent: string): Promise<number | undefined> => {
      await quick.status.refresh();
      const { agents } = quick.status.snapshot!;
      return agents.find((figures) => figures.agent === agent)?.totals.api_calls;
    };
    expect(await shown('other')).toBe(100);

    await slow.send('acme', [call(at, { agentId: 'late' })]);
    // At this point the day has been subtracted from the totals, and not yet added again.
    const stall = await stallSlowReplicaAt('analytics_daily_aggregates');
    const rollup = slow.rollup.run();
    await blocked(database.pool, 'slow');
    const chosen = quick.run(NIGHTLY);
    await Promise.race([chosen, blocked(database.pool, 'quick')]);
    await stall.release();
    await Promise.all([rollup, chosen]);
    expect([await shown('late'), await shown('other')]).toEqual([0, 101]);
  });

  it('take over from one that hangs in its transaction, once the server has ended it', async () => {
    const [, quick] = replicas as [Replica, Replica];
    await quick.ingest.events('acme', [call(new Date(NOW).toISOString(), { agentId: 'a' })]);
    const hanging = createReplica(database.url, { clock, name: 'hanging', idleInTransactionMs: 2_000 });
    replicas.push(hanging);
    let goOn = (): void => undefined;
    const hang = new Promise<void>((resolve) => (goOn = resolve));
    const hangs = new Promise<void>((resolve) => {
      hanging.pool.on('connect', (client) => {
        const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
        const hangingQuery = async (...args: unknown[]): Promise<unknown> => {
          if (/INSERT INTO usage_hours/.test(String(args[0]))) {
            resolve();
            await hang;
          }
          return query(...args);
        };
        Object.assign(client, { query: hangingQuery });
      });
    });
    const hung = hanging.rollup.run();
    hung.catch(() => undefined);
    await hangs;
    try {
      await eventually('the takeover', async () => (await quick.rollup.run()).buckets > 0, 15_000);
    } finally {
      goOn();
    }
    await expect(hung).rejects.toThrow();
    await settle();
    await expectAggregatesMatch(database.pool);
  });

  it('register agents without an error for the sender if a rollup locks their rows in another order', async () => {
    const [replica] = replicas as [Replica];
    const event = (agentId: string, agentName: string) =>
      call(new Date(NOW).toISOString(), { agentId, agentName });
    await replica.send('acme', [event('a', 'old'), event('b', 'old')]);
    const [name] = database.url.split('/').slice(-1);
    await database.pool.query(`ALTER DATABASE ${name} SET deadlock_timeout = '3s'`);
    const renaming = createReplica(database.url, { clock, name: 'renaming' });
    replicas.push(renaming);
    const update = (id: string): string => `UPDATE agents SET last_seen_at = now() WHERE id = '${id}'`;
    const rollup = await locks.hold(`SET LOCAL deadlock_timeout = '1min'; ${update('b')}`);
    const renamed = renaming.send('acme', [event('a', 'new'), event('b', 'new')]);
    await blocked(database.pool, 'renaming');
    await rollup.query(update('a'));
    await rollup.release();
    await renamed;
    const { rows } = await database.pool.query('SELECT name FROM agents ORDER BY id');
    expect(rows).toEqual([{ name: 'new' }, { name: 'new' }]);
  });

  it('continue with the other tenants if the rollup of one fails, and log it', async () => {
    const [first] = replicas as [Replica];
    await database.pool.query(`ALTER TABLE usage_hours ADD CONSTRAINT broken CHECK (tenant_id <> 'b')`);
    for (const tenant of ['a', 'b', 'c']) {
      await first.ingest.events(tenant, [call(new Date(NOW).toISOString(), { agentId: 'a' })]);
    }
    await expect(first.rollup.run()).rejects.toThrow(/violates check constraint/);
    const { rows } = await database.pool.query('SELECT tenant_id FROM usage_hours ORDER BY 1');
    expect(rows).toEqual([{ tenant_id: 'a' }, { tenant_id: 'c' }]);
    expect(await pendingMarks(database.pool)).toMatchObject({ minute: 1 });
    await expect(first.rollup.run()).rejects.toThrow(/violates check constraint/);
    expect(first.log).toEqual([expect.stringMatching(/^warn: rollup of a tenant failed .*"tenant":"b"/)]);

    await database.pool.query('ALTER TABLE usage_hours DROP CONSTRAINT broken');
    await settle();
    expect(first.log.slice(1)).toEqual(['info: rollup of a tenant works again {"tenant":"b"}']);
    await expectAggregatesMatch(database.pool);
  });
});
