/** The states of an alert, as rollups find its condition to hold or not. */
import { testApp, type TestApp } from '../support/app.js';
import { at, makeAlert, readAlert } from './alerts-app.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
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
