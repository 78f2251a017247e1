/** How PostgreSQL finds the few executions of a session, a user, a kind of failure or a trace among a tenant's many. */
import { conditionsOf } from '../../src/query/executions/filters.js';
import { testApp, type TestApp } from '../support/app.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
  await t.pool.query(`
    INSERT INTO tenants (id, tier) VALUES ('acme', 'pro');
    INSERT INTO executions (tenant_id, id, status, started_at, session_id, user_id, error_type, trace_id, cost_source, header_digest,
                            steps, own_tokens, input_tokens, output_tokens, cached_input_tokens, cache_write_tokens,
                            reasoning_tokens, tags)
    SELECT 'acme', gen_random_uuid(), 'success', now() - n * interval '1 second', 's' || n % 4000, 'u' || n % 4000,
           CASE WHEN n % 10 = 0 THEN 'e' || n % 4000 END, 't' || n % 4000, 'computed', gen_random_uuid(), 0, true, 0, 0, 0, 0, 0, '{}'
    FROM generate_series(1, 20000) AS n;
    ANALYZE executions`);
}, 120_000);
afterAll(() => t.close());

it.each([
  ['session_id', 's40', 'executions_session'],
  ['user_id', 'u40', 'executions_user'],
  ['error_type', 'e40', 'executions_error'],
  ['trace_id', 't40', 'executions_trace'],
])('by %s', async (filter, value, index) => {
  const { where, values } = conditionsOf('acme', { [filter]: [value] });
  for (const sql of [
    `SELECT count(*) FROM executions WHERE ${where}`,
    `SELECT id FROM executions WHERE ${where} ORDER BY started_at DESC, id DESC LIMIT 51`,
  ]) {
    const { rows } = await t.pool.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`, values);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain(index);
    expect(plan).not.toContain('Seq Scan');
  }
});
