/** agent="other" is maintained incrementally. It equals the sum over all agents, and costs only as much as the shown series. */
import { silentLog } from '../../src/db/log.js';
import { migrate } from '../../src/db/migrate.js';
import { NAMED_AGENTS } from '../../src/tenants/registry.js';
import { NIGHTLY } from '../../src/rollup/nightly.js';
import { unsettledTenants } from '../../src/rollup/other-agents.js';
import { OF_AGENTS, readSnapshot } from '../../src/rollup/snapshot.js';
import { DAY, HOUR } from '../../src/time.js';
import { NOW, testApp, type TestApp, type TestEvent } from '../support/app.js';
import { createEmptyDatabase, migrateUpTo, migrationsDir } from '../support/database.js';
import { call } from '../support/events.js';
import { execution } from '../support/executions.js';
import { differences } from '../support/recount.js';
import { randomOf } from '../support/seed.js';

let t: TestApp;
beforeEach(async () => {
  t = await testApp();
});
afterEach(() => t.close());

const TENANTS = ['acme', 'other'];
const at = (ago: number): string => new Date(t.clock.now - ago).toISOString();

const nightly = (): Promise<number> =>
  t.services.jobs.find(({ name }) => name === NIGHTLY)!.run(t.clock.now, new AbortController().signal);

/** All sums as tenant, agent, figure and value: named agents by name, the others as "other". */
const SUMMED = `
  SELECT tenant, coalesce(agent, 'other') AS agent, figure, sum(value)::float8 AS value
  FROM (
    SELECT t.tenant_id AS tenant, a.id AS agent, metric_type AS figure, count - count_as_other AS value
    FROM agent_totals t JOIN agents a ON a.tenant_id = t.tenant_id AND a.id = t.agent_id AND metrics_named
    UNION ALL SELECT tenant_id, NULL, metric_type, count_as_other FROM agent_totals
    UNION ALL
    SELECT c.tenant_id, a.id, status, executions
    FROM execution_agent_counters c JOIN agents a ON a.tenant_id = c.tenant_id AND a.id = c.agent_id AND metrics_named
    UNION ALL SELECT tenant_id, NULL, status, executions_as_other FROM execution_agent_counters
  ) AS counted WHERE figure <> 'running' GROUP BY 1, 2, 3 HAVING sum(value) <> 0`;

type Figures = Record<string, number>;

async function summed(): Promise<Figures> {
  const { rows } = await t.pool.query<{ tenant: string; agent: string; figure: string; value: number }>(
    SUMMED,
  );
  return Object.fromEntries(
    rows.map(({ tenant, agent, figure, value }) => [`${tenant} ${agent} ${figure}`, value]),
  );
}

/** The same figures as a scrape returns them. */
async function shown(): Promise<Figures> {
  const { agents, execution } = await readSnapshot(t.pool, t.clock.now, {
    ...{ budgets: [], alerts: [], lagSeconds: new Map(), rotationMaxAgeDays: 90 },
  });
  const ofEvents = agents.flatMap(({ tenant, agent, totals }) =>
    Object.entries(totals).map(([figure, value]) => [`${tenant} ${agent} ${figure}`, value] as const),
  );
  const ofExecutions = execution.executions.map(
    ({ tenant, agent, status, executions }) => [`${tenant} ${agent} ${status}`, executions] as const,
  );
  return Object.fromEntries([...ofEvents, ...ofExecutions].filter(([, value]) => value !== 0));
}

/** Figures that are lower than before. An agent that has lost its own series has none. */
const fallen = (before: Figures, after: Figures): string[] =>
  Object.keys(before).filter((figure) => figure in after && after[figure]! < before[figure]!);

it.each([1, 2, 3])(
  'agent="other" equals the sum of the agents after every rollup and nightly job of random history %i, and never decreases',
  async (history) => {
    const random = randomOf('history', history);
    const below = (n: number): number => Math.floor(random() * n);
    // The number of agents grows, so that the agents with their own series change.
    const agent = (round: number): string | null =>
      random() < 0.1 ? null : `agent-${below(NAMED_AGENTS + 5 + 2 * round)}`;
    const event = (round: number): TestEvent =>
      call(at(below(random() < 0.7 ? HOUR : 3 * DAY)), {
        agentId: agent(round),
        metricType: random() < 0.5 ? 'api_calls' : 'token_issuances',
        count: 1 + below(2 ** below(8)),
        status: random() < 0.5 ? 200 : 500,
      });
    // Some were sent before, and now have another agent, outcome or day.
    const ran = (round: number): object =>
      execution(1 + below(60 + 20 * round), at(below(3 * DAY)), {
        agent_id: agent(round),
        model_name: `model-${below(3)}`,
        status: ['success', 'failure', 'running'][below(3)],
      });
    let before: Figures = {};
    for (let round = 0; round < 8; round += 1) {
      for (const tenant of TENANTS) {
        await t.send(
          tenant,
          Array.from({ length: 60 }, () => event(round)),
        );
        const executions = new Map(
          Array.from({ length: 30 }, () => ran(round) as { id: string }).map((sent) => [sent.id, sent]),
        );
        await t.post('/api/v1/executions', { executions: [...executions.values()] }, { tenant });
      }
      const steps = [() => t.rollup(), ...(round % 3 === 2 ? [nightly] : [])];
      for (const step of steps) {
        await step();
        const after = await shown();
        expect(after).toEqual(await summed());
        expect(fallen(before, after)).toEqual([]);
        before = after;
      }
      t.clock.now += 7 * HOUR;
    }
    expect(before['acme other api_calls']).toBeGreaterThan(0);
    expect(before['acme other success']).toBeGreaterThan(0);
    expect((await differences(t.pool)).filter((line) => line.includes('_other'))).toEqual([]);
  },
);

it('agent="other" is corrected at startup and every night after an earlier release has updated only the agents', async () => {
  await t.sendAndRollup('acme', [call(at(HOUR), { count: 5 })]);
  await t.post('/api/v1/executions', { executions: [execution(1, at(HOUR))] }, 'acme');
  await t.rollup();
  // The first row is a sum without any agent.
  const earlier = `INSERT INTO agent_totals_other VALUES ('acme', 'api_errors', 7);
    UPDATE agent_totals SET count = count + 2, count_as_other = count_as_other + 2;
    UPDATE execution_agent_counters SET executions_as_other = executions_as_other + 2`;
  await t.pool.query(earlier);
  const started = await testApp({ database: t.database });
  await started.services.status.refresh();
  expect(await shown()).toEqual({ 'acme other api_calls': 7, 'acme other success': 3 });
  await started.close();

  await t.pool.query(earlier);
  await nightly();
  expect(await shown()).toEqual({ 'acme other api_calls': 9, 'acme other success': 5 });
});

it('agent="other" starts with the sums over the agents of an earlier release', async () => {
  const database = await createEmptyDatabase();
  try {
    await migrateUpTo(database.pool, 7);
    await database.pool.query(`
      INSERT INTO agent_totals VALUES ('acme', 'a', 'api_calls', 9, 4), ('acme', NULL, 'api_calls', 3, 3),
        ('acme', 'a', 'api_errors', 1, 0), ('other', 'a', 'api_calls', 5, 5);
      INSERT INTO execution_agent_counters VALUES ('acme', 'a', 'success', 3, 2), ('acme', NULL, 'success', 0, 4)`);
    await migrate(database.pool, { dir: migrationsDir, log: silentLog });
    const kept = await database.pool.query(`
      SELECT tenant_id, metric_type, count FROM agent_totals_other WHERE count <> 0
      UNION ALL SELECT tenant_id, status, executions FROM execution_counters_other ORDER BY 1, 2`);
    expect(kept.rows.map((row: object) => Object.values(row))).toEqual([
      ['acme', 'api_calls', 7],
      ['acme', 'success', 6],
      ['other', 'api_calls', 5],
    ]);
    expect(await unsettledTenants(database.pool)).toEqual([]);
  } finally {
    await database.drop();
  }
});

it('agent="other" follows the totals when they are recomputed', async () => {
  await t.sendAndRollup('acme', [call(at(HOUR), { count: 5 })]);
  // Without the old rows, the recompute adds to the totals and subtracts nothing.
  await t.pool.query('DELETE FROM analytics_daily_aggregates');
  await t.services.rollup.recomputeRange('acme', t.clock.now - HOUR, t.clock.now);
  expect(await shown()).toEqual(await summed());
  expect(await shown()).toEqual({ 'acme other api_calls': 5 });
});

interface PlanNode {
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}

/** Number of rows that the statement has read. */
const looked = (node: PlanNode): number =>
  (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'] +
  (node.Plans ?? []).reduce((sum, child) => sum + looked(child), 0);

describe('for a tenant with 20,000 agents', () => {
  beforeEach(async () => {
    await t.pool.query(`
      INSERT INTO tenants (id, tier) VALUES ('acme', 'pro'), ('other', 'pro');
      INSERT INTO agents (tenant_id, id, metrics_named, first_seen_at, last_seen_at)
      SELECT 'acme', 'agent-' || a, a <= ${NAMED_AGENTS}, now() - interval '9 days',
             now() - CASE WHEN a <= 100 THEN interval '1 hour' ELSE interval '8 days' END
      FROM generate_series(1, 20000) a;
      INSERT INTO agent_totals SELECT tenant_id, id, metric, 2, CASE WHEN metrics_named THEN 0 ELSE 2 END
      FROM agents, unnest(ARRAY['api_calls', 'api_errors', 'token_issuances']) AS metric;
      INSERT INTO execution_agent_counters SELECT tenant_id, id, 'success', 2, CASE WHEN metrics_named THEN 0 ELSE 2 END
      FROM agents`);
    await t.services.rollup.settleOther();
  });

  it.each(Object.entries(OF_AGENTS))(
    'the statement for %s only reads shown and active agents',
    async (_, sql) => {
      // As autovacuum does after this many new rows.
      await t.pool.query('ANALYZE agents, agent_totals, execution_agent_counters');
      const { rows } = await t.pool.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
        `EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`,
      );
      expect(looked(rows[0]!['QUERY PLAN'][0]!.Plan)).toBeLessThan(1_000);
    },
  );

  it('a rollup of one agent’s executions does not update the counters of the others', async () => {
    const before = 'SELECT agent_id FROM execution_agent_counters WHERE xmax::text <> $1 ORDER BY 1';
    expect((await t.pool.query(before, ['0'])).rows).toEqual([]);
    await t.pool
      .query(`INSERT INTO execution_totals (tenant_id, agent_id, status, executions, executions_as_other,
        input_tokens, output_tokens, cost_usd)
      SELECT tenant_id, agent_id, status, 2, 0, 0, 0, 0 FROM execution_agent_counters WHERE agent_id <> 'agent-1'`);
    await t.post('/api/v1/executions', { executions: [execution(1, NOW, { agent_id: 'agent-1' })] }, 'acme');
    await t.rollup();
    expect((await t.pool.query(before, ['0'])).rows).toEqual([{ agent_id: 'agent-1' }]);
  });
});
