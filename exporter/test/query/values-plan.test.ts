/** How values that are listed nowhere are found: a bounded number of rows is looked at, however many there are. */
import { DIMENSIONS } from '../../src/catalog/index.js';
import { MAX_LOOKED_AT, sourcesOf, valuesSql } from '../../src/query/dimensions.js';
import { testApp, type TestApp } from '../support/app.js';

/** Rows beyond those that are looked at. */
const MORE = 50_000;

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
  const rows = MAX_LOOKED_AT + MORE;
  await t.pool.query(`
    INSERT INTO tenants (id, tier) VALUES ('large', 'pro');
    INSERT INTO event_environment_days (tenant_id, date, environment, count)
      SELECT 'large', date '2026-03-18' - n / 40000, 'env-' || n, 1 FROM generate_series(0, ${rows} - 1) AS n;
    INSERT INTO agents (tenant_id, id, tags)
      SELECT 'large', 'a' || lpad(n::text, 6, '0'), ARRAY['tag-' || n] FROM generate_series(0, ${rows} - 1) AS n`);
  await t.pool.query('VACUUM ANALYZE event_environment_days, agents');
}, 600_000);
afterAll(() => t.close());

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  Plans?: Plan[];
}
const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

interface Values {
  values: { value: string }[];
  truncated?: true;
}

const searched = DIMENSIONS.flatMap((dimension) => {
  const sources = sourcesOf(dimension);
  return sources === undefined ? [] : [{ name: dimension.name, sources }];
});

it.each(searched)(
  '$name: rows are read in the order of an index, no more than the bound',
  async ({ sources }) => {
    const { rows } = await t.pool.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${valuesSql(sources)}`,
      ['large', '%nothing like it%', 1_000, MAX_LOOKED_AT, '2026-01-01'],
    );
    const nodes = nodesOf(rows[0]!['QUERY PLAN'][0].Plan);
    const read = nodes.filter((node) => node['Relation Name'] !== undefined);
    expect(read).toHaveLength(sources.length);
    for (const node of read) {
      expect(node['Actual Rows'] * node['Actual Loops']).toBeLessThanOrEqual(MAX_LOOKED_AT + 1);
      // Small tables are read whole.
      if (node['Actual Rows'] > 0) expect(node['Node Type']).toMatch(/^Index (Only )?Scan$/);
    }
  },
);

it('a search says that it has not looked at all rows, and has looked at the latest days first', async () => {
  const read = (path: string): Promise<Values> => t.read<Values>(`dimensions/${path}`, 'large');
  expect(await read('environment/values?search=env-7')).toMatchObject({ truncated: true });
  expect(await read('environment/values?search=env-39999*')).toEqual({
    values: [{ value: 'env-39999', label: 'env-39999' }],
    truncated: true,
  });
  expect((await read(`environment/values?search=env-${MAX_LOOKED_AT + MORE - 1}*`)).values).toEqual([]);
  expect(await read('agentTag/values?search=tag-99*&limit=2')).toEqual({
    values: [
      { value: 'tag-99', label: 'tag-99' },
      { value: 'tag-990', label: 'tag-990' },
    ],
    truncated: true,
  });
});

it('of fewer rows it says nothing', async () => {
  const { values, ...rest } = await t.read<Values>('dimensions/environment/values', 'small');
  expect([values, rest]).toEqual([[], {}]);
});
