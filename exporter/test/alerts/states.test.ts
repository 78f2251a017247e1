/** The states of an alert, as rollups find its condition to hold or not, and the messages of each. */
import { testApp, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';
import { ask, at, historyOf, makeAlert, makeChannel, messagesOf, readAlert } from './alerts-app.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp({ env: { OUTBOUND_ALLOW: '127.0.0.0/8' } });
});
afterAll(() => t.close());

it('an alert fires after a rollup in which its condition holds, and is listed', async () => {
  const tenant = t.tenant();
  const { id } = await makeAlert(t, tenant);
  await at(t, tenant, '2026-03-18T12:02:30Z', { a: 11 });
  expect(await readAlert(t, tenant, id)).toMatchObject({
    state: 'firing',
    value: 11,
    since: '2026-03-18T12:02:00.000Z',
    last_evaluated_at: '2026-03-18T12:02:30.000Z',
    last_error: null,
  });
  const { alerts } = await t.read<{ alerts: object[] }>('alerts', tenant);
  expect(alerts).toEqual([expect.objectContaining({ id, state: 'firing', value: 11 })]);
});

it('the minute that has not ended does not count', async () => {
  const tenant = t.tenant();
  const { id } = await makeAlert(t, tenant);
  await at(t, tenant, '2026-03-18T12:02:30Z', { a: 5 });
  await at(t, tenant, '2026-03-18T12:03:20Z');
  t.setNow('2026-03-18T12:04:20Z');
  await t.send(tenant, [
    { metricType: 'api_calls', agentId: 'a', count: 50, occurredAt: '2026-03-18T12:04:10Z' },
  ]);
  await t.rollup();
  expect(await readAlert(t, tenant, id)).toMatchObject({ state: 'ok', value: 5 });
  await at(t, tenant, '2026-03-18T12:05:01Z');
  expect(await readAlert(t, tenant, id)).toMatchObject({ state: 'firing', value: 55 });
});

it('facts that come late change the window they belong to within the same minute', async () => {
  const tenant = t.tenant();
  const { id } = await makeAlert(t, tenant);
  await at(t, tenant, '2026-03-18T12:02:10Z', { a: 5 });
  expect(await readAlert(t, tenant, id)).toMatchObject({ state: 'ok', value: 5 });
  await at(t, tenant, '2026-03-18T12:02:20Z', { a: 6 });
  expect(await readAlert(t, tenant, id)).toMatchObject({ state: 'firing', value: 11 });
});

it('an alert that is evaluated again within its minute is written only if something has changed', async () => {
  const tenant = t.tenant();
  const { id } = await makeAlert(t, tenant, { condition: { window: '1m' } });
  const version = async (): Promise<unknown> =>
    (await t.pool.query('SELECT xmin::text FROM alert_rules WHERE id = $1', [id])).rows[0];
  await at(t, tenant, '2026-03-18T12:02:10Z', { a: 5 });
  const first = await version();
  t.setNow('2026-03-18T12:02:20Z');
  await t.sendAndRollup(tenant, [call('2026-03-18T11:58:10Z', { agentId: 'a', count: 6 })]);
  expect(await version()).toEqual(first);
  await at(t, tenant, '2026-03-18T12:02:30Z', { a: 1 });
  expect(await version()).not.toEqual(first);
  expect(await readAlert(t, tenant, id)).toMatchObject({ value: 6 });
});

it('an alert is pending until its condition has held for long enough, then firing, then ok', async () => {
  const tenant = t.tenant();
  const channels = [await makeChannel(t, tenant)];
  const { id } = await makeAlert(t, tenant, { for: '2m', actions: { channels } });
  await at(t, tenant, '2026-03-18T12:10:30Z', { a: 20 });
  expect(await readAlert(t, tenant, id)).toMatchObject({
    state: 'pending',
    since: '2026-03-18T12:10:00.000Z',
  });
  await at(t, tenant, '2026-03-18T12:11:30Z');
  expect((await readAlert(t, tenant, id)).state).toBe('pending');
  expect(await messagesOf(t, tenant)).toEqual([]);
  await at(t, tenant, '2026-03-18T12:12:30Z');
  expect(await readAlert(t, tenant, id)).toMatchObject({
    state: 'firing',
    since: '2026-03-18T12:12:00.000Z',
  });
  await at(t, tenant, '2026-03-18T12:13:30Z');
  await at(t, tenant, '2026-03-18T12:20:30Z');
  expect(await readAlert(t, tenant, id)).toMatchObject({ state: 'ok', value: 0 });
  expect(await historyOf(t, tenant, id)).toEqual(['ok → pending', 'pending → firing', 'firing → ok']);
  const messages = await messagesOf(t, tenant);
  expect(messages.map(({ status }) => status)).toEqual(['firing', 'resolved']);
  expect(messages[0]).toMatchObject({
    title: 'Firing: Many calls',
    summary: 'API calls is 20 over the last 5 minutes; the alert fires if it is above 10.',
    severity: 'warning',
    dedupKey: id,
    startsAt: '2026-03-18T12:12:00.000Z',
  });
  expect(messages[1]).toMatchObject({
    dedupKey: id,
    startsAt: '2026-03-18T12:12:00.000Z',
    endsAt: '2026-03-18T12:20:00.000Z',
  });
});

it('a condition that ceases to hold while it is pending fires nothing', async () => {
  const tenant = t.tenant();
  const { id } = await makeAlert(t, tenant, { for: '5m', condition: { window: '1m' } });
  await at(t, tenant, '2026-03-18T12:30:10Z', { a: 20 });
  await at(t, tenant, '2026-03-18T12:31:10Z');
  expect(await historyOf(t, tenant, id)).toEqual(['ok → pending', 'pending → ok']);
});

it('the message of a firing alert is repeated after repeat_interval, and never with 0', async () => {
  const tenant = t.tenant();
  const channels = [await makeChannel(t, tenant)];
  const condition = { window: '1d' };
  await makeAlert(t, tenant, { name: 'Repeats', condition, repeat_interval: '1h', actions: { channels } });
  await makeAlert(t, tenant, { name: 'Never', condition, repeat_interval: '0', actions: { channels } });
  await at(t, tenant, '2026-03-18T13:00:10Z', { a: 20 });
  for (const minutes of ['13:30', '14:00', '14:30', '15:01'])
    await at(t, tenant, `2026-03-18T${minutes}:10Z`);
  const titles = (await messagesOf(t, tenant)).map(({ title }) => title);
  expect(titles.filter((title) => title === 'Firing: Repeats')).toHaveLength(3);
  expect(titles.filter((title) => title === 'Firing: Never')).toHaveLength(1);
});

it('a rate of nothing is no data, and resolves what was firing', async () => {
  const tenant = t.tenant();
  const condition = { metric: 'api_error_rate', threshold: 50, window: '2m' };
  const { id } = await makeAlert(t, tenant, { condition });
  t.setNow('2026-03-18T15:10:10Z');
  const failed = {
    metricType: 'api_calls',
    agentId: 'a',
    status: 500,
    count: 3,
    occurredAt: '2026-03-18T15:09:10Z',
  };
  await t.sendAndRollup(tenant, [failed]);
  expect(await readAlert(t, tenant, id)).toMatchObject({ state: 'firing', value: 100 });
  await at(t, tenant, '2026-03-18T15:14:10Z');
  expect(await readAlert(t, tenant, id)).toMatchObject({ state: 'no_data', value: null });
  expect(await historyOf(t, tenant, id)).toEqual(['ok → firing', 'firing → no_data']);
});

it('an alert on a rate says how few calls it counted', async () => {
  const tenant = t.tenant();
  const channels = [await makeChannel(t, tenant)];
  const condition = { metric: 'api_error_rate', threshold: 50, window: '5m' };
  const { id } = await makeAlert(t, tenant, { condition, actions: { channels } });
  t.setNow('2026-03-18T15:20:10Z');
  const at = '2026-03-18T15:19:10Z';
  await t.sendAndRollup(tenant, [
    { metricType: 'api_calls', agentId: 'a', status: 500, count: 2, occurredAt: at },
    { metricType: 'api_calls', agentId: 'a', status: 200, occurredAt: at },
  ]);
  const [message] = await messagesOf(t, tenant);
  expect(message!.summary).toBe(
    'API error rate is 66.67 % (3 calls counted) over the last 5 minutes; the alert fires if it is above 50 %.',
  );
  expect((await readAlert(t, tenant, id)).instances).toEqual([expect.objectContaining({ samples: 3 })]);
});

it('no_data fires when nothing was counted, and is ok with the first fact', async () => {
  const tenant = t.tenant();
  const { id } = await makeAlert(t, tenant, { condition: { operator: 'no_data', threshold: null } });
  await at(t, tenant, '2026-03-18T16:00:10Z');
  expect((await readAlert(t, tenant, id)).state).toBe('firing');
  await at(t, tenant, '2026-03-18T16:01:10Z', { a: 1 });
  expect((await readAlert(t, tenant, id)).state).toBe('ok');
});

it('after a gap in which nothing was evaluated an alert is pending anew', async () => {
  const tenant = t.tenant();
  const { id } = await makeAlert(t, tenant, { for: '10m', condition: { window: '1d' } });
  await at(t, tenant, '2026-03-18T17:00:10Z', { a: 20 });
  await at(t, tenant, '2026-03-18T17:30:10Z');
  expect(await readAlert(t, tenant, id)).toMatchObject({
    state: 'pending',
    since: '2026-03-18T17:30:00.000Z',
  });
});

it('a clock that was ahead does not stop the evaluation when it is right again', async () => {
  const tenant = t.tenant();
  const { id } = await makeAlert(t, tenant, { condition: { window: '5m' } });
  await at(t, tenant, '2026-03-19T12:00:10Z');
  await at(t, tenant, '2026-03-18T18:00:10Z', { a: 20 });
  expect(await readAlert(t, tenant, id)).toMatchObject({
    state: 'firing',
    last_evaluated_at: '2026-03-18T18:00:10.000Z',
  });
});

it('a firing alert that is changed, made inactive or deleted is resolved', async () => {
  const tenant = t.tenant();
  const channels = [await makeChannel(t, tenant)];
  const { id } = await makeAlert(t, tenant, { condition: { window: '1d' }, actions: { channels } });
  await at(t, tenant, '2026-03-18T19:00:10Z', { a: 20 });
  await ask(t, tenant, 'PATCH', `/${id}`, { repeat_interval: '1h' });
  expect((await readAlert(t, tenant, id)).state).toBe('firing');
  await ask(t, tenant, 'PATCH', `/${id}`, { severity: 'critical' });
  expect(await readAlert(t, tenant, id)).toMatchObject({ state: 'ok', value: null, instances: [] });
  await at(t, tenant, '2026-03-18T19:01:10Z');
  await ask(t, tenant, 'PATCH', `/${id}`, { is_active: false });
  await at(t, tenant, '2026-03-18T19:02:10Z');
  expect(await readAlert(t, tenant, id)).toMatchObject({ state: 'ok', last_evaluated_at: null });
  await ask(t, tenant, 'PATCH', `/${id}`, { is_active: true });
  await at(t, tenant, '2026-03-18T19:03:10Z');
  await ask(t, tenant, 'DELETE', `/${id}`);
  const messages = await messagesOf(t, tenant);
  expect(messages.map(({ status, summary }) => (status === 'firing' ? status : summary))).toEqual([
    'firing',
    'The alert was changed.',
    'firing',
    'The alert was changed.',
    'firing',
    'The alert was deleted.',
  ]);
});

it('an alert whose channel was deleted goes on, and says so', async () => {
  const tenant = t.tenant();
  const [gone, kept] = [await makeChannel(t, tenant, 'gone'), await makeChannel(t, tenant, 'kept')];
  const { id } = await makeAlert(t, tenant, { actions: { channels: [gone, kept] } });
  expect((await ask(t, tenant, 'DELETE', `/../channels/${gone}`)).statusCode).toBe(204);
  await at(t, tenant, '2026-03-18T20:00:10Z', { a: 20 });
  expect(await readAlert(t, tenant, id)).toMatchObject({
    state: 'firing',
    last_error: 'messages are not sent to channels that no longer exist: gone',
  });
  const { rows } = await t.pool.query('SELECT channel FROM outbox_deliveries WHERE tenant_id = $1', [tenant]);
  expect(rows).toEqual([{ channel: 'kept' }]);
});
