import { testApp, type TestApp } from '../support/app.js';
import { type Outcome, runCli } from './run-cli.js';

const DAY = 86_400_000;
const NOW = Date.now();
const ago = (days: number): string => new Date(NOW - days * DAY).toISOString();
const dateAgo = (days: number): string => ago(days).slice(0, 10);

let t: TestApp;

beforeAll(async () => {
  t = await testApp({ now: new Date().toISOString() });
  for (const tenant of ['acme', 'beta']) {
    await t.sendAndRollup(
      tenant,
      [5, 4, 3].map((days) => ({
        occurredAt: ago(days),
        metricType: 'api_calls',
        agentId: 'a1',
        count: days,
      })),
    );
  }
});
afterAll(() => t.close());

const rollup = (...args: string[]): Promise<Outcome> =>
  runCli(['rollup', ...args], { DATABASE_URL: t.database.url });
const calls = async (tenant: string): Promise<number> =>
  (await t.read<{ summary: { totalApiCalls: number } }>('usage-summary', tenant)).summary.totalApiCalls;
/** Simulates wrong aggregates. */
const damage = () => t.pool.query('UPDATE analytics_daily_aggregates SET count = 1000');

describe('rollup', () => {
  it('recomputes the days from raw events, including the first and the last', async () => {
    await damage();
    const { stdout, stderr } = await rollup('--from', dateAgo(5), '--to', dateAgo(4));
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^96 hours of 2 tenants recomputed, \d+ aggregate rows written\.\n$/);
    expect([await calls('acme'), await calls('beta')]).toEqual([5 + 4 + 1000, 5 + 4 + 1000]);
  });

  it('ends today by default', async () => {
    await damage();
    await rollup('--from', dateAgo(5));
    expect(await calls('acme')).toBe(12);
  });

  it('recomputes one tenant only', async () => {
    await damage();
    const { stdout } = await rollup('--from', dateAgo(5), '--to', dateAgo(3), '--tenant', 'beta');
    expect(stdout).toContain('72 hours of 1 tenant recomputed');
    expect([await calls('acme'), await calls('beta')]).toEqual([3000, 12]);
  });

  it.each([
    ['no start', [], '--from'],
    ['a date that does not exist', ['--from', '2026-02-30'], '--from'],
    [
      'a start after the end',
      ['--from', dateAgo(3), '--to', dateAgo(4)],
      `--from ${dateAgo(3)} is after --to ${dateAgo(4)}`,
    ],
    ['a start in the future', ['--from', dateAgo(-2), '--to', dateAgo(-3)], 'is in the future'],
    ['an unknown tenant', ['--from', dateAgo(3), '--tenant', 'nobody'], '--tenant: unknown tenant "nobody"'],
  ])('refuses %s', async (_, args, message) => {
    const { stdout, stderr, exitCode } = await rollup(...args);
    expect([stdout, exitCode]).toEqual(['', 1]);
    expect(stderr).toContain(message);
  });
});
