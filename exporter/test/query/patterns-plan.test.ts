/** Patterns are compared with the different values of a dimension, and not with each row of an aggregate. */
import { findDimension } from '../../src/catalog/index.js';
import { planQuery } from '../../src/query/plan.js';
import { valueStatement } from '../../src/query/statements.js';
import { testApp, type TestApp } from '../support/app.js';
import { call } from '../support/events.js';

const TENANT = 'acme';
const AGENTS = 40;
const HOURS = 20;
const FROM = Date.parse('2026-03-10T00:00:00Z');
const PATTERNS = Array.from({ length: 100 }, (_, i) => `*x${i}*y`);

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
  const events = Array.from({ length: AGENTS * HOURS }, (_, i) =>
    call(new Date(FROM + Math.floor(i / AGENTS) * 3_600_000).toISOString(), {
      ...{ agentId: `agent-${i % AGENTS}`, endpoint: `GET /e-${i % 5}`, status: 200 + (i % 3) },
    }),
  );
  await t.sendAndRollup(TENANT, events);
  await t.pool.query('ANALYZE');
});
afterAll(() => t.close());

interface Node {
  Filter?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: Node[];
}

/** How often a filter that compares patterns was applied. */
function compared(node: Node): number {
  const own = /~~ ANY/.test(node.Filter ?? '')
    ? (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']
    : 0;
  return (node.Plans ?? []).reduce((sum, child) => sum + compared(child), own);
}

it.each([
  ['endpoint', [], 5],
  ['statusCode', [], 3],
  ['agent', [], 2 * AGENTS],
  ['agent', ['agent'], 2 * AGENTS],
  ['hourOfDay', ['agent'], HOURS],
])('those of %s, grouped by %j', async (dimension, groupBy, most) => {
  const plan = planQuery(
    {
      ...{ refId: 'A', metric: 'api_calls', groupBy },
      filters: [{ dimension: findDimension(dimension)!.name, operator: 'matches', values: PATTERNS }],
    },
    {
      ...{ tenantId: TENANT, now: t.clock.now, timeZone: 'UTC', minutesFrom: t.clock.now },
      range: { from: FROM, to: FROM + 86_400_000 },
    },
  );
  const { text, values } = valueStatement(plan, { bucketed: false });
  const { rows } = await t.pool.query<{ 'QUERY PLAN': { Plan: Node }[] }>(
    `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
    values,
  );
  const count = compared(rows[0]!['QUERY PLAN'][0]!.Plan);
  expect(count).toBeGreaterThan(0);
  expect(count).toBeLessThanOrEqual(most);
});
