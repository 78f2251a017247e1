/** How PostgreSQL finds a page of an export: from where the one before ended, and not by sorting all that is left. */
import { withTransaction } from '../../src/db/pool.js';
import { DATASETS } from '../../src/query/executions/export.js';
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

it.each(['executions', 'steps', 'token_usages'] as const)('a page of %s', async (name) => {
  const { sql, cursor } = DATASETS[name];
  const types = await withTransaction(t.pool, async (client) => {
    // Of so few rows it would take any plan.
    await client.query(
      'SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off',
    );
    const { rows } = await client.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
      `EXPLAIN (FORMAT JSON) ${sql}`,
      ['acme', '2026-03-12T00:00:00Z', '2026-03-19T00:00:00Z', ...cursor.map(({ from }) => from), 1_000],
    );
    return typesOf(rows[0]!['QUERY PLAN'][0]!.Plan);
  });
  expect(types).toContain('Index Scan');
  expect(types).not.toContain('Sort');
  expect(types).not.toContain('Bitmap Heap Scan');
});
