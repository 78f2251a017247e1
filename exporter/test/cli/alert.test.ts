/** `alert test` says what an alert would do now. */
import { makeAlert, readAlert } from '../alerts/alerts-app.js';
import { testApp, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';
import { runCli } from './run-cli.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp({ now: new Date().toISOString() });
});
afterAll(() => t.close());

const test = (id: string, tenant: string) =>
  runCli(['alert', 'test', id, '--tenant', tenant], { DATABASE_URL: t.database.url });

it('evaluates each group, and changes nothing', async () => {
  const { id } = await makeAlert(t, 'acme', {
    condition: { group_by: ['agent'], window: '1h' },
    is_active: false,
  });
  const time = new Date(t.clock.now - 10 * 60_000).toISOString();
  await t.sendAndRollup('acme', [
    call(time, { agentId: 'a', count: 20 }),
    call(time, { agentId: 'b', count: 3 }),
  ]);
  const { stdout, stderr, exitCode } = await test(id, 'acme');
  expect([stderr, exitCode]).toEqual(['', 0]);
  expect(stdout).toMatch(
    /^Many calls: firing, from .+ to .+\nAPI calls of a is 20 .+\n {2}a: firing, 20\n {2}b: ok, 3\n$/,
  );
  expect((await readAlert(t, 'acme', id)).last_evaluated_at).toBeNull();
});

it('does not find the alert of another tenant', async () => {
  const { id } = await makeAlert(t, 'acme');
  const { stderr, exitCode } = await test(id, 'other');
  expect([stderr, exitCode]).toEqual([expect.stringContaining(`there is no alert "${id}"`), 1]);
});
