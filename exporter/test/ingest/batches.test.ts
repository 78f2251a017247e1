/** Concurrent requests share a transaction, and are separated again if one of them fails. */
import { createPool } from '../../src/db/pool.js';
import { type Json, refusalOf, testApp, type TestApp, type TestEvent } from '../support/app.js';
import { countQueries } from '../support/counting.js';
import { call } from '../support/events.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
  // A row that the database rejects, which no valid event should be: simulates a bug of the exporter.
  await t.pool.query(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'poison'; END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON usage_events FOR EACH ROW WHEN (NEW.agent_id = 'poison') EXECUTE FUNCTION refuse()`);
});
afterAll(() => t.close());

const AT = '2026-03-10T08:00:00Z';
const id = (i: number): string => `01890a5d-ac96-774b-bcce-b30209${String(i).padStart(6, '0')}`;
const post = (tenant: string, events: TestEvent[]) => t.post('/api/v1/events', { events }, tenant);

async function stored(tenant: string): Promise<number> {
  const { rows } = await t.pool.query<{ count: number }>(
    'SELECT count(*) FROM usage_events WHERE tenant_id = $1',
    [tenant],
  );
  return rows[0]!.count;
}
async function marks(tenant: string): Promise<Json[]> {
  const { rows } = await t.pool.query<Json>(
    'SELECT DISTINCT kind, bucket FROM dirty_marks WHERE tenant_id = $1 ORDER BY 2',
    [tenant],
  );
  return rows;
}

describe('concurrent requests', () => {
  it('share few statements', async () => {
    const pool = createPool({ url: t.database.url, max: 4 });
    const counter = countQueries(pool);
    const app = await testApp({ database: t.database, pool });
    const tenants = Array.from({ length: 40 }, (_, i) => `many-${i}`);
    const ask = () =>
      Promise.all(
        tenants.map((tenant) => app.post('/api/v1/events', { events: [call(AT), call(AT)] }, tenant)),
      );
    await ask();
    counter.taken();
    const answers = await ask();
    expect(answers.map((answer) => answer.json<Json>().accepted)).toEqual(Array(40).fill(2));
    const inserts = counter.taken().filter((text) => text.includes('INSERT INTO usage_events'));
    expect(inserts.length).toBeGreaterThan(0);
    expect(inserts.length).toBeLessThan(20);
    await app.close();
    await pool.end();
  });

  it('with the same events count each event once', async () => {
    const tenant = t.tenant();
    const events = Array.from({ length: 200 }, (_, i) => call(AT, { id: id(i) }));
    const shares = [events, events.slice(0, 100), [...events].reverse(), [events[7]!, events[7]!]];
    const answers = await Promise.all(shares.map((share) => post(tenant, share)));
    const found = answers.map((answer) => answer.json<{ accepted: number; duplicates: number }>());
    expect(found.map(({ accepted, duplicates }) => accepted + duplicates)).toEqual([200, 100, 200, 2]);
    expect(found.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(200);
    expect(await stored(tenant)).toBe(200);
  });

  it('on two replicas with the same events count each event once', async () => {
    const tenant = t.tenant();
    const replica = await testApp({ database: t.database });
    const events = Array.from({ length: 500 }, (_, i) => call(AT, { id: id(i), agentId: `a${i % 50}` }));
    const answers = await Promise.all(
      [t, replica, t, replica].map((app, i) =>
        app.post('/api/v1/events', { events: i % 2 === 0 ? events : [...events].reverse() }, tenant),
      ),
    );
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200]);
    expect(answers.reduce((sum, answer) => sum + Number(answer.json<Json>().accepted), 0)).toBe(500);
    expect(await stored(tenant)).toBe(500);
    await replica.close();
  });
});

describe('a row that the database rejects', () => {
  it('fails its own request and no other', async () => {
    const [good, bad, other] = [t.tenant(), t.tenant(), t.tenant()];
    const poison = call(AT, { agentId: 'poison' });
    const answers = await Promise.all([
      post(good, [call(AT), call(AT)]),
      post(bad, [call(AT), poison]),
      post(bad, [call(AT), call(AT), call(AT)]),
      post(other, [call(AT)]),
      post(bad, [poison]),
    ]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 500, 200, 200, 500]);
    expect(refusalOf(answers[1]!)).toEqual([500, 'INTERNAL_ERROR']);
    expect(await Promise.all([good, bad, other].map(stored))).toEqual([2, 3, 1]);
    expect((await t.get('/metrics')).body).toContain('agentidp_analytics_ingest_failures_total 2');
  });

  it('leaves nothing of its request behind, not even a mark', async () => {
    const tenant = t.tenant();
    expect((await post(tenant, [call(AT), call(AT, { agentId: 'poison' })])).statusCode).toBe(500);
    expect([await stored(tenant), await marks(tenant)]).toEqual([0, []]);
  });

  it('does not affect the duplicate counts of valid requests', async () => {
    const [good, bad] = [t.tenant(), t.tenant()];
    await post(good, [call(AT, { id: id(1) })]);
    const [first] = await Promise.all([
      post(good, [call(AT, { id: id(1) }), call(AT, { id: id(2) })]),
      post(bad, [call(AT, { agentId: 'poison' })]),
    ]);
    expect(first!.json()).toEqual({ accepted: 1, duplicates: 1, rejected: [] });
  });
});

describe('the marks', () => {
  it('are minutes for the last 48 hours and hours before that, each once', async () => {
    const tenant = t.tenant();
    await t.send(tenant, [
      call('2026-03-16T12:00:00Z'),
      call('2026-03-16T12:00:59.999Z'),
      call('2026-03-16T11:59:59.999Z'),
      call('2026-03-10T08:15:00Z'),
      call('2026-03-10T08:45:00Z'),
    ]);
    expect(await marks(tenant)).toEqual([
      { kind: 'hour', bucket: new Date('2026-03-10T08:00:00Z') },
      { kind: 'hour', bucket: new Date('2026-03-16T11:00:00Z') },
      { kind: 'minute', bucket: new Date('2026-03-16T12:00:00Z') },
    ]);
  });

  it('are not made for duplicates', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [call(AT, { id: id(1) })]);
    await post(tenant, [call(AT, { id: id(1) })]);
    expect(await marks(tenant)).toEqual([]);
    const next = call('2026-03-11T08:00:00Z', { id: id(2) });
    await post(tenant, [call(AT, { id: id(1) }), next]);
    expect(await marks(tenant)).toEqual([{ kind: 'hour', bucket: new Date('2026-03-11T08:00:00Z') }]);
  });
});

describe('the partition of an event', () => {
  const partitions = async (): Promise<string[]> => {
    const { rows } = await t.pool.query<{ name: string }>(
      `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'usage_events'::regclass ORDER BY 1`,
    );
    return rows.map(({ name }) => name);
  };

  it('is created if missing, also by many requests at once', async () => {
    const months = ['2025-04', '2025-06', '2025-09'];
    expect(await partitions()).not.toContain('usage_events_2025_04');
    const replica = await testApp({ database: t.database });
    const answers = await Promise.all(
      [t, replica, t, replica].map((app) =>
        app.post(
          '/api/v1/events',
          { events: months.map((month) => call(`${month}-30T23:59:59.999Z`)) },
          t.tenant(),
        ),
      ),
    );
    expect(answers.map((answer) => answer.json<Json>().accepted)).toEqual([3, 3, 3, 3]);
    expect(await partitions()).toEqual(
      expect.arrayContaining(months.map((month) => `usage_events_${month.replace('-', '_')}`)),
    );
    await replica.close();
  });

  it('starts at midnight UTC', async () => {
    const tenant = t.tenant();
    await t.send(tenant, [call('2025-10-31T23:59:59.999Z'), call('2025-11-01T00:00:00Z')]);
    const { rows } = await t.pool.query<Json>(
      'SELECT tableoid::regclass::text AS name FROM usage_events WHERE tenant_id = $1 ORDER BY occurred_at',
      [tenant],
    );
    expect(rows.map(({ name }) => name)).toEqual(['usage_events_2025_10', 'usage_events_2025_11']);
  });
});

describe('agents', () => {
  const agents = async (tenant: string): Promise<unknown[]> => {
    const { rows } = await t.pool.query<Json>(
      'SELECT id, name FROM agents WHERE tenant_id = $1 ORDER BY id',
      [tenant],
    );
    return rows.map(({ id: agentId, name }) => [agentId, name]);
  };

  it('are registered with their first event, and renamed when their name changes', async () => {
    const tenant = t.tenant();
    await t.send(tenant, [
      call(AT, { agentId: 'a' }),
      call(AT, { agentId: 'b', agentName: 'bee' }),
      call(AT),
    ]);
    expect(await agents(tenant)).toEqual([
      ['a', null],
      ['b', 'bee'],
    ]);
    await t.send(tenant, [call(AT, { agentId: 'a', agentName: 'ay' }), call(AT, { agentId: 'b' })]);
    expect(await agents(tenant)).toEqual([
      ['a', 'ay'],
      ['b', 'bee'],
    ]);
    await t.send(tenant, [
      call(AT, { agentId: 'b', agentName: 'first' }),
      call(AT, { agentId: 'b', agentName: 'last' }),
      call(AT, { agentId: 'b' }),
    ]);
    expect(await agents(tenant)).toEqual([
      ['a', 'ay'],
      ['b', 'last'],
    ]);
  });

  it('keep their new name when an event with the old name is sent again', async () => {
    const tenant = t.tenant();
    const id = '01890a5d-ac96-774b-bcce-b302099a80';
    const named = (n: number, agentName: string): TestEvent =>
      call(AT, { id: `${id}0${n}`, agentId: 'a', agentName });
    await t.send(tenant, [named(1, 'One')]);
    await t.send(tenant, [named(2, 'Two')]);
    // Also by a replica without cached names, and together with a new event without a name.
    const replica = await testApp({ database: t.database });
    for (const app of [t, replica]) {
      const again = [named(1, 'One'), call(AT, { agentId: 'a' })];
      const answer = await app.post('/api/v1/events', { events: again }, { tenant });
      expect(answer.json()).toMatchObject({ accepted: 1, duplicates: 1 });
      expect(await agents(tenant)).toEqual([['a', 'Two']]);
    }
    const execution = (n: number, status: string, agent_name: string): object => ({
      ...{ id: `${id}1${n}`, status, agent_id: 'a', agent_name, started_at: AT },
    });
    const run = async (...executions: object[]): Promise<unknown> => {
      await t.post('/api/v1/executions', { executions }, { tenant });
      return (await agents(tenant))[0];
    };
    expect(await run(execution(1, 'success', 'Three'))).toEqual(['a', 'Three']);
    expect(await run(execution(2, 'success', 'Four'))).toEqual(['a', 'Four']);
    expect(await run(execution(1, 'success', 'Three'))).toEqual(['a', 'Four']);
    expect(await run(execution(1, 'running', 'Five'))).toEqual(['a', 'Four']);
    await replica.close();
  });

  it('get a name that could not be written when its event is sent again', async () => {
    const tenant = t.tenant();
    await t.send(tenant, [call(AT, { agentId: 'a', agentName: 'One' })]);
    const refuse = `CREATE FUNCTION refuse_name() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'refused';
      END $$;
      CREATE TRIGGER refuse_name BEFORE UPDATE OF name ON agents FOR EACH ROW EXECUTE FUNCTION refuse_name()`;
    await t.pool.query(refuse);
    const named = call(AT, { id: '01890a5d-ac96-774b-bcce-b302099a8099', agentId: 'a', agentName: 'Two' });
    await t.send(tenant, [named]);
    await t.pool.query('DROP TRIGGER refuse_name ON agents; DROP FUNCTION refuse_name');
    expect(await agents(tenant)).toEqual([['a', 'One']]);
    const again = await t.post('/api/v1/events', { events: [named] }, { tenant });
    expect(again.json()).toMatchObject({ accepted: 0, duplicates: 1 });
    expect(await agents(tenant)).toEqual([['a', 'Two']]);
  });

  it('are not registered for rejected events', async () => {
    const tenant = t.tenant();
    await post(tenant, [call('2001-01-01T00:00:00Z', { agentId: 'old' })]);
    expect(await agents(tenant)).toEqual([]);
  });

  it('can be registered by many requests at once', async () => {
    const tenant = t.tenant();
    const replica = await testApp({ database: t.database });
    const events = Array.from({ length: 60 }, (_, i) =>
      call(AT, { agentId: `a${String(i).padStart(2, '0')}`, agentName: `n${i}` }),
    );
    const sending = [t, replica, t, replica].map((app, i) =>
      app.send(tenant, i % 2 === 0 ? events : [...events].reverse()),
    );
    await Promise.all(sending);
    expect(await agents(tenant)).toEqual(events.map(({ agentId, agentName }) => [agentId, agentName]));
    await replica.close();
  });
});
