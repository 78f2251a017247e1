import { demoTenants } from '../../src/demo/fleet.js';
import { LIVE_RATE, runsOf } from '../../src/demo/runs.js';
import { HOUR } from '../../src/time.js';
import { parseExecutions } from '../../src/ingest/executions/parse.js';

const [demo] = demoTenants('demo');
const FIRST = Date.parse('2026-01-01T00:00:00Z');
const quarter = Array.from({ length: 24 * 90 }, (_, i) => FIRST + i * HOUR).flatMap((hour) =>
  runsOf(demo, hour),
);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('the demo’s runs', () => {
  it('are enough in 90 days for every panel to have something', () => {
    const runs = quarter.map(({ run }) => run as unknown as { steps: object[]; token_usages: object[]; status: string });
    expect(runs.length).toBeGreaterThan(2_000);
    expect(runs.length).toBeLessThan(20_000);
    expect(sum(runs.map(({ token_usages }) => token_usages.length))).toBeGreaterThan(750);
    expect(sum(runs.map(({ steps }) => steps.length))).toBeGreaterThan(1_000);
    expect(new Set(runs.map(({ status }) => status))).toEqual(
      new Set(['success', 'failure', 'timeout', 'blocked']),
    );
  });

  it('are all taken, and are the same each time', () => {
    const { executions, rejected } = parseExecutions(
      quarter.map(({ run }) => run),
      { now: FIRST + 365 * 24 * HOUR, oldest: 0 },
    );
    expect([executions.length, rejected]).toEqual([quarter.length, []]);
    expect(new Set(executions.map(({ id }) => id)).size).toBe(quarter.length);
    expect(runsOf(demo, FIRST + 9 * HOUR)).toEqual(runsOf(demo, FIRST + 9 * HOUR));
  });

  it('come a few a minute while the demo is on, at night too', () => {
    for (const hour of [FIRST + 3 * HOUR, FIRST + 5 * 24 * HOUR + 10 * HOUR]) {
      const perMinute = runsOf(demo, hour, LIVE_RATE).length / 60;
      expect(perMinute).toBeGreaterThan(0.5);
      expect(perMinute).toBeLessThan(6);
    }
  });
});
