import { windowOf } from '../../../src/costs/recommendations/window.js';
import { NOW, testApp, type TestApp } from '../../support/app.js';
import { runs, send } from './support.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const now = Date.parse(NOW);
const PERIOD = { from: now - 20 * DAY, to: now + DAY / 2 };
let t: TestApp;
beforeAll(async () => {
  t = await testApp();
  await send(
    t,
    'acme',
    runs(48, new Date(now - 2 * DAY).toISOString(), () => ({ agent_id: 'bot' }), HOUR),
  );
});
afterAll(() => t.close());

it('is the whole period where it has no more executions than are looked at', async () => {
  expect(await windowOf(t.pool, 'acme', PERIOD, now, 48)).toEqual({ ...PERIOD, length: 20.5 * DAY });
});

it('is the time up to now in which the newest executions lie where there are more', async () => {
  const window = await windowOf(t.pool, 'acme', PERIOD, now, 24);
  // The 25th newest began 25 hours ago.
  expect(window).toEqual({ from: now - 25 * HOUR + 1, to: PERIOD.to, length: 25 * HOUR - 1 });
});
