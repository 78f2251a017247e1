/** An exporter with the demo's traffic of a few agents, over the initial time ranges of the dashboards. */
import { seedAlerts } from 'agentidp-analytics/demo/alerts';
import { seedReport } from 'agentidp-analytics/demo/reports';
import { seedBudgets } from 'agentidp-analytics/demo/budgets';
import { demoTenants, LOOPING_AGENT, type DemoTenant } from 'agentidp-analytics/demo/fleet';
import { seed } from 'agentidp-analytics/demo/seed';
import { setUp } from 'agentidp-analytics/demo/setup';
import { DAY, HOUR, MINUTE } from 'agentidp-analytics/time';
import { testApp, type TestApp } from 'agentidp-analytics/testing/app';

/** In the middle of a month, a week and a working day. */
const NOW = Date.parse('2026-03-18T12:00:00Z');
const DAYS = 35;

/** Has failed tokens, failed calls and rotations. */
export const AGENT = LOOPING_AGENT;
/** Has executions, some of which fail. */
export const RUNNER = 'support-triage';
/** Fast and slow agents, by day and by night, one that never rotates, and one that was added later. */
const AGENTS = [
  AGENT,
  RUNNER,
  'refund-assistant',
  'legacy-ledger-export',
  'log-analyst',
  'deploy-assistant',
  'contract-reviewer',
  'catalog-enricher',
  'chat-concierge',
  'code-reviewer',
];

const [demo] = demoTenants('fleet');
export const FLEET: DemoTenant = { ...demo, agents: demo.agents.filter(({ id }) => AGENTS.includes(id)) };

/** Starts the exporter with aggregated data, one successful job and one failed job. The caller closes it. */
export async function seededExporter(env: Record<string, string> = {}): Promise<TestApp> {
  const t = await testApp({ now: new Date(NOW).toISOString(), env });
  const { ingest, ledger, rollup } = t.services;
  const executions = t.services.executions.executions.bind(t.services.executions);
  const author = { subject: 'test', via: 'command_line', log: { info: () => undefined } } as const;
  const { registry } = t.services;
  await setUp({ pool: t.pool, registry, tenant: FLEET, author, from: NOW - DAYS * DAY, now: NOW });
  await seed({ pool: t.pool, ingest, executions, tenant: FLEET, days: DAYS, now: NOW });
  while ((await rollup.run(new AbortController().signal)).busy > 0);
  await ledger.runSlot('nightly', NOW - 12 * HOUR, () => Promise.resolve(1));
  await ledger.recordFailure('retention', NOW - 2 * HOUR, 'the disk is full');
  await t.rollup();
  await seedBudgets(t.services.budgets, FLEET.id, author);
  await seedAlerts(t.services.alerts, FLEET.id, author, []);
  const condition = { metric: 'api_calls', operator: 'greater_than', threshold: 0, window: '1h' } as const;
  await t.services.alerts.create(FLEET.id, { name: 'There are calls', condition }, author);
  await seedReport(t.services.reports, FLEET.id, author, []);
  // Alerts begin to fire a minute ago.
  t.clock.now = NOW - MINUTE;
  await t.rollup();
  t.clock.now = NOW;
  await t.rollup();
  return t;
}

/** The latest finished execution of an agent. */
export async function latestExecution(t: TestApp, agentId: string): Promise<string> {
  const asked = `executions?agent_id=${agentId}&status=success&page_size=1`;
  const { items } = await t.read<{ items: { id: string }[] }>(asked, FLEET.id);
  const [latest] = items;
  if (latest === undefined) throw new Error(`${agentId} has run nothing`);
  return latest.id;
}

/** Sends two executions of AGENT: one at the top level, and one that the given execution has called. */
export async function addRuns(t: TestApp, callerId: string): Promise<void> {
  const run = {
    agent_id: AGENT,
    status: 'success',
    started_at: new Date(NOW - HOUR).toISOString(),
    execution_time_ms: 120,
    cost_usd: 0.001,
  };
  const { rejected } = await t.services.executions.executions(FLEET.id, [
    { ...run, id: '00000000-0000-4000-8000-00000000c410' },
    { ...run, id: '00000000-0000-4000-8000-00000000c411', parent_execution_id: callerId },
    {
      ...{ id: '00000000-0000-4000-8000-00000000c412', agent_id: RUNNER, status: 'running' },
      started_at: new Date(NOW - MINUTE).toISOString(),
    },
  ]);
  if (rejected.length > 0) throw new Error(rejected[0]!.message);
  await t.rollup();
}
