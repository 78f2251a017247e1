import { testApp, type TestApp } from '../../support/app.js';
import { call, issued, rotated } from '../../support/events.js';
import { ADMIN, ofKind, runs, send } from './support.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

async function item(tenant: string, fields: object): Promise<void> {
  const dates = { start_date: '2026-02-17', end_date: '2026-03-18' };
  const response = await t.post(
    'cost-items',
    { category: 'storage', amount_usd: 12, agent_id: 'archive', ...dates, ...fields },
    { tenant, scopes: ADMIN },
  );
  expect(response.statusCode).toBe(201);
}

it('is recommended for an agent with a cost item that does not run', async () => {
  const tenant = t.tenant();
  await item(tenant, {});
  // Half of its days lie before the period of 30 days.
  await item(tenant, { amount_usd: 10, start_date: '2026-02-12', end_date: '2026-02-21', category: 'other' });
  const [found, ...others] = await ofKind(t, tenant, 'idle_agent');
  expect(others).toEqual([]);
  expect(found).toMatchObject({ savings: 17, agent_id: 'archive', model: null, caveat: null });
  expect(found!.title).toBe('archive has not run in the last 30 days and still costs $17.00 a month.');
  expect(found!.action).toContain('end its 2 cost items and revoke its credentials.');
  expect(found!.evidence.arithmetic).toBe(
    '2 cost items of the agent came to $17.00 in 30 days; × 30 ÷ 30 = $17.00 in 30 days.',
  );
});

it('is recommended without savings for an agent with credentials that nobody uses', async () => {
  const tenant = t.tenant();
  await t.sendAndRollup(tenant, [
    rotated('2026-01-10T08:00:00Z', { agentId: 'old', agentName: 'Old bot' }),
    issued('2026-01-11T08:00:00Z', { agentId: 'old' }),
    rotated('2026-03-10T08:00:00Z', { agentId: 'old' }),
  ]);
  const [found, ...others] = await ofKind(t, tenant, 'idle_agent');
  expect(others).toEqual([]);
  expect(found).toMatchObject({ savings: 0, agent_id: 'old' });
  expect(found!.title).toBe(
    'Old bot, last seen on 2026-03-10, has not run in the last 30 days and still holds credentials.',
  );
  expect(found!.evidence.last_rotated_at).toBe('2026-03-10T08:00:00.000Z');
});

it('is not recommended for an agent that runs, calls, or is new', async () => {
  const tenant = t.tenant();
  for (const agent_id of ['runs', 'calls']) await item(tenant, { agent_id });
  await send(
    t,
    tenant,
    runs(1, '2026-03-10T08:00:00Z', () => ({ agent_id: 'runs' })),
  );
  await t.sendAndRollup(tenant, [
    call('2026-03-10T08:00:00Z', { agentId: 'calls' }),
    rotated('2026-03-11T08:00:00Z', { agentId: 'new' }),
  ]);
  expect(await ofKind(t, tenant, 'idle_agent')).toEqual([]);
});

it('is not recommended in a period of a day, nor for a cost of the whole tenant', async () => {
  const tenant = t.tenant();
  await item(tenant, { agent_id: null });
  expect(await ofKind(t, tenant, 'idle_agent')).toEqual([]);
  await item(tenant, {});
  expect(await ofKind(t, tenant, 'idle_agent', '?period=24h')).toEqual([]);
});
