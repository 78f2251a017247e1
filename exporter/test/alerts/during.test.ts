/** Alerts while a rollup goes on. */
import { eventually } from '../robustness/eventually.js';
import { testApp, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';
import { makeAlert, readAlert } from './alerts-app.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

it('alerts of a tenant that has been rolled up do not wait for the rollup of the others', async () => {
  const tenant = t.tenant();
  const { id } = await makeAlert(t, tenant);
  t.setNow('2026-03-18T12:02:30Z');
  await t.send(tenant, [call('2026-03-18T12:01:30Z', { agentId: 'a', count: 11 })]);
  const { alertWatch, rollup } = t.services;
  let endOthers = (): void => undefined;
  const others = new Promise<void>((resolve) => (endOthers = resolve));
  let evaluations = 0;
  const rollingUp = alertWatch.during(
    async () => {
      await rollup.run();
      await others;
    },
    () => (evaluations += 1),
  );
  await eventually('the alert fires', async () => (await readAlert(t, tenant, id)).state === 'firing');
  endOthers();
  await rollingUp;
  expect(evaluations).toBe(1);
});
