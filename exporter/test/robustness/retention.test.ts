/** What retention deletes, and that nothing is recomputed from deleted data. */
import { formatTime, HOUR } from '../../src/time.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { call, rotated } from '../support/events.js';
import { differences, expectAggregatesMatch, pendingMarks } from '../support/recount.js';
import { blocked, HeldLocks } from './eventually.js';
import { createReplica, type Replica } from './replica.js';

let database: TestDatabase;
let locks: HeldLocks;
const replicas: Replica[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  locks = new HeldLocks(database.url);
});
afterEach(async () => {
  await locks.releaseAll();
  for (const replica of replicas.splice(0)) await replica.end();
  await database.drop();
});

function start(now: string, env: Record<string, string> = {}): Replica {
  const replica = createReplica(database.url, { clock: { now: Date.parse(now) }, env });
  replicas.push(replica);
  return replica;
}

async function texts(sql: string): Promise<string[]> {
  const { rows } = await database.pool.query<{ text: string }>(sql);
  return rows.map(({ text }) => text);
}

const minutes = (): Promise<string[]> =>
  texts(`SELECT to_char(bucket, 'DD HH24:MI') AS text FROM usage_minutes ORDER BY bucket`);
const hours = (): Promise<string[]> =>
  texts(`SELECT to_char(bucket, 'MM-DD HH24') || ' ' || count AS text FROM usage_hours ORDER BY bucket`);
const partitions = (): Promise<string[]> =>
  texts(`SELECT relname AS text FROM pg_class WHERE relname ~ '^usage_events_\\d{4}_\\d{2}$' ORDER BY 1`);

describe('minutes', () => {
  const env = { MINUTE_RETENTION_HOURS: '3' };

  it('are deleted two hours after they left their window, so that a running rollup still finds them; hours and days stay', async () => {
    const app = start('2026-03-18T12:10:00Z', env);
    await app.send('acme', [
      call('2026-03-18T09:05:00Z', { agentId: 'a' }),
      call('2026-03-18T11:07:00Z', { agentId: 'a' }),
      call('2026-03-18T12:09:00Z', { agentId: 'a' }),
    ]);
    await app.rollUp();
    expect(await minutes()).toEqual(['18 09:05', '18 11:07', '18 12:09']);
    app.clock.now = Date.parse('2026-03-18T14:40:00Z');
    await app.run('retention');
    expect(await minutes()).toEqual(['18 09:05', '18 11:07', '18 12:09']);
    app.clock.now = Date.parse('2026-03-18T16:40:00Z');
    await app.run('retention');
    expect(await minutes()).toEqual(['18 11:07', '18 12:09']);
    expect(await differences(database.pool, { minutesFrom: Date.parse('2026-03-18T11:00:00Z') })).toEqual([]);
  });

  it.each([
    ['after their rows were deleted', true],
    ['before their rows were deleted', false],
  ])(
    'are not used again for an older hour when MINUTE_RETENTION_HOURS is increased %s',
    async (_, dropped) => {
      const before = start('2026-03-18T12:10:00Z', env);
      await before.send('acme', [
        call('2026-03-18T09:05:00Z', { agentId: 'a', endpoint: 'GET /x', status: 200, durationMs: 5 }),
        call('2026-03-18T09:15:00Z', { agentId: 'a', count: 10 }),
      ]);
      await before.rollUp();
      before.clock.now = Date.parse(dropped ? '2026-03-18T14:40:00Z' : '2026-03-18T13:10:00Z');
      if (dropped) await before.run('retention');
      // Its hour has left the window, so it is computed from raw events, and its minutes do not change.
      await before.send('acme', [rotated('2026-03-18T09:25:00Z', { agentId: 'a' })]);
      await before.rollUp();

      const raised = start(formatTime(before.clock.now), { MINUTE_RETENTION_HOURS: '24' });
      await raised.send('acme', [call('2026-03-18T09:35:00Z', { agentId: 'a' })]);
      await raised.rollUp();
      expect(await hours()).toEqual(['03-18 09 12', '03-18 09 1']);
      const minutesFrom = Date.parse('2026-03-18T10:00:00Z');
      await expectAggregatesMatch(database.pool, { minutesFrom });
    },
  );
});

describe('raw events', () => {
  const env = { RETENTION_DAYS: '30' };

  /** Sends events of January to March and rolls them up. */
  async function threeMonths(): Promise<Replica> {
    const app = start('2026-03-18T12:00:00Z', { RETENTION_DAYS: '400' });
    await app.send('acme', [
      call('2026-01-10T08:00:00Z', { agentId: 'a', endpoint: 'GET /x', status: 500, durationMs: 7 }),
      call('2026-02-10T08:00:00Z', { agentId: 'a', endpoint: 'GET /x', status: 200, durationMs: 9 }),
      call('2026-03-10T08:00:00Z', { agentId: 'a' }),
    ]);
    await app.partitions.makeAhead(app.clock.now);
    await app.rollUp();
    return app;
  }
  const kept = ['01-10 08 1', '02-10 08 1', '03-10 08 1'];

  it('are dropped by month, once the whole month is older than the retention; hours and days stay', async () => {
    await threeMonths();
    const app = start('2026-03-30T12:00:00Z', env);
    await app.run('retention');
    expect((await partitions())[0]).toBe('usage_events_2026_02');
    app.clock.now = Date.parse('2026-03-31T00:00:00Z');
    await app.run('retention');
    expect((await partitions())[0]).toBe('usage_events_2026_03');
    expect(await hours()).toEqual(kept);
    expect(await texts('SELECT date::text AS text FROM endpoint_days ORDER BY date')).toHaveLength(3);
    expect(await texts('SELECT date::text AS text FROM agent_endpoint_days ORDER BY date')).toHaveLength(3);
  });

  it('stay while marks refer to them, and so does every later month', async () => {
    const app = await threeMonths();
    await app.send('acme', [call('2026-01-11T09:00:00Z', { agentId: 'b' })]);
    const later = start('2026-04-20T12:00:00Z', env);
    await later.run('retention');
    expect((await partitions())[0]).toBe('usage_events_2026_01');
    await later.rollUp();
    expect(await pendingMarks(database.pool)).toEqual({});
    await expectAggregatesMatch(database.pool, { minutesFrom: Date.parse('2026-03-18T00:00:00Z') });
    await later.run('retention');
    expect((await partitions())[0]).toBe('usage_events_2026_03');
  });

  it('that were dropped are not recomputed: a mark, a manual recompute and the nightly job leave their buckets as they are', async () => {
    await threeMonths();
    const app = start('2026-04-20T12:00:00Z', env);
    await app.run('retention');
    await database.pool.query(`
      INSERT INTO dirty_marks (tenant_id, kind, bucket)
      SELECT 'acme', kind, bucket FROM unnest(ARRAY['minute', 'hour', 'agent_endpoint']) AS kind,
        unnest(ARRAY['2026-01-10T08:00Z', '2026-02-10T08:00Z']::timestamptz[]) AS bucket`);
    const before = await texts('SELECT to_jsonb(d)::text AS text FROM endpoint_days d ORDER BY date');
    const totals = await texts('SELECT to_jsonb(t)::text AS text FROM agent_totals t ORDER BY 1');
    await app.rollUp();
    expect(await pendingMarks(database.pool)).toEqual({});
    await app.rollup.recomputeRange('acme', Date.parse('2026-01-10T07:00Z'), Date.parse('2026-01-10T10:00Z'));
    expect(await hours()).toEqual(kept);
    expect(await texts('SELECT to_jsonb(d)::text AS text FROM endpoint_days d ORDER BY date')).toEqual(
      before,
    );
    expect(await texts('SELECT to_jsonb(t)::text AS text FROM agent_totals t ORDER BY 1')).toEqual(totals);
  });

  it('are not dropped during a manual recompute of them', async () => {
    await threeMonths();
    const app = start('2026-04-20T12:00:00Z', env);
    // It has determined where the raw events begin, and now waits before it reads them.
    const lock = await locks.hold('LOCK TABLE usage_hours IN SHARE MODE');
    const from = Date.parse('2026-01-10T08:00Z');
    const recompute = app.rollup.recomputeRange('acme', from, from + HOUR);
    await blocked(database.pool, 'replica');
    const retention = app.run('retention');
    await blocked(database.pool, 'replica', 2);
    await lock.release();
    await Promise.all([recompute, retention]);
    expect(await hours()).toEqual(kept);
    expect((await partitions())[0]).toBe('usage_events_2026_03');
  });

  it('that arrive too late are rejected as EVENT_TOO_OLD, also if RETENTION_DAYS was raised after the drop', async () => {
    await threeMonths();
    await start('2026-04-20T12:00:00Z', env).run('retention');
    const app = start('2026-04-20T12:00:00Z', { RETENTION_DAYS: '400' });
    const events = [call('2026-02-28T23:59:59.999Z'), call('2026-03-01T00:00:00Z')];
    expect(await app.ingest.events('acme', events)).toMatchObject({
      accepted: 1,
      rejected: [
        { index: 0, code: 'EVENT_TOO_OLD', message: expect.stringContaining('2026-03-01T00:00:00') },
      ],
    });
    expect((await partitions())[0]).toBe('usage_events_2026_03');
  });

  it('of a month that was just dropped first get a 503, and are then rejected as EVENT_TOO_OLD', async () => {
    const app = await threeMonths();
    const event = [call('2026-01-12T00:00:00Z', { agentId: 'a' })];
    await app.send('acme', event);
    await app.rollUp();
    await start('2026-04-20T12:00:00Z', env).run('retention');
    await expect(app.ingest.events('acme', event)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryAfter: 1,
    });
    expect(await app.ingest.events('acme', event)).toMatchObject({
      accepted: 0,
      rejected: [{ code: 'EVENT_TOO_OLD' }],
    });
  });
});

describe('executions', () => {
  const execution = (n: number, started_at: string): object => ({
    ...{ id: `00000000-0000-4000-8000-00000000000${n}`, status: 'success', started_at },
  });
  const accepted = async (replica: Replica, ...executions: object[]): Promise<number> =>
    (await replica.executions.executions('acme', executions)).accepted;
  const short = { RETENTION_DAYS: '30' };
  const long = { RETENTION_DAYS: '5000' };

  it('and their spans are both kept while a mark refers to their time', async () => {
    const app = start('2026-03-18T12:00:00Z', long);
    expect(await accepted(app, execution(1, '2026-01-10T08:00:00Z'))).toBe(1);
    await app.rollUp();
    await database.pool.query(`
      INSERT INTO otlp_traces (tenant_id, trace_id, started_at, spans)
      SELECT tenant_id, id, started_at, '[]' FROM executions`);
    expect(await accepted(app, execution(2, '2026-01-10T09:00:00Z'))).toBe(1);
    const later = start('2026-03-18T12:00:00Z', short);
    const kept = async (): Promise<unknown> =>
      texts(
        'SELECT (SELECT count(*) FROM executions) || $$ $$ || (SELECT count(*) FROM otlp_traces) AS text',
      );
    await later.run('retention');
    expect(await kept()).toEqual(['2 1']);
    await later.rollUp();
    await later.run('retention');
    expect(await kept()).toEqual(['0 0']);
  });

  it('are accepted with a longer retention, as events are, until older ones have been deleted', async () => {
    const old = execution(1, '2023-11-16T18:15:46Z');
    const before = start('2026-03-18T12:00:00Z', short);
    expect(await accepted(before, execution(2, '2026-03-10T00:00:00Z'))).toBe(1);
    await before.rollUp();
    await before.run('retention');
    expect(await accepted(before, old)).toBe(0);
    const longer = start('2026-03-18T12:00:00Z', long);
    expect(await accepted(longer, old)).toBe(1);
    await longer.rollUp();
    await before.run('retention');
    const again = start('2026-03-18T12:00:00Z', long);
    expect(await accepted(again, execution(3, '2023-11-16T18:15:46Z'))).toBe(0);
  });
});
