/** How PostgreSQL makes days of hours: whatever it knows of the tables, it must not compare every group with every other. */
import { EXECUTION_PROJECTIONS } from '../../src/rollup/execution-projections.js';
import { testApp, type TestApp } from '../support/app.js';

interface PlanNode {
  'Node Type': string;
  'Join Type'?: string;
  Plans?: PlanNode[];
}

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

it.each(EXECUTION_PROJECTIONS.map((projection, i) => [i, projection] as const))(
  'days of projection %i are joined of nothing that is grouped',
  async (_i, projection) => {
    // Of empty tables, as they are before a first large import: the planner takes all sides for small.
    const { rows } = await t.pool.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
      `EXPLAIN (FORMAT JSON) ${projection.fromFiner('day', 'hour')}`,
      ['acme', ['2026-03-16T00:00:00Z'], ['2026-03-18T00:00:00Z']],
    );
    const joins = nodesOf(rows[0]!['QUERY PLAN'][0]!.Plan).filter((node) => node['Join Type'] !== undefined);
    const grouped = joins.filter((join) =>
      nodesOf(join).some((node) => ['Aggregate', 'WindowAgg', 'ProjectSet'].includes(node['Node Type'])),
    );
    expect(joins.length).toBeGreaterThan(0);
    expect(grouped).toEqual([]);
  },
);
