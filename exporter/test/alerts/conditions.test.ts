/** What alerts read: groups, compared periods and other tenants, against the query API. */
import { bodyOf, rowsOf, testApp, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';
import { randomOf } from '../support/seed.js';
import { type AlertView, ask, at, makeAlert, makeChannel, messagesOf, readAlert } from './alerts-app.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp({ env: { OUTBOUND_ALLOW: '127.0.0.0/8' } });
});
afterAll(() => t.close());

interface Trial extends AlertView {
  from: string;
  to: string;
  samples: number | null;
  message: { title: string; summary: string } | null;
}

const trial = async (tenant: string, id: string): Promise<Trial> =>
  bodyOf<Trial & Record<string, unknown>>(await ask(t, tenant, 'POST', `/${id}/test`));

it('each group has a state and messages of its own, with its name', async () => {
  const tenant = t.tenant();
  const channels = [await makeChannel(t, tenant)];
  const message = '{{name}}: {{agent}} made {{value}} calls, more than {{threshold}}';
  const { id } = await makeAlert(t, tenant, {
    condition: { group_by: ['agent'] },
    actions: { channels, message },
  });
  t.setNow('2026-03-18T12:02:10Z');
  const time = '2026-03-18T12:01:10Z';
  await t.sendAndRollup(tenant, [
    call(time, { agentId: 'a', agentName: 'Billing', count: 20 }),
    call(time, { agentId: 'b', count: 30 }),
    call(time, { agentId: 'c', count: 3 }),
  ]);
  expect(await readAlert(t, tenant, id)).toMatchObject({
    state: 'firing',
    value: 30,
    instances: [
      { labels: { agent: 'a', agentName: 'Billing' }, state: 'firing', value: 20 },
      { labels: { agent: 'b' }, state: 'firing', value: 30 },
    ],
  });
  await at(t, tenant, '2026-03-18T12:10:10Z', { b: 12 });
  const messages = await messagesOf(t, tenant);
  expect(messages.map(({ title, summary }) => `${title} | ${summary}`).sort()).toEqual([
    'Firing: Many calls (Billing (a)) | Many calls: Billing (a) made 20 calls, more than 10',
    'Firing: Many calls (b) | Many calls: b made 30 calls, more than 10',
    'Resolved: Many calls (Billing (a)) | Many calls: Billing (a) made 0 calls, more than 10',
  ]);
  const keys = messages.map(({ dedupKey, labels }) => `${labels.agent} ${dedupKey}`);
  expect(new Set(keys).size).toBe(2);
});

it('an agent that was active within the day before is missed when it is silent', async () => {
  const tenant = t.tenant();
  const { id } = await makeAlert(t, tenant, {
    condition: { operator: 'no_data', threshold: null, window: '30m', group_by: ['agent'] },
  });
  await at(t, tenant, '2026-03-18T13:00:10Z', { busy: 1, silent: 1 });
  expect((await readAlert(t, tenant, id)).state).toBe('ok');
  await at(t, tenant, '2026-03-18T13:40:10Z', { busy: 1 });
  expect((await readAlert(t, tenant, id)).instances).toEqual([
    expect.objectContaining({ labels: { agent: 'silent' }, state: 'firing' }),
  ]);
  await at(t, tenant, '2026-03-20T13:40:10Z', { busy: 1 });
  expect((await readAlert(t, tenant, id)).instances).toHaveLength(1);
  await at(t, tenant, '2026-03-20T13:41:10Z', { silent: 1 });
  expect(await readAlert(t, tenant, id)).toMatchObject({ state: 'ok', instances: [] });
});

it('a compared alert has the change in percent from the window before, or from last week', async () => {
  const tenant = t.tenant();
  const before = await makeAlert(t, tenant, {
    condition: { threshold: 50, compare: 'previous', window: '10m' },
  });
  const week = await makeAlert(t, tenant, {
    condition: { threshold: 50, compare: 'last_week', window: '1h' },
  });
  const none = await makeAlert(t, tenant, {
    condition: { threshold: 50, compare: 'previous', window: '1m' },
  });
  t.setNow('2026-03-20T12:00:30Z');
  await t.sendAndRollup(tenant, [
    call('2026-03-13T11:30:00Z', { agentId: 'a', count: 100 }),
    call('2026-03-20T11:45:00Z', { agentId: 'a', count: 40 }),
    call('2026-03-20T11:55:00Z', { agentId: 'a', count: 70 }),
  ]);
  expect(await readAlert(t, tenant, before.id)).toMatchObject({ value: 75, state: 'firing' });
  expect(await readAlert(t, tenant, week.id)).toMatchObject({ value: 10, state: 'ok' });
  expect(await readAlert(t, tenant, none.id)).toMatchObject({ value: null, state: 'no_data' });
});

it('facts of another tenant never move an alert', async () => {
  const [tenant, other] = [t.tenant(), t.tenant()];
  const grouped = await makeAlert(t, tenant, { condition: { group_by: ['agent'], threshold: 0 } });
  const whole = await makeAlert(t, tenant, { condition: { threshold: 0 } });
  const same = await makeAlert(t, other, { condition: { threshold: 0 } });
  await at(t, other, '2026-03-21T12:00:10Z', { a: 1_000 });
  expect(await readAlert(t, other, same.id)).toMatchObject({ state: 'firing', value: 1_000 });
  expect(await readAlert(t, tenant, grouped.id)).toMatchObject({ state: 'no_data', instances: [] });
  expect(await readAlert(t, tenant, whole.id)).toMatchObject({ state: 'ok', value: 0 });
});

it('a test says what the alert would do and send, and changes nothing', async () => {
  const tenant = t.tenant();
  const channels = [await makeChannel(t, tenant)];
  const { id } = await makeAlert(t, tenant, { is_active: false, actions: { channels } });
  await at(t, tenant, '2026-03-21T13:00:10Z', { a: 20 });
  expect(await trial(tenant, id)).toMatchObject({
    state: 'firing',
    value: 20,
    from: '2026-03-21T12:55:00.000Z',
    to: '2026-03-21T13:00:00.000Z',
    message: { title: 'Firing: Many calls' },
  });
  expect(await readAlert(t, tenant, id)).toMatchObject({ state: 'ok', last_evaluated_at: null });
  expect(await messagesOf(t, tenant)).toEqual([]);
});

it('an alert that cannot be evaluated says why, and does not stop the others', async () => {
  const tenant = t.tenant();
  const { id } = await makeAlert(t, tenant);
  const broken = await makeAlert(t, tenant, { name: 'Broken' });
  const failing = await makeAlert(t, tenant, {
    name: 'Failing',
    condition: { metric: 'total_cost_usd', window: '1h' },
  });
  await t.pool.query(
    `UPDATE alert_rules SET condition = jsonb_set(condition, '{metric}', '"no_such_metric"') WHERE id = $1`,
    [broken.id],
  );
  // The view that this alert reads.
  await t.pool.query('ALTER VIEW cost_hours RENAME TO cost_hours_away');
  await at(t, tenant, '2026-03-21T14:00:10Z', { a: 20 });
  expect(await readAlert(t, tenant, id)).toMatchObject({ state: 'firing', last_error: null });
  expect((await readAlert(t, tenant, broken.id)).last_error).toContain('there is no metric "no_such_metric"');
  expect((await readAlert(t, tenant, failing.id)).last_error).toContain('cost_hours');
  await t.pool.query('ALTER VIEW cost_hours_away RENAME TO cost_hours');
  await at(t, tenant, '2026-03-21T14:01:10Z');
  expect((await readAlert(t, tenant, failing.id)).last_error).toBeNull();
});

it('two replicas evaluate and send once', async () => {
  const tenant = t.tenant();
  const channels = [await makeChannel(t, tenant)];
  const { id } = await makeAlert(t, tenant, { actions: { channels } });
  const replica = await testApp({ database: t.database });
  for (const app of [t, replica]) app.setNow('2026-03-21T15:00:10Z');
  await t.send(tenant, [call('2026-03-21T14:59:10Z', { agentId: 'a', count: 20 })]);
  await Promise.all([t.rollup(), replica.rollup(), t.rollup(), replica.rollup()]);
  for (const app of [t, replica]) app.setNow('2026-03-21T15:01:10Z');
  await Promise.all([replica.rollup(), t.rollup()]);
  expect((await readAlert(t, tenant, id)).state).toBe('firing');
  expect(await messagesOf(t, tenant)).toHaveLength(1);
  const { rows } = await t.pool.query('SELECT to_state FROM alert_events WHERE tenant_id = $1', [tenant]);
  expect(rows).toEqual([{ to_state: 'firing' }]);
  await replica.close();
});

it('a value is what the query API answers for the window', async () => {
  const random = randomOf('alerts');
  const tenant = t.tenant();
  t.setNow('2026-03-25T12:34:10Z');
  const end = Date.parse('2026-03-25T12:34:00Z');
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  await t.send(
    tenant,
    Array.from({ length: 400 }, () =>
      call(new Date(end - 1 - Math.floor(random() ** 3 * 40 * 3_600_000)).toISOString(), {
        agentId: pick(['a', 'b', 'c']),
        endpoint: pick(['GET /x', 'GET /y']),
        status: pick([200, 404, 500]),
        durationMs: Math.floor(random() * 1_000),
        count: pick([1, 1, 5]),
      }),
    ),
  );
  const cases = [
    'api_calls',
    'api_error_rate',
    'api_duration_p95_ms',
    'api_duration_avg_ms',
    'active_agents',
  ].flatMap((metric) => ['1m', '7m', '3h', '1d'].map((window) => ({ metric, window })));
  const made = [];
  for (const condition of cases)
    made.push(await makeAlert(t, tenant, { condition: { ...condition, threshold: 0 } }));
  const byStatus = await makeAlert(t, tenant, {
    condition: { metric: 'api_calls', window: '3h', group_by: ['statusClass'], threshold: 0 },
  });
  await t.rollup();
  for (const [i, { id }] of [...made, byStatus].entries()) {
    const { from, to, instances } = await trial(tenant, id);
    const { value } = await readAlert(t, tenant, id);
    const metric = cases[i]?.metric ?? 'api_calls';
    const groupBy = cases[i] === undefined ? ['statusClass'] : [];
    const { A } = await t.query(tenant, { range: { from, to }, queries: [{ refId: 'A', metric, groupBy }] });
    const rows = rowsOf(A!);
    expect([cases[i], value]).toEqual([cases[i], rows[0]!.value]);
    if (groupBy.length > 0)
      expect(instances.map((each) => [each.labels.statusClass, each.value])).toEqual(
        rows.map((row) => [row.statusClass, row.value]),
      );
  }
});
