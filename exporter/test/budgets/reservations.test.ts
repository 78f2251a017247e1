/** Reservations: of any number of callers at once those that fit pass, and no more, whatever happens to a replica. */
import type { LightMyRequestResponse } from 'fastify';
import type { Pool } from 'pg';
import type { Reservation } from '../../src/costs/reservation-answers.js';
import { lockKey } from '../../src/db/locks.js';
import { createPool } from '../../src/db/pool.js';
import { blocked, eventually, HeldLocks } from '../robustness/eventually.js';
import { type Json, refusalOf, testApp, type TestApp } from '../support/app.js';
import { execution } from '../support/executions.js';
import { ask, makeBudget, mustReserve, readBudget, reserve, run } from './budgets-app.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const AT = '2026-03-18T11:30:00Z';

const countOf = (answers: readonly LightMyRequestResponse[]): Record<number, number> => {
  const counts: Record<number, number> = {};
  for (const { statusCode } of answers) counts[statusCode] = (counts[statusCode] ?? 0) + 1;
  return counts;
};

async function held(tenant: string): Promise<number> {
  const { rows } = await t.pool.query<{ held: number }>(
    'SELECT count(*) AS held FROM budget_reservations WHERE tenant_id = $1 AND settled_at IS NULL',
    [tenant],
  );
  return rows[0]!.held;
}

/** Another replica over the same database, with a pool of its own. */
async function replica(name: string): Promise<{ app: TestApp; end: () => Promise<void> }> {
  const pool = createPool({ url: t.database.url, applicationName: name });
  const app = await testApp({ database: t.database, pool });
  return {
    app,
    end: async () => {
      await app.close();
      await pool.end();
    },
  };
}

/** A database whose first COMMIT after an insert is done, and its answer lost with the connection. */
function deafAfterCommit(pool: Pool, { staysAway = false } = {}): { lost: boolean } {
  const state = { lost: false };
  const terminated = () =>
    Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' });
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
    let inserted = false;
    const deaf = async (...args: unknown[]): Promise<unknown> => {
      if (state.lost && staysAway) throw terminated();
      if (/INSERT INTO budget_reservations/.test(String(args[0]))) inserted = true;
      const result = await query(...args);
      if (args[0] === 'COMMIT' && inserted && !state.lost) {
        state.lost = true;
        throw terminated();
      }
      return result;
    };
    Object.assign(client, { query: deaf });
  });
  return state;
}

it('a refusal adds up to the last digit', async () => {
  const tenant = t.tenant();
  await makeBudget(t, tenant, { threshold_usd: 50, alert_type: 'hard_stop', name: 'b' });
  expect((await reserve(t, tenant, { estimated_cost_usd: 49 })).statusCode).toBe(201);
  const { message } = (await reserve(t, tenant, { estimated_cost_usd: 1.0000001 })).json<{
    message: string;
  }>();
  expect(message).toContain(
    '0 USD spent, 49 reserved and 1.0000001 asked for would exceed its threshold of 50 USD',
  );
});

describe('200 callers at once for room for 50', () => {
  const HARD = { threshold_usd: 5, alert_type: 'hard_stop', name: 'fifty' };
  const CALL = { agent_id: 'a', estimated_cost_usd: 0.1 };
  const callers = (apps: readonly TestApp[], tenant: string) =>
    Promise.all(Array.from({ length: 200 }, (_, i) => reserve(apps[i % apps.length]!, tenant, CALL)));

  it('let exactly 50 through on one replica, and shed nobody', async () => {
    const tenant = t.tenant();
    const { id } = await makeBudget(t, tenant, HARD);
    expect(countOf(await callers([t], tenant))).toEqual({ 201: 50, 402: 150 });
    expect(await held(tenant)).toBe(50);
    expect(await readBudget(t, tenant, id)).toMatchObject({ reserved_usd: 5, current_spend_usd: 0 });
  });

  it('let exactly 50 through on two replicas', async () => {
    const tenant = t.tenant();
    await makeBudget(t, tenant, HARD);
    const other = await replica('other');
    try {
      const answers = await callers([t, other.app], tenant);
      expect(countOf(answers)).toEqual({ 201: 50, 402: 150 });
      expect(await held(tenant)).toBe(50);
    } finally {
      await other.end();
    }
  });

  it('let exactly 50 through while executions settle some of them and others arrive', async () => {
    const tenant = t.tenant();
    await makeBudget(t, tenant, HARD);
    const first = await Promise.all(Array.from({ length: 20 }, () => mustReserve(t, tenant, CALL)));
    const settling = first.map(({ id }, i) =>
      run(t, tenant, execution(i + 1, AT, { agent_id: 'a', cost_usd: 0.1, reservation_id: id })),
    );
    const [answers] = await Promise.all([callers([t], tenant), t.rollup(), ...settling]);
    expect(countOf(answers)).toEqual({ 201: 30, 402: 170 });
  });

  it('are all served when their number is far beyond that of the connections', async () => {
    const tenants = Array.from({ length: 30 }, () => t.tenant());
    for (const tenant of tenants) await makeBudget(t, tenant, { ...HARD, threshold_usd: 1 });
    const answers = await Promise.all(
      tenants.flatMap((tenant) => Array.from({ length: 20 }, () => reserve(t, tenant, CALL))),
    );
    expect(countOf(answers)).toEqual({ 201: 300, 402: 300 });
  });
});

describe('a replica whose connection is ended in the middle', () => {
  const CALL = { estimated_cost_usd: 1 };
  let locks: HeldLocks;
  beforeEach(() => {
    locks = new HeldLocks(t.database.url);
  });
  afterEach(() => locks.releaseAll());

  const terminate = (name: string) =>
    t.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = $1`,
      [name],
    );

  it('loses and doubles nothing: it takes its turn again', async () => {
    const tenant = t.tenant();
    await makeBudget(t, tenant, { threshold_usd: 3, alert_type: 'hard_stop' });
    const victim = await replica('victim');
    try {
      const lock = await locks.hold(`SELECT pg_advisory_xact_lock(${lockKey('reservations', tenant)})`);
      const waiting = Promise.all(Array.from({ length: 5 }, () => reserve(victim.app, tenant, CALL)));
      await blocked(t.pool, 'victim');
      await terminate('victim');
      await lock.release();
      expect(countOf(await waiting)).toEqual({ 201: 3, 402: 2 });
      expect(await held(tenant)).toBe(3);
    } finally {
      await victim.end();
    }
  });

  it('finds what it had committed without hearing of it', async () => {
    const tenant = t.tenant();
    await makeBudget(t, tenant, { threshold_usd: 3, alert_type: 'hard_stop' });
    const pool = createPool({ url: t.database.url, applicationName: 'deaf' });
    const database = deafAfterCommit(pool);
    const app = await testApp({ database: t.database, pool });
    try {
      const answers = await Promise.all(Array.from({ length: 5 }, () => reserve(app, tenant, CALL)));
      expect(database.lost).toBe(true);
      expect(countOf(answers)).toEqual({ 201: 3, 402: 2 });
      expect(await held(tenant)).toBe(3);
      const ids = answers.flatMap((answer) => answer.json<Partial<Reservation>>().id ?? []);
      expect(new Set(ids).size).toBe(3);
    } finally {
      await app.close();
      await pool.end();
    }
  });

  it('without a response of the database returns the id of a reservation that may exist, or that nothing was reserved', async () => {
    const tenant = t.tenant();
    await makeBudget(t, tenant, { threshold_usd: 1, alert_type: 'hard_stop' });
    const pool = createPool({ url: t.database.url, applicationName: 'left' });
    const database = deafAfterCommit(pool, { staysAway: true });
    const app = await testApp({ database: t.database, pool });
    try {
      const answers = await Promise.all([reserve(app, tenant, CALL), reserve(app, tenant, CALL)]);
      expect(database.lost).toBe(true);
      expect(answers.map(refusalOf)).toEqual([
        [503, 'UNAVAILABLE'],
        [503, 'UNAVAILABLE'],
      ]);
      const bodies = answers.map((answer) => answer.json<Json>());
      const unknown = bodies.find(({ details }) => details !== undefined);
      expect(bodies.find(({ details }) => details === undefined)).toEqual({
        code: 'UNAVAILABLE',
        message: expect.stringContaining('nothing was reserved'),
      });
      expect(unknown).toMatchObject({
        message: expect.stringContaining('may be reserved until 2026-'),
        details: { reservation_id: expect.any(String), expires_at: expect.stringMatching(/^2026-/) },
      });
      expect(await held(tenant)).toBe(1);
      const { reservation_id } = unknown!.details as { reservation_id: string };
      expect((await ask(t, tenant, 'DELETE', `/reservations/${reservation_id}`)).statusCode).toBe(204);
      expect(await held(tenant)).toBe(0);
    } finally {
      await app.close();
      await pool.end();
    }
  });

  it('returns a 503 while the database is unreachable, and reserves nothing', async () => {
    const tenant = t.tenant();
    const pool = createPool({ url: 'postgres://127.0.0.1:1/none' });
    const app = await testApp({ database: t.database, pool });
    try {
      const response = await reserve(app, tenant, CALL);
      expect(refusalOf(response)).toEqual([503, 'UNAVAILABLE']);
      expect(response.headers['retry-after']).toBeDefined();
      expect(response.json()).not.toHaveProperty('details');
      expect(await held(tenant)).toBe(0);
    } finally {
      await app.close();
      await pool.end();
    }
  });
});

describe('a reservation', () => {
  it('is answered with the budgets that it concerns, or with the one that is in its way', async () => {
    const tenant = t.tenant();
    const make = (budget: object) => makeBudget(t, tenant, { threshold_usd: 10, ...budget });
    const all = await make({ name: 'all', alert_type: 'hard_stop' });
    const mine = await make({
      name: 'mine',
      scope: 'user',
      scope_id: 'u',
      alert_type: 'hard_stop',
      threshold_usd: 4,
    });
    const warns = await make({ name: 'warns', scope: 'agent', scope_id: 'a', threshold_usd: 0.000001 });
    await make({
      name: 'yours',
      scope: 'user',
      scope_id: 'someone',
      alert_type: 'hard_stop',
      threshold_usd: 1,
    });
    await make({ name: 'off', alert_type: 'hard_stop', threshold_usd: 1, is_active: false });
    await run(t, tenant, execution(1, AT, { user_id: 'u', cost_usd: 1.5 }));

    const made = await mustReserve(t, tenant, { agent_id: 'a', user_id: 'u', estimated_cost_usd: 2 });
    expect(made).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      expires_at: '2026-03-18T12:15:00.000Z',
      budgets: [
        {
          id: all.id,
          name: 'all',
          alert_type: 'hard_stop',
          threshold_usd: 10,
          current_spend_usd: 1.5,
          reserved_usd: 2,
        },
        {
          id: mine.id,
          name: 'mine',
          alert_type: 'hard_stop',
          threshold_usd: 4,
          current_spend_usd: 1.5,
          reserved_usd: 2,
        },
        {
          id: warns.id,
          name: 'warns',
          alert_type: 'warning',
          threshold_usd: 0.000001,
          current_spend_usd: 0,
          reserved_usd: 2,
        },
      ],
    });
    const refused = await reserve(t, tenant, { user_id: 'u', estimated_cost_usd: 0.500001 });
    expect(refused.statusCode).toBe(402);
    expect(refused.json()).toEqual({
      code: 'BUDGET_EXCEEDED',
      message: expect.stringContaining('"mine"'),
      details: {
        budget_id: mine.id,
        name: 'mine',
        threshold_usd: 4,
        current_spend_usd: 1.5,
        reserved_usd: 2,
        estimated_cost_usd: 0.500001,
      },
    });
    // What fits to the last millionth passes.
    await mustReserve(t, tenant, { user_id: 'u', estimated_cost_usd: 0.5 });
  });

  it('without any budget is taken', async () => {
    expect(await mustReserve(t, t.tenant(), { estimated_cost_usd: 1e6 })).toMatchObject({ budgets: [] });
  });

  it('is settled by its finished execution, not by a running one', async () => {
    const tenant = t.tenant();
    const { id } = await makeBudget(t, tenant, { threshold_usd: 10, alert_type: 'hard_stop' });
    const reservation = await mustReserve(t, tenant, { estimated_cost_usd: 4 });
    const now = async () => {
      const { current_spend_usd, reserved_usd } = await readBudget(t, tenant, id);
      return [current_spend_usd, reserved_usd];
    };
    expect(await now()).toEqual([0, 4]);
    await run(t, tenant, execution(1, AT, { status: 'running', reservation_id: reservation.id }));
    expect(await now()).toEqual([0, 4]);
    await run(t, tenant, execution(1, AT, { cost_usd: 1.25, reservation_id: reservation.id }));
    expect(await now()).toEqual([1.25, 0]);
    await t.rollup();
    expect(await now()).toEqual([1.25, 0]);
  });

  it('of an unpriced execution stays as its spend, also when that is changed later', async () => {
    const tenant = t.tenant();
    const { id } = await makeBudget(t, tenant, { threshold_usd: 10 });
    const { id: reservation_id } = await mustReserve(t, tenant, { estimated_cost_usd: 4 });
    const unpriced = { provider: 'acme', model_name: 'unheard-of', input_tokens: 5, reservation_id };
    await run(t, tenant, execution(1, AT, unpriced));
    const spend = async () => (await readBudget(t, tenant, id)).current_spend_usd;
    expect(await spend()).toBe(4);
    await run(t, tenant, execution(1, AT, { ...unpriced, status: 'failure' }));
    await t.rollup();
    expect(await spend()).toBe(4);
    // Neither a deletion nor the job takes it from there.
    expect((await ask(t, tenant, 'DELETE', `/reservations/${reservation_id}`)).statusCode).toBe(204);
    t.clock.now += 3 * 86_400_000;
    await runRetention();
    await run(t, tenant, execution(1, AT, { ...unpriced, status: 'timeout' }));
    expect(await spend()).toBe(4);
    await run(t, tenant, execution(1, AT, { ...unpriced, cost_usd: 1 }));
    expect(await spend()).toBe(1);
    t.clock.now -= 3 * 86_400_000;
  });

  it('that two executions name is the spend of the first', async () => {
    const tenant = t.tenant();
    const { id } = await makeBudget(t, tenant, { threshold_usd: 10 });
    const { id: reservation_id } = await mustReserve(t, tenant, { estimated_cost_usd: 4 });
    const unpriced = { provider: 'acme', model_name: 'unheard-of', input_tokens: 5, reservation_id };
    const spend = async () => (await readBudget(t, tenant, id)).current_spend_usd;
    await run(t, tenant, execution(1, AT, unpriced));
    await run(t, tenant, execution(2, AT, unpriced));
    await run(t, tenant, execution(1, AT, { ...unpriced, status: 'failure' }));
    expect(await spend()).toBe(4);
    await t.rollup();
    expect(await spend()).toBe(4);
    // Together in one request as well.
    const { id: another } = await mustReserve(t, tenant, { estimated_cost_usd: 3 });
    const both = [3, 4].map((n) => execution(n, AT, { ...unpriced, reservation_id: another }));
    expect((await t.post('/api/v1/executions', { executions: both }, tenant)).json()).toMatchObject({
      accepted: 2,
    });
    expect(await spend()).toBe(7);
  });

  const runRetention = () =>
    t.services.jobs.find(({ name }) => name === 'retention')!.run(t.clock.now, new AbortController().signal);

  it('ends when it is deleted, and once', async () => {
    const tenant = t.tenant();
    await makeBudget(t, tenant, { threshold_usd: 1, alert_type: 'hard_stop' });
    const { id } = await mustReserve(t, tenant, { estimated_cost_usd: 1 });
    expect((await reserve(t, tenant, { estimated_cost_usd: 1 })).statusCode).toBe(402);
    const deleted = await ask(t, tenant, 'DELETE', `/reservations/${id}`);
    expect([deleted.statusCode, deleted.body]).toEqual([204, '']);
    expect(refusalOf(await ask(t, tenant, 'DELETE', `/reservations/${id}`))).toEqual([404, 'NOT_FOUND']);
    await mustReserve(t, tenant, { estimated_cost_usd: 1 });
  });

  it('ends when its time is up, and is removed by the job a day later', async () => {
    const tenant = t.tenant();
    await makeBudget(t, tenant, { threshold_usd: 1, alert_type: 'hard_stop' });
    const before = t.clock.now;
    await mustReserve(t, tenant, { estimated_cost_usd: 1, ttl_seconds: 60 });
    t.clock.now = before + 59_999;
    expect((await reserve(t, tenant, { estimated_cost_usd: 1 })).statusCode).toBe(402);
    t.clock.now = before + 60_000;
    await mustReserve(t, tenant, { estimated_cost_usd: 1, ttl_seconds: 86_400 });
    t.clock.now = before + 86_400_000 + 60_001;
    await runRetention();
    expect(await held(tenant)).toBe(1);
    t.clock.now = before;
  });

  it('of another tenant is none', async () => {
    const [owner, stranger] = [t.tenant(), t.tenant()];
    const { id } = await mustReserve(t, owner, { estimated_cost_usd: 1 });
    expect(refusalOf(await ask(t, stranger, 'DELETE', `/reservations/${id}`))).toEqual([404, 'NOT_FOUND']);
    expect(refusalOf(await ask(t, stranger, 'DELETE', '/reservations/x'))).toEqual([404, 'NOT_FOUND']);
    await run(t, stranger, execution(1, AT, { cost_usd: 1, reservation_id: id }));
    expect(await held(owner)).toBe(1);
  });

  it.each([
    [{}, 'estimated_cost_usd'],
    [{ estimated_cost_usd: -1 }, 'estimated_cost_usd must be >= 0'],
    [{ estimated_cost_usd: '1' }, 'estimated_cost_usd must be number'],
    [{ estimated_cost_usd: 1, ttl_seconds: 59 }, 'ttl_seconds must be >= 60'],
    [{ estimated_cost_usd: 1, ttl_seconds: 86_401 }, 'ttl_seconds must be <= 86400'],
    [{ estimated_cost_usd: 1, agent_id: 'a b' }, 'agent_id'],
    [{ estimated_cost_usd: 1, agent: 'a' }, 'unknown field "agent"'],
  ])('%j is refused', async (body, message) => {
    const response = await ask(t, 'acme', 'POST', '/reservations', body);
    expect(refusalOf(response)).toEqual([400, 'VALIDATION_ERROR']);
    expect(response.json<Json>().message).toContain(message);
  });

  it('is not shed when others wait for the database', async () => {
    const tenant = t.tenant();
    const pool = createPool({ url: t.database.url, max: 4, applicationName: 'crowded' });
    const app = await testApp({ database: t.database, pool });
    const held = await Promise.all(Array.from({ length: 4 }, () => pool.connect()));
    const waiting = Array.from({ length: 201 }, () => pool.connect().then((client) => client.release()));
    try {
      const answer = reserve(app, tenant, { estimated_cost_usd: 1 });
      await eventually('it waits too', () => pool.waitingCount > 201);
      expect(refusalOf(await app.get('agents', tenant))).toEqual([503, 'UNAVAILABLE']);
      held.forEach((client) => client.release());
      expect((await answer).statusCode).toBe(201);
      await Promise.all(waiting);
    } finally {
      await app.close();
      await pool.end();
    }
  });
});
