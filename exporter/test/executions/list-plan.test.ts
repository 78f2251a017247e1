/** How PostgreSQL finds the few executions of a session, a user, a kind of failure, a trace or a caller among a tenant's many. */
import { conditionsOf } from '../../src/query/executions/filters.js';
import { SUBTREES } from '../../src/query/executions/tree.js';
import { testApp, type TestApp } from '../support/app.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
  await t.pool.query(`
    INSERT INTO tenants (id, tier) VALUES ('acme', 'pro');
    INSERT INTO executions (tenant_id, id, status, started_at, session_id, user_id, error_type, trace_id, parent_execution_id, cost_source, header_digest,
                            steps, own_tokens, input_tokens, output_tokens, cached_input_tokens, cache_write_tokens,
                            reasoning_tokens, tags)
    SELECT 'acme', gen_random_uuid(), 'success', now() - n * interval '1 second', 's' || n % 4000, 'u' || n % 4000,
           CASE WHEN n % 10 = 0 THEN 'e' || n % 4000 END, 't' || n % 4000,
           CASE WHEN n % 2 = 0 THEN (lpad(to_hex(n % 4000), 32, '0'))::uuid END, 'computed', gen_random_uuid(), 0, true, 0, 0, 0, 0, 0, '{}'
    FROM generate_series(1, 20000) AS n;
    ANALYZE executions`);
}, 600_000);
afterAll(() => t.close());

it.each([
  ['session_id', 's40', 'executions_session'],
  ['user_id', 'u40', 'executions_user'],
  ['error_type', 'e40', 'executions_error'],
  ['trace_id', 't40', 'executions_trace'],
  ['parent_execution_id', '00000000-0000-0000-0000-000000000028', 'executions_parent'],
])('by %s', async (filter, value, index) => {
  const { where, values } = conditionsOf('acme', { [filter]: [value] });
  for (const sql of [
    `SELECT count(*) FROM executions WHERE ${where}`,
    `SELECT id FROM executions WHERE ${where} ORDER BY started_at DESC, id DESC LIMIT 51`,
  ]) {
    const plan = await planOf(sql, values);
    expect(plan).toContain(index);
    expect(plan).not.toContain('Seq Scan');
  }
});

it('counts the nested ones of a day by an index of their own', async () => {
  const { where, values } = conditionsOf('acme', { level: 'nested', from: Date.now() - 600_000 });
  const plan = await planOf(`SELECT count(*) FROM executions WHERE ${where}`, values);
  expect(plan).toContain('executions_nested');
});

it('finds the runs below the executions of a page by their callers', async () => {
  const plan = await planOf(SUBTREES, ['acme', ['00000000-0000-0000-0000-000000000028'], 400]);
  expect(plan).toContain('executions_parent');
  expect(plan).not.toContain('Seq Scan');
});

async function planOf(sql: string, values: unknown[]): Promise<string> {
  const { rows } = await t.pool.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`, values);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}
