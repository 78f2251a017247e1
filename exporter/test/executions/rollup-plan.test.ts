/** How PostgreSQL makes aggregates: whatever it knows of the tables, it must not compare everything with everything else. */
import { EXECUTION_AGGREGATES } from '../../src/aggregates/index.js';
import { changedFromRaw, fromFiner, fromRaw } from '../../src/aggregates/statements.js';
import { DATASETS, firstOf, pageStatement } from '../../src/query/datasets/index.js';
import { testApp, type TestApp } from '../support/app.js';

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Cond'?: string;
  'Join Type'?: string;
  Plans?: PlanNode[];
}

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

const LASTING = EXECUTION_AGGREGATES.filter(({ levels }) => levels.includes('day'));

it.each(LASTING.map((aggregate) => [aggregate.name, aggregate] as const))(
  'days of %s are joined of nothing that is grouped',
  async (_name, aggregate) => {
    // The tables are empty, as before a first large import: the planner takes all sides for small.
    const { rows } = await t.pool.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
      `EXPLAIN (FORMAT JSON) ${fromFiner(aggregate, 'day', 'hour')}`,
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

it('parts of executions are looked up for each, also of a tenant that the statistics do not know', async () => {
  // What others have is known, as after a while of use.
  await t.pool.query(`
    INSERT INTO token_usages (tenant_id, execution_id, usage_key, position, component, input_tokens, output_tokens,
                              cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_source)
    SELECT 'others', gen_random_uuid(), 'a', 0, 'main_agent', 1, 1, 0, 0, 0, 'unpriced' FROM generate_series(1, 20000);
    INSERT INTO execution_steps (tenant_id, execution_id, step_number, step_type, input_tokens, output_tokens)
    SELECT 'others', gen_random_uuid(), 1, 'tool_call', 0, 0 FROM generate_series(1, 20000);
    ANALYZE token_usages, execution_steps`);
  const range = ['2026-03-16T00:00:00Z', '2026-03-18T00:00:00Z'];
  const statements: [string, unknown[]][] = [
    ...LASTING.map((aggregate): [string, unknown[]] => [
      fromRaw(aggregate, 'hour'),
      ['acme', [range[0]], [range[1]]],
    ]),
    ...[DATASETS.steps, DATASETS.token_usages].map((dataset): [string, unknown[]] => {
      const [from, to] = range.map((time) => Date.parse(time)) as [number, number];
      const request = { range: { from, to }, idleSince: 0 };
      const page = pageStatement('acme', dataset, request, firstOf(dataset), 1_000);
      return [page.text, page.values];
    }),
  ];
  const conditions: string[] = [];
  for (const [sql, values] of statements) {
    const { rows } = await t.pool.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
      `EXPLAIN (FORMAT JSON) ${sql}`,
      values,
    );
    for (const node of nodesOf(rows[0]!['QUERY PLAN'][0]!.Plan)) {
      if (['token_usages', 'execution_steps'].includes(node['Relation Name'] ?? ''))
        conditions.push(node['Index Cond'] ?? node['Node Type']);
    }
  }
  expect(conditions).toHaveLength(6);
  for (const condition of conditions) expect(condition).toContain('execution_id = e.id');
});

it('minutes are compared by a hash of their rows, also where the planner takes all sides for small', async () => {
  for (const aggregate of EXECUTION_AGGREGATES.filter(({ levels }) => levels.includes('minute'))) {
    const { rows } = await t.pool.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN ${changedFromRaw(aggregate, 'minute')}`,
      ['acme', ['2026-03-18T11:00:00Z'], ['2026-03-18T12:00:00Z']],
    );
    const plan = rows.map((row) => row['QUERY PLAN']);
    expect(plan.filter((line) => /NOT \(.*(hashed SubPlan|hashed_SubPlan)/i.test(line))).toHaveLength(2);
    // All that differs is removed before the first row is inserted.
    expect(plan.join('\n')).toContain('One-Time Filter');
  }
});
