/** What grows with the number of tenants is bounded. */
import { BudgetWatch, MAX_WAITING } from '../../src/costs/budget-watch.js';
import { FailingTenants } from '../../src/rollup/failures.js';
import { createPool } from '../../src/db/pool.js';
import { recordingLog } from '../support/log.js';

it('tenants whose budgets wait for an evaluation', async () => {
  // Nothing listens there, so every evaluation fails.
  const pool = createPool({ url: 'postgres://nobody@127.0.0.1:1/none', max: 1 });
  const watch = new BudgetWatch({ pool, now: Date.now, log: recordingLog() });
  for (let i = 0; i < 2 * MAX_WAITING; i += 1) watch.touch(`tenant-${i}`);
  expect(watch.waiting).toBeLessThanOrEqual(MAX_WAITING);
  expect(watch.waiting).toBeGreaterThan(MAX_WAITING / 2);
  await watch.stop();
  await pool.end();
});

it('tenants whose rollup fails: the oldest are forgotten, and logged again', () => {
  const failing = new FailingTenants();
  for (let i = 0; i < 20_000; i += 1) failing.add(`tenant-${i}`);
  expect(failing.has('tenant-19999')).toBe(true);
  expect(failing.has('tenant-0')).toBe(false);
  expect(failing.delete('tenant-19999')).toBe(true);
  expect(failing.delete('tenant-19999')).toBe(false);
});
