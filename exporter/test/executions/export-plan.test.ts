/** How PostgreSQL finds a page of an export: from where the one before ended, and not by sorting all that is left. */
import { withTransaction } from '../../src/db/pool.js';
import { DATASETS, firstOf, pageStatement } from '../../src/query/datasets/index.js';
import { testApp, type TestApp } from '../support/app.js';

interface PlanNode {
  'Node Type': string;
  Plans?: PlanNode[];
}

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const typesOf = (node: PlanNode): string[] => [node['Node Type'], ...(node.Plans ?? []).flatMap(typesOf)];

it.each(['executions', 'steps', 'token_usages', 'sessions'] as const)('a page of %s', async (name) => {
  const dataset = DATASETS[name];
  const range = { from: Date.parse('2026-03-12T00:00:00Z'), to: Date.parse('2026-03-19T00:00:00Z') };
  const { text, values } = pageStatement('acme', dataset, { range, idleSince: 0 }, firstOf(dataset), 1_000);
  const types = await withTransaction(t.pool, async (client) => {
    // Of so few rows it would take any plan.
    await client.query(
      'SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off',
    );
    const { rows } = await client.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
      `EXPLAIN (FORMAT JSON) ${text}`,
      values,
    );
    return typesOf(rows[0]!['QUERY PLAN'][0]!.Plan);
  });
  expect(types).toContain('Index Scan');
  expect(types).not.toContain('Sort');
  expect(types).not.toContain('Bitmap Heap Scan');
});
