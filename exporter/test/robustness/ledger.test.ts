/** Jobs on several replicas: each slot runs once, none is missed, and the nightly job corrects the aggregates. */
import { setTimeout as delay } from 'node:timers/promises';
import { jest } from '@jest/globals';
import type { Pool } from 'pg';
import type { SlotJob } from '../../src/jobs/job.js';
import { Ledger } from '../../src/jobs/ledger.js';
import { Scheduler } from '../../src/jobs/scheduler.js';
import { SlotRunner } from '../../src/jobs/slot-runner.js';
import { NIGHTLY } from '../../src/rollup/nightly.js';
import type { Services } from '../../src/services.js';
import { DAY, formatTime, MINUTE } from '../../src/time.js';
import { testApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { call } from '../support/events.js';
import { recordingLog } from '../support/log.js';
import { differences, expectAggregatesMatch } from '../support/recount.js';
import { eventually } from './eventually.js';
import { createReplica, type Replica } from './replica.js';
import { traffic } from './traffic.js';

const NOW = Date.parse('2026-03-18T12:00:00Z');
const LAST_NIGHT = '2026-03-18T00:05:00.000Z';
/** Long enough for an unexpected second run to start. */
const QUIET_MS = 300;

let database: TestDatabase;
const clock = { now: NOW };
const replicas: Replica[] = [];
const stops: (() => Promise<void>)[] = [];

beforeEach(async () => {
  clock.now = NOW;
  database = await createTestDatabase();
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  for (const replica of replicas.splice(0)) await replica.end();
  await database.drop();
});

function start(): Replica {
  const replica = createReplica(database.url, { clock });
  replicas.push(replica);
  return replica;
}

const testedJob = (run: SlotJob['run'], catchUp = true): SlotJob => ({
  name: 'tested',
  cron: '5 0 * * *',
  catchUp,
  run,
});

/** What a replica does when a slot of the job is due. By default it retries almost immediately. */
function schedule(run: SlotJob['run'], catchUp = true, retryMs = 20): () => Promise<void> {
  return catchUpOf(start(), testedJob(run, catchUp), retryMs);
}

function catchUpOf({ ledger }: Services, job: SlotJob, retryMs?: number): () => Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const runner = new SlotRunner(job, { ledger, now: () => clock.now, log: recordingLog(), signal, retryMs });
  stops.push(() => {
    stopping.abort();
    return runner.stop();
  });
  return () => runner.catchUp();
}

async function runs(job = 'tested'): Promise<Record<string, string>> {
  const { rows } = await database.pool.query<{ slot: Date; error: string | null; finished_at: Date | null }>(
    'SELECT slot, error, finished_at FROM job_runs WHERE job = $1 ORDER BY slot',
    [job],
  );
  const stateOf = (error: string | null, finished: Date | null): string =>
    finished === null ? 'running' : (error ?? 'done');
  return Object.fromEntries(
    rows.map(({ slot, error, finished_at }) => [formatTime(slot.getTime()), stateOf(error, finished_at)]),
  );
}

/** Inserts the claim of a replica that started its run so many minutes ago and was killed. */
async function leaveClaim(slot: string, minutesAgo: number): Promise<void> {
  await database.pool.query(
    `INSERT INTO job_runs (job, slot, started_at) VALUES ('tested', $1, now() - make_interval(mins => $2))`,
    [slot, minutesAgo],
  );
}

const night = (daysAgo: number): string => formatTime(Date.parse(LAST_NIGHT) - daysAgo * DAY);

describe('a slot', () => {
  it('runs once, even if several replicas claim it concurrently and again later', async () => {
    let ran = 0;
    const count = (): Promise<number> => Promise.resolve((ran += 1));
    const replicasAtOnce = [schedule(count), schedule(count), schedule(count)];
    await Promise.all(replicasAtOnce.map((catchUp) => catchUp()));
    await Promise.all(replicasAtOnce.map((catchUp) => catchUp()));
    expect(ran).toBe(1);
    expect(await runs()).toEqual({ [LAST_NIGHT]: 'done' });
    clock.now += DAY;
    await Promise.all(replicasAtOnce.map((catchUp) => catchUp()));
    expect(ran).toBe(2);
  });

  it('that is due when replicas start runs immediately, on one of them', async () => {
    const started = [start(), start()];
    started.forEach(({ scheduler }) => scheduler.start());
    const jobs = ['nightly', 'partitions', 'recommendations', 'retention'];
    const all = async (): Promise<string[]> =>
      (await Promise.all(jobs.map((job) => runs(job)))).flatMap((slots) => Object.values(slots));
    await eventually('all jobs', async () => (await all()).filter((state) => state === 'done').length === 4);
    await Promise.all(started.map(({ scheduler }) => scheduler.stop()));
    expect(await all()).toEqual(['done', 'done', 'done', 'done']);
    const done = started.flatMap(({ log }) => log.filter((line) => line.includes('job done')));
    expect(done).toHaveLength(4);
  });

  it('that becomes due during the previous run of its job runs after it, not concurrently', async () => {
    const ran: string[] = [];
    let finish = (): void => undefined;
    const first = new Promise<void>((resolve) => (finish = resolve));
    const run: SlotJob['run'] = async (slot) => {
      ran.push(formatTime(slot));
      if (ran.length === 1) await first;
      return 1;
    };
    const { ledger } = start();
    const jobs = [testedJob(run)];
    const scheduler = new Scheduler({ ledger, jobs, now: () => clock.now, log: recordingLog() });
    stops.push(() => scheduler.stop());
    scheduler.start();
    await eventually('the first run', () => ran.length === 1);
    clock.now += DAY;
    scheduler.tick();
    scheduler.tick();
    await delay(QUIET_MS);
    expect(ran).toEqual([LAST_NIGHT]);
    finish();
    await eventually('the next slot', () => ran.length === 2);
    expect(ran).toEqual([LAST_NIGHT, night(-1)]);
  });

  it('that failed is retried', async () => {
    let tries = 0;
    const catchUp = schedule(() => {
      tries += 1;
      return tries < 3 ? Promise.reject(new Error(`try ${tries}`)) : Promise.resolve(7);
    });
    await catchUp();
    await eventually('the third try', async () => (await runs())[LAST_NIGHT] === 'done');
    expect(tries).toBe(3);
  });

  it('that keeps failing is retried with doubling delays of up to 15 minutes', async () => {
    const FIRST = 61_001; // no other timer has this delay
    const timer = jest.spyOn(globalThis, 'setTimeout');
    const retries = (): typeof timer.mock.calls =>
      timer.mock.calls.filter(([, ms = 0]) => ms === 15 * MINUTE || (ms > 0 && ms % FIRST === 0));
    try {
      let tries = 0;
      const catchUp = schedule(() => Promise.reject(new Error(`try ${(tries += 1)}`)), true, FIRST);
      await catchUp();
      for (let done = 1; done < 6; done += 1) {
        const [again] = retries()[done - 1]!;
        (again as () => void)();
        await eventually('the next retry', () => retries().length > done);
      }
      const delays = retries().map(([, ms]) => ms);
      expect(delays).toEqual([FIRST, 2 * FIRST, 4 * FIRST, 8 * FIRST, 15 * MINUTE, 15 * MINUTE]);
      expect(tries).toBe(6);
    } finally {
      timer.mockRestore();
    }
  });

  it('of a dead replica is taken over when its claim expires, without waiting for the next slot', async () => {
    await leaveClaim(LAST_NIGHT, 29);
    let ran = 0;
    await schedule(() => Promise.resolve((ran += 1)))();
    expect([ran, await runs()]).toEqual([0, { [LAST_NIGHT]: 'running' }]);
    await database.pool.query(`UPDATE job_runs SET started_at = started_at - interval '2 minutes'`);
    await eventually('the takeover', async () => (await runs())[LAST_NIGHT] === 'done');
    expect(ran).toBe(1);
  });

  it('that fails elsewhere while it is being claimed does not count as done', async () => {
    await leaveClaim(LAST_NIGHT, 1);
    const failsMeanwhile = {
      query: async (sql: string, values: unknown[]): Promise<unknown> => {
        const answer = await database.pool.query(sql, values);
        if (sql.startsWith('INSERT'))
          await database.pool.query(`UPDATE job_runs SET finished_at = now(), error = 'failed'`);
        return answer;
      },
    } as unknown as Pool;
    const slot = Date.parse(LAST_NIGHT);
    expect(await new Ledger(failsMeanwhile).runSlot('tested', slot, () => Promise.resolve(1))).toBe(
      'elsewhere',
    );
    const ledger = new Ledger(database.pool);
    expect(await ledger.runSlot('tested', slot, () => Promise.resolve(1))).toBe('done');
    expect(await ledger.runSlot('tested', slot, () => Promise.resolve(1))).toBe('done before');
  });

  it('is not taken over from a replica that is slow but alive', async () => {
    const timer = jest.spyOn(globalThis, 'setInterval');
    try {
      let finish = (): void => undefined;
      const work = new Promise<number>((resolve) => (finish = () => resolve(1)));
      const slow = new Ledger(database.pool).runSlot('tested', Date.parse(LAST_NIGHT), () => work);
      await eventually('the claim', async () => (await runs())[LAST_NIGHT] === 'running');
      await eventually('the timer', () => timer.mock.calls.length > 0);
      await database.pool.query(`UPDATE job_runs SET started_at = started_at - interval '29 minutes'`);
      const [renew, every] = timer.mock.calls[0]!;
      expect(every).toBeLessThan(29 * MINUTE);
      renew();
      await eventually('the renewal', async () => {
        const { rows } = await database.pool.query<{ age: number }>(
          'SELECT extract(epoch FROM now() - started_at)::float8 AS age FROM job_runs',
        );
        return rows[0]!.age < 60;
      });
      finish();
      expect(await slow).toBe('done');
    } finally {
      timer.mockRestore();
    }
  });
});

it('the ledger deletes old runs, also of a job that never succeeded, but keeps the last success and the failures since', async () => {
  const ledger = new Ledger(database.pool);
  const record = (job: string, daysAgo: number, error: string | null): Promise<unknown> =>
    database.pool.query(
      'INSERT INTO job_runs (job, slot, started_at, finished_at, error) VALUES ($1, $2, $2, $2, $3)',
      [job, new Date(NOW - daysAgo * DAY), error],
    );
  await record('tested', 30, null);
  await record('tested', 20, null);
  await record('tested', 15, 'failed');
  await ledger.recordFailure('rollup', NOW - 20 * DAY, 'failed');
  await ledger.recordFailure('rollup', NOW - 5 * DAY, 'failed');
  expect(await ledger.prune(NOW, 10)).toBe(2);
  const { rows } = await database.pool.query('SELECT job, slot FROM job_runs ORDER BY job, slot');
  expect(rows).toEqual([
    { job: 'rollup', slot: new Date(NOW - 5 * DAY) },
    { job: 'tested', slot: new Date(NOW - 20 * DAY) },
    { job: 'tested', slot: new Date(NOW - 15 * DAY) },
  ]);
});

describe('missed nights', () => {
  it('all run after three days of downtime, oldest first', async () => {
    const ran: string[] = [];
    const catchUp = schedule((slot) => Promise.resolve(ran.push(formatTime(slot))));
    clock.now = NOW - 3 * DAY;
    await catchUp();
    clock.now = NOW;
    await catchUp();
    expect(ran).toEqual([night(3), night(2), night(1), LAST_NIGHT]);
  });

  it('still run after a later one has succeeded', async () => {
    const ran: string[] = [];
    const catchUp = schedule((slot) => Promise.resolve(ran.push(formatTime(slot))));
    clock.now = NOW - 3 * DAY;
    await catchUp();
    // One replica failed on one night and one died on another, while a third continued.
    await leaveClaim(night(2), 5);
    await database.pool.query(
      `INSERT INTO job_runs (job, slot, finished_at, error) VALUES ('tested', $1, now(), 'failed')`,
      [night(1)],
    );
    clock.now = NOW;
    await schedule((slot) =>
      slot === Date.parse(LAST_NIGHT) ? Promise.resolve(1) : Promise.reject(new Error('no')),
    )();
    await catchUp();
    // The other replica may be failing on it at the moment. Then it is retried.
    await eventually('the failed night', async () => (await runs())[night(1)] === 'done');
    expect(await runs()).toMatchObject({ [night(2)]: 'running', [night(1)]: 'done', [LAST_NIGHT]: 'done' });
    await database.pool.query(
      `UPDATE job_runs SET started_at = now() - interval '31 minutes' WHERE slot = $1`,
      [night(2)],
    );
    await eventually('the oldest', async () => (await runs())[night(2)] === 'done');
  });

  it('run even if an older one keeps failing', async () => {
    const catchUp = schedule((slot) =>
      slot === Date.parse(night(1)) ? Promise.reject(new Error('for good')) : Promise.resolve(1),
    );
    clock.now = NOW - 2 * DAY;
    await catchUp();
    clock.now = NOW;
    await catchUp();
    expect(await runs()).toMatchObject({ [LAST_NIGHT]: 'done' });
    expect((await runs())[night(1)]).not.toBe('done');
  });

  it('run once if the job does not catch up', async () => {
    const ran: number[] = [];
    const catchUp = schedule((slot) => Promise.resolve(ran.push(slot)), false);
    clock.now = NOW - 3 * DAY;
    await catchUp();
    clock.now = NOW;
    await catchUp();
    expect(ran).toHaveLength(2);
  });
});

describe('the nightly job', () => {
  const DAMAGE = `
    UPDATE analytics_daily_aggregates SET count = count + 100;
    UPDATE usage_hours SET count = count * 2, last_at = last_at + interval '1 second';
    UPDATE usage_minutes SET count = 1;
    DELETE FROM endpoint_minutes WHERE status_code = 200;
    UPDATE endpoint_hours SET calls = calls + 1, hist_counts = '{}', hist_buckets = '{}';
    DELETE FROM endpoint_days;
    DELETE FROM agent_endpoint_hours;
    UPDATE agent_endpoint_days SET calls = calls + 5;
    INSERT INTO usage_hours SELECT tenant_id, bucket, 'ghost', metric_type, count, first_at, last_at FROM usage_hours
    WHERE agent_id = 'agent-1' ON CONFLICT DO NOTHING;
    INSERT INTO analytics_daily_aggregates (tenant_id, agent_id, date, metric_type, count, first_at, last_at)
    SELECT tenant_id, 'ghost', date, metric_type, count, first_at, last_at FROM analytics_daily_aggregates
    WHERE agent_id = 'agent-1'`;

  it('corrects the previous day at every level, and the totals, whatever has happened to the rows', async () => {
    const replica = start();
    const batch = traffic('ledger');
    for (const tenant of ['acme', 'other']) {
      // Only events of yesterday.
      const events = batch(300, NOW - DAY).filter(({ occurredAt }) => occurredAt.startsWith('2026-03-17'));
      await replica.send(tenant, events);
    }
    await replica.rollUp();
    await expectAggregatesMatch(database.pool);
    await database.pool.query(DAMAGE);
    expect((await differences(database.pool)).length).toBeGreaterThan(10);
    expect(await replica.run(NIGHTLY)).toBeGreaterThan(0);
    await expectAggregatesMatch(database.pool);
  });

  it('processes the other tenants if one of them fails, and then counts as failed', async () => {
    const replica = start();
    for (const tenant of ['a', 'b', 'c'])
      await replica.send(tenant, [call('2026-03-17T10:00:00Z', { agentId: 'x' })]);
    await replica.rollUp();
    await database.pool.query(`
      UPDATE usage_hours SET count = 7;
      ALTER TABLE usage_hours ADD CONSTRAINT broken CHECK (tenant_id <> 'b') NOT VALID`);
    await expect(replica.run(NIGHTLY)).rejects.toThrow(/violates check constraint/);
    expect(await counts()).toEqual([1, 7, 1]);
  });

  it('logs which tenant failed, and a retry processes that tenant alone', async () => {
    const [first, another] = [start(), start()];
    for (const tenant of ['a', 'b', 'c'])
      await first.send(tenant, [call('2026-03-17T10:00:00Z', { agentId: 'x' })]);
    await first.rollUp();
    await database.pool.query(
      `ALTER TABLE usage_hours ADD CONSTRAINT broken CHECK (tenant_id = 'a') NOT VALID`,
    );
    await expect(first.run(NIGHTLY)).rejects.toThrow(/violates check constraint.*\(and 1 more\)/);
    const told = first.log.filter((line) => line.includes('violates check constraint'));
    expect(told).toEqual([expect.stringContaining('"tenant":"b"'), expect.stringContaining('"tenant":"c"')]);

    await database.pool.query(
      'ALTER TABLE usage_hours DROP CONSTRAINT broken; UPDATE usage_hours SET count = 7',
    );
    await first.run(NIGHTLY);
    expect(await counts()).toEqual([7, 1, 1]);
    // This replica does not know what the first one has done.
    await another.run(NIGHTLY);
    expect(await counts()).toEqual([1, 1, 1]);
  });

  it('shows its last run in the metrics and in the list of jobs, also after a restart', async () => {
    const metric = 'agentidp_analytics_aggregation_job_last_run';
    const before = await testApp({ database });
    await before.rollup();
    expect(await lines(before, metric)).toEqual([]);
    for (const job of before.services.jobs) await catchUpOf(before.services, job)();
    await before.rollup();
    const shown = await lines(before, metric);
    expect(shown).toHaveLength(1);
    expect(Number(shown[0]!.split(' ')[1])).toBeCloseTo(Date.now() / 1000, -2);
    await before.close();

    const after = await testApp({ database });
    await after.rollup();
    expect(await lines(after, metric)).toEqual(shown);
    expect(await lines(after, 'agentidp_analytics_aggregation_job_duration_ms')).toHaveLength(1);
    const listed = await after.read<{ jobs: { job: string }[] }>(
      `jobs?from=2026-01-01&to=${formatTime(Date.now() + DAY).slice(0, 10)}`,
    );
    expect(listed.jobs.map(({ job }) => job).sort()).toEqual([
      'nightly',
      'partitions',
      'recommendations',
      'retention',
    ]);
    await after.close();
  });

  /** The counts of the tenants' hours. */
  async function counts(): Promise<number[]> {
    const { rows } = await database.pool.query<{ count: number }>(
      'SELECT count FROM usage_hours ORDER BY tenant_id',
    );
    return rows.map(({ count }) => count);
  }

  async function lines(app: Awaited<ReturnType<typeof testApp>>, metric: string): Promise<string[]> {
    const { body } = await app.get('/metrics', { token: null });
    return body.split('\n').filter((line) => line.startsWith(metric));
  }
});
