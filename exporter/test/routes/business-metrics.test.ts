/** The metrics of tenants and agents: equal to a recount, bounded, and never falling. */
import { NIGHTLY } from '../../src/rollup/nightly.js';
import { testApp, type TestApp, type TestEvent } from '../support/app.js';
import { call, issued, refused, rotated } from '../support/events.js';
import { parseExposition, type Sample } from '../support/exposition.js';

let t: TestApp;
beforeAll(async () => {
  // Of the true clock: whether an agent is active is a matter of the last 24 hours.
  t = await testApp({ now: new Date().toISOString(), env: { METRICS_TOKEN: 'prometheus-token' } });
});
afterAll(() => t.close());

const ago = (hours: number): string => new Date(t.clock.now - hours * 3_600_000).toISOString();

/** `agent` to value, of one tenant. */
async function byAgent(metric: string, tenant: string): Promise<Record<string, number>> {
  const { body } = await t.get('/metrics/tenants', { token: 'prometheus-token' });
  const samples: Sample[] = parseExposition(body)[metric]?.samples ?? [];
  const own = samples.filter(({ labels }) => labels.tenant === tenant);
  return Object.fromEntries(own.map(({ labels, value }) => [labels.agent ?? '', value]));
}

async function nightly(): Promise<void> {
  await t.services.jobs.find(({ name }) => name === NIGHTLY)!.run(t.clock.now, new AbortController().signal);
  await t.rollup();
}

describe('the business metrics', () => {
  it('are the sums of all events of an agent, errors those of 400 or more', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      call(ago(1), { agentId: 'a', status: 200, count: 10 }),
      call(ago(500), { agentId: 'a', status: 404, count: 4 }),
      call(ago(30), { agentId: 'a', status: 500, count: 2 }),
      call(ago(30), { agentId: 'b', status: 399 }),
      issued(ago(2), { agentId: 'a', count: 7 }),
      refused(ago(2), { agentId: 'b', count: 3 }),
      rotated(ago(2), { agentId: 'b' }),
    ]);
    expect(await byAgent('agentidp_api_calls_total', tenant)).toEqual({ a: 16, b: 1 });
    expect(await byAgent('agentidp_api_errors_total', tenant)).toEqual({ a: 6, b: 0 });
    expect(await byAgent('agentidp_token_issuances_total', tenant)).toEqual({ a: 7, b: 0 });
    expect(await byAgent('agentidp_token_failures_total', tenant)).toEqual({ a: 0, b: 3 });
    expect(await byAgent('agentidp_credential_rotations_total', tenant)).toEqual({ a: 0, b: 1 });
  });

  it('tell when an agent was last seen and when its credential was last rotated', async () => {
    const tenant = t.tenant();
    const seconds = (time: string): number => Date.parse(time) / 1000;
    await t.sendAndRollup(tenant, [
      rotated(ago(50), { agentId: 'rotated' }),
      rotated(ago(300), { agentId: 'rotated' }),
      call(ago(3), { agentId: 'rotated' }),
      call(ago(7), { agentId: 'never' }),
      call(ago(90), { agentId: 'never' }),
    ]);
    const rotations = await byAgent('agentidp_credential_last_rotation_timestamp_seconds', tenant);
    expect(rotations).toEqual({ rotated: seconds(ago(50)), never: seconds(ago(90)) });
    const seen = await byAgent('agentidp_agent_last_seen_timestamp_seconds', tenant);
    expect(seen).toEqual({ rotated: seconds(ago(3)), never: seconds(ago(7)) });
  });

  it('count an agent as active for 24 hours after its last event', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [
      call(ago(1), { agentId: 'a' }),
      issued(ago(23.5), { agentId: 'b' }),
      call(ago(24.5), { agentId: 'c' }),
      call(ago(1), { agentId: null }),
    ]);
    expect(await byAgent('agentidp_active_agents', tenant)).toEqual({ '': 2 });
  });

  it('show the events of the tenant itself within "other"', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [call(ago(1), { count: 5 }), call(ago(1), { agentId: 'a' })]);
    expect(await byAgent('agentidp_api_calls_total', tenant)).toEqual({ a: 1, other: 5 });
  });

  it('take names of any form', async () => {
    const tenant = t.tenant();
    const names = ['quote"d', 'back\\slash', '{brace}', 'ünïcode', 'other', '__proto__', 'new,comma="x"'];
    await t.sendAndRollup(
      tenant,
      names.map((agentId) => call(ago(1), { agentId })),
    );
    const shown = await byAgent('agentidp_api_calls_total', tenant);
    expect(Object.entries(shown).sort()).toEqual(names.map((name) => [name, 1]).sort());
  });

  it('are the same from every replica', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [call(ago(1), { agentId: 'a' })]);
    const other = await testApp({
      database: t.database,
      now: new Date(t.clock.now).toISOString(),
      env: { METRICS_TOKEN: 'prometheus-token' },
    });
    await other.rollup();
    const [mine, theirs] = [t, other].map((app) =>
      app.get('/metrics/tenants', { token: 'prometheus-token' }),
    );
    expect((await mine!).body).toBe((await theirs!).body);
    await other.close();
  });
});

describe('beyond 20 agents', () => {
  const agentOf = (i: number): string => `agent-${String(i).padStart(2, '0')}`;
  const eventsOf = (i: number, count: number): TestEvent[] => [
    call(ago(2), { agentId: agentOf(i), count, status: i % 2 === 0 ? 200 : 500 }),
    issued(ago(2), { agentId: agentOf(i) }),
  ];

  it('the rest is "other", and all of them are the total', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, Array.from({ length: 30 }, (_, i) => eventsOf(i, i + 1)).flat());
    const calls = await byAgent('agentidp_api_calls_total', tenant);
    expect(Object.keys(calls)).toHaveLength(21);
    expect(Object.values(calls).reduce((sum, value) => sum + value, 0)).toBe((30 * 31) / 2);
    const errors = await byAgent('agentidp_api_errors_total', tenant);
    expect(Object.values(errors).reduce((sum, value) => sum + value, 0)).toBe(
      Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? 0 : i + 1)).reduce((sum, value) => sum + value, 0),
    );
  });

  it('of "other" the oldest rotation and the latest sign of life are shown', async () => {
    const tenant = t.tenant();
    await t.send(
      tenant,
      Array.from({ length: 20 }, (_, i) => call(ago(2), { agentId: agentOf(i) })),
    );
    await t.sendAndRollup(tenant, [
      rotated(ago(100), { agentId: 'rest-1' }),
      call(ago(200), { agentId: 'rest-2' }),
      call(ago(5), { agentId: 'rest-3' }),
    ]);
    const rotations = await byAgent('agentidp_credential_last_rotation_timestamp_seconds', tenant);
    expect(rotations.other).toBe(Date.parse(ago(200)) / 1000);
    const seen = await byAgent('agentidp_agent_last_seen_timestamp_seconds', tenant);
    expect(seen.other).toBe(Date.parse(ago(5)) / 1000);
  });

  it('no counter falls when the nightly job gives the largest agents series of their own', async () => {
    const tenant = t.tenant();
    const all = Array.from({ length: 25 }, (_, i) => i);
    await t.sendAndRollup(
      tenant,
      all.flatMap((i) => eventsOf(i, 1)),
    );
    // Those without a series grow the most.
    const named = await byAgent('agentidp_api_calls_total', tenant);
    const unnamed = all.map(agentOf).filter((agent) => !(agent in named));
    expect(unnamed).toHaveLength(5);
    await t.sendAndRollup(
      tenant,
      unnamed.map((agentId) => call(ago(1), { agentId, count: 100 })),
    );
    const before = await byAgent('agentidp_api_calls_total', tenant);
    expect(before.other).toBe(505);
    await nightly();
    const after = await byAgent('agentidp_api_calls_total', tenant);
    expect(unnamed.filter((agent) => !(agent in after))).toEqual([]);
    for (const [agent, value] of Object.entries(before)) {
      if (agent in after) expect([agent, after[agent]! >= value]).toEqual([agent, true]);
    }
    expect(after.other).toBe(before.other);

    const [promoted, demoted] = [unnamed[0]!, Object.keys(before).find((agent) => !(agent in after))!];
    await t.sendAndRollup(tenant, [
      call(ago(0.5), { agentId: promoted, count: 7 }),
      call(ago(26), { agentId: promoted, count: 2 }),
      call(ago(0.5), { agentId: demoted, count: 9 }),
    ]);
    const later = await byAgent('agentidp_api_calls_total', tenant);
    for (const [agent, value] of Object.entries(after)) {
      if (agent in later) expect([agent, later[agent]! >= value]).toEqual([agent, true]);
    }
    expect([later[promoted], later.other]).toEqual([9, before.other! + 9]);
    await nightly();
    const last = await byAgent('agentidp_api_calls_total', tenant);
    for (const [agent, value] of Object.entries(later)) {
      if (agent in last) expect([agent, last[agent]! >= value]).toEqual([agent, true]);
    }
  });
});

describe('of a tenant with 10,000 agents', () => {
  it('overdue credentials are counted, also of agents without a series, and the oldest is named', async () => {
    const tenant = t.tenant();
    await t.sendAndRollup(tenant, [call(ago(1), { agentId: 'new' })]);
    await t.pool.query(
      `INSERT INTO agents (tenant_id, id, metrics_named, first_seen_at, last_seen_at, last_rotated_at, deleted_at)
       SELECT $1, 'agent-' || i, i <= 19, now() - interval '300 days', now() - interval '9 days',
              CASE WHEN i <= 9000 THEN now() - interval '89 days' WHEN i = 10000 THEN now() - interval '200 days'
                   ELSE now() - interval '91 days' END,
              CASE WHEN i = 9999 THEN now() END
       FROM generate_series(1, 10000) AS i`,
      [tenant],
    );
    await t.rollup();
    expect(await byAgent('agentidp_credential_overdue_agents', tenant)).toEqual({ '': 999 });
    const oldest = await byAgent('agentidp_credential_oldest_rotation_timestamp_seconds', tenant);
    expect(Object.keys(oldest)).toEqual(['agent-10000']);
    expect(
      Object.keys(await byAgent('agentidp_credential_last_rotation_timestamp_seconds', tenant)),
    ).toHaveLength(21);
  });
});

it('the lag of a tenant that waits for its rollup is its own', async () => {
  const [waiting, calm] = [t.tenant(), t.tenant()];
  await t.sendAndRollup(calm, [call(ago(1), { agentId: 'a' })]);
  await t.send(waiting, [call(ago(1), { agentId: 'a' })]);
  await t.pool.query(
    "UPDATE dirty_marks SET marked_at = now() - interval '10 minutes' WHERE tenant_id = $1",
    [waiting],
  );
  await t.services.status.refresh();
  expect((await byAgent('agentidp_rollup_lag_seconds', waiting))['']).toBeGreaterThanOrEqual(600);
  expect(await byAgent('agentidp_rollup_lag_seconds', calm)).toEqual({});
  await t.rollup();
  expect(await byAgent('agentidp_rollup_lag_seconds', waiting)).toEqual({});
});
