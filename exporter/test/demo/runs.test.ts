import { silentLog } from '../../src/db/log.js';
import { seedBudgets } from '../../src/demo/budgets.js';
import { demoTenants } from '../../src/demo/fleet.js';
import { LIVE_RATE, runsOf } from '../../src/demo/runs.js';
import { HOUR } from '../../src/time.js';
import { parseExecutions } from '../../src/facts/execution/parse.js';
import { seed } from '../../src/demo/seed.js';
import { testApp } from '../support/app.js';

const [demo] = demoTenants('demo');
const FIRST = Date.parse('2026-01-01T00:00:00Z');
const quarter = Array.from({ length: 24 * 90 }, (_, i) => FIRST + i * HOUR).flatMap((hour) =>
  runsOf(demo, hour),
);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('the executions of the demo', () => {
  it('are enough in 90 days for every panel to show data', () => {
    const runs = quarter.map(
      ({ run }) => run as unknown as { steps: object[]; token_usages: object[]; status: string },
    );
    expect(runs.length).toBeGreaterThan(2_000);
    expect(runs.length).toBeLessThan(20_000);
    expect(sum(runs.map(({ token_usages }) => token_usages.length))).toBeGreaterThan(750);
    expect(sum(runs.map(({ steps }) => steps.length))).toBeGreaterThan(1_000);
    expect(new Set(runs.map(({ status }) => status))).toEqual(
      new Set(['success', 'failure', 'timeout', 'blocked']),
    );
  });

  it('are all accepted, and are the same each time', () => {
    const { executions, rejected } = parseExecutions(
      quarter.map(({ run }) => run),
      { now: FIRST + 365 * 24 * HOUR, oldest: 0 },
    );
    expect([executions.length, rejected]).toEqual([quarter.length, []]);
    expect(new Set(executions.map(({ id }) => id)).size).toBe(quarter.length);
    expect(runsOf(demo, FIRST + 9 * HOUR)).toEqual(runsOf(demo, FIRST + 9 * HOUR));
  });

  it('have runs of two other agents below those of a supervisor, within its time and its trace', () => {
    const byId = new Map(quarter.map(({ run }) => [run.id, run]));
    const nested = quarter.map(({ run }) => run).filter((run) => run.parent_execution_id !== null);
    expect(new Set(nested.map((run) => run.agent_id))).toEqual(
      new Set(['ticket-summarizer', 'refund-assistant']),
    );
    expect(nested.length).toBeGreaterThan(100);
    for (const run of nested) {
      const caller = byId.get(String(run.parent_execution_id))!;
      expect(caller).toMatchObject({
        agent_id: 'chat-concierge',
        trace_id: run.trace_id,
        parent_execution_id: null,
      });
      expect(run.started_at >= caller.started_at).toBe(true);
      expect(String(run.completed_at) <= String(caller.completed_at)).toBe(true);
    }
  });

  it('arrive a few per minute while the demo is running, also at night', () => {
    for (const hour of [FIRST + 3 * HOUR, FIRST + 5 * 24 * HOUR + 10 * HOUR]) {
      const perMinute = runsOf(demo, hour, LIVE_RATE).length / 60;
      expect(perMinute).toBeGreaterThan(0.5);
      expect(perMinute).toBeLessThan(6);
    }
  });
});

it('the demo creates its three budgets once: one ok, one in warning, one exceeded', async () => {
  const now = Date.parse('2026-03-18T12:00:00Z');
  const t = await testApp({ now: new Date(now).toISOString() });
  const executions = t.services.executions.executions.bind(t.services.executions);
  const agents = demo.agents.filter(({ id }) => ['code-reviewer', 'contract-reviewer'].includes(id));
  const tenant = { ...demo, agents };
  await seed({ pool: t.pool, ingest: t.services.ingest, executions, tenant, days: 20, now });
  const author = { subject: 'demo', via: 'command_line', log: silentLog } as const;
  expect(await seedBudgets(t.services.budgets, tenant.id, author)).toBe(3);
  expect(await seedBudgets(t.services.budgets, tenant.id, author)).toBe(0);
  const states = (await t.services.budgets.list(tenant.id)).map(({ name, state }) => [name, state]);
  expect(states).toEqual([
    ['All agents', 'ok'],
    ['Code reviews', 'warning'],
    ['Contracts', 'exceeded'],
  ]);
  await t.close();
});
