/** The series of alerts in Prometheus. */
import { testApp, type TestApp } from '../support/app.js';
import { ask, at, makeAlert } from './alerts-app.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

/** The series of a tenant, as it reads them itself. */
async function seriesOf(tenant: string): Promise<string[]> {
  const { body } = await t.get('/metrics/tenant', tenant);
  return body.split('\n').filter((line) => line.startsWith('agentidp_alert_'));
}

it('an alert has its state and its last value, until it is inactive or deleted', async () => {
  const tenant = t.tenant();
  const calm = await makeAlert(t, tenant, { name: 'Calm', condition: { threshold: 100 } });
  const firing = await makeAlert(t, tenant, { name: 'Firing' });
  await makeAlert(t, tenant, { name: 'Waiting', for: '10m' });
  await at(t, tenant, '2026-03-18T12:02:30Z', { a: 11 });
  expect(await seriesOf(tenant)).toEqual([
    `agentidp_alert_state{tenant="${tenant}",alert="Calm"} 0`,
    `agentidp_alert_state{tenant="${tenant}",alert="Firing"} 2`,
    `agentidp_alert_state{tenant="${tenant}",alert="Waiting"} 1`,
    `agentidp_alert_value{tenant="${tenant}",alert="Calm"} 11`,
    `agentidp_alert_value{tenant="${tenant}",alert="Firing"} 11`,
    `agentidp_alert_value{tenant="${tenant}",alert="Waiting"} 11`,
  ]);
  expect(await seriesOf('somebody-else')).toEqual([]);
  await ask(t, tenant, 'PATCH', `/${calm.id}`, { is_active: false });
  await ask(t, tenant, 'DELETE', `/${firing.id}`);
  await t.rollup();
  expect(await seriesOf(tenant)).toEqual([
    `agentidp_alert_state{tenant="${tenant}",alert="Waiting"} 1`,
    `agentidp_alert_value{tenant="${tenant}",alert="Waiting"} 11`,
  ]);
});

it('the fifty oldest alerts have series of their own, and the others one with the worst state', async () => {
  const tenant = t.tenant();
  for (let i = 0; i < 51; i += 1)
    await makeAlert(t, tenant, { name: `Alert ${i}`, condition: { threshold: 100 } });
  await makeAlert(t, tenant, { name: 'Newest' });
  await at(t, tenant, '2026-03-18T12:12:30Z', { a: 11 });
  const states = (await seriesOf(tenant)).filter((line) => line.startsWith('agentidp_alert_state'));
  expect(states).toHaveLength(51);
  expect(states).toContain(`agentidp_alert_state{tenant="${tenant}",alert="Alert 49"} 0`);
  expect(states).toContain(`agentidp_alert_state{tenant="${tenant}",alert="other"} 2`);
  const values = (await seriesOf(tenant)).filter((line) => line.startsWith('agentidp_alert_value'));
  expect(values).toHaveLength(50);
  expect(values.filter((line) => line.includes('alert="other"'))).toEqual([]);
});
