/** Errors are counted by model too, also those that were counted before they were. */
import { silentLog } from '../../src/db/log.js';
import { migrate } from '../../src/db/migrate.js';
import { createReplica } from '../robustness/replica.js';
import { rowsOf, testApp } from '../support/app.js';
import { createEmptyDatabase, migrateUpTo, migrationsDir } from '../support/database.js';

const NOW = '2026-03-18T12:30:00Z';
const failed = (id: number, model: string | null, provider: string | null = 'p'): object => ({
  id: `00000000-0000-4000-8000-00000000000${id}`,
  status: 'failure',
  started_at: '2026-03-18T09:10:00Z',
  agent_id: 'a',
  ...{ provider, model_name: model, error_type: id === 3 ? 'Refused' : 'RateLimit' },
});

it('by model, provider, agent and type together', async () => {
  const t = await testApp({ now: NOW });
  try {
    const executions = [failed(1, 'm-1'), failed(2, 'm-2'), failed(3, 'm-2'), failed(4, null, null)];
    await t.post('/api/v1/executions', { executions }, { tenant: 'acme' });
    await t.rollup();
    const range = { from: '2026-03-18T00:00:00Z', to: '2026-03-19T00:00:00Z' };
    const filters = [{ dimension: 'model', operator: 'in', values: ['m-2'] }];
    const asked = { metric: 'executions', groupBy: ['errorType'], filters };
    const together = { metric: 'executions', groupBy: ['errorType', 'model', 'provider', 'agent'] };
    const { A, B } = await t.query('acme', {
      range,
      queries: [
        { refId: 'A', ...asked },
        { refId: 'B', ...together },
      ],
    });
    expect(rowsOf(A!)).toEqual([
      { errorType: 'RateLimit', value: 1 },
      { errorType: 'Refused', value: 1 },
    ]);
    const of = { agent: 'a', agentName: null, value: 1 };
    expect(rowsOf(B!)).toEqual(
      expect.arrayContaining([
        { errorType: 'RateLimit', model: 'm-1', provider: 'p', ...of },
        { errorType: 'RateLimit', model: 'm-2', provider: 'p', ...of },
        { errorType: 'Refused', model: 'm-2', provider: 'p', ...of },
        { errorType: 'RateLimit', model: null, provider: null, ...of },
      ]),
    );
    expect(rowsOf(B!)).toHaveLength(4);
  } finally {
    await t.close();
  }
});

it('by level, with a filter by type', async () => {
  const t = await testApp({ now: NOW });
  try {
    const { id } = failed(1, 'm-1') as { id: string };
    const nested = { ...failed(2, 'm-1'), parent_execution_id: id };
    await t.post('/api/v1/executions', { executions: [failed(1, 'm-1'), nested] }, { tenant: 'acme' });
    await t.rollup();
    const filters = [{ dimension: 'errorType', operator: 'in', values: ['RateLimit'] }];
    const { A } = await t.query('acme', {
      range: { from: '2026-03-18T00:00:00Z', to: '2026-03-19T00:00:00Z' },
      queries: [{ refId: 'A', metric: 'executions', groupBy: ['level'], filters }],
    });
    expect(rowsOf(A!)).toEqual(
      expect.arrayContaining([
        { level: 'nested', value: 1 },
        { level: 'top', value: 1 },
      ]),
    );
  } finally {
    await t.close();
  }
});

it('of executions that are kept, also where an older version counted them; what is older keeps its counts', async () => {
  const database = await createEmptyDatabase();
  const replica = createReplica(database.url, { clock: { now: Date.parse(NOW) } });
  try {
    await migrateUpTo(database.pool, 6);
    await database.pool.query(`
      INSERT INTO tenants (id, tier) VALUES ('acme', 'pro');
      INSERT INTO executions (tenant_id, id, status, started_at, agent_id, provider, model_name, own_provider, own_model,
                              error_type, cost_source, header_digest, steps, own_tokens, input_tokens, output_tokens, cached_input_tokens,
                              cache_write_tokens, reasoning_tokens, tags)
      SELECT 'acme', gen_random_uuid(), 'failure', '2026-03-18T09:10:00Z', 'a', 'p', model, 'p', model,
             'RateLimit', 'unpriced', gen_random_uuid(), 0, false, 0, 0, 0, 0, 0, '{}'
      FROM unnest('{m-1,m-2}'::text[]) AS model;
      INSERT INTO execution_error_hours VALUES ('acme', '2026-03-18T09:00:00Z', 'a', 'RateLimit', 'failure', 2);
      INSERT INTO execution_error_days VALUES ('acme', '2026-03-18', 'a', 'RateLimit', 'failure', 2);
      INSERT INTO execution_error_hours VALUES ('acme', '2024-01-01T09:00:00Z', 'a', 'RateLimit', 'failure', 7);
      INSERT INTO execution_error_days VALUES ('acme', '2024-01-01', 'a', 'RateLimit', 'failure', 7);
      INSERT INTO watermarks VALUES ('executions_from', '2025-01-01T00:00:00Z')
        ON CONFLICT (name) DO UPDATE SET at = excluded.at`);
    await migrate(database.pool, { dir: migrationsDir, log: silentLog });
    await replica.rollUp();
    for (const [table, at] of [
      ['execution_error_hours', 'bucket::date'],
      ['execution_error_days', 'date'],
    ]) {
      const { rows } = await database.pool.query(
        `SELECT ${at}::text AS day, model_name, executions FROM ${table} ORDER BY 1, 2`,
      );
      expect(rows).toEqual([
        { day: '2024-01-01', model_name: null, executions: 7 },
        { day: '2026-03-18', model_name: 'm-1', executions: 1 },
        { day: '2026-03-18', model_name: 'm-2', executions: 1 },
      ]);
    }
  } finally {
    await replica.end();
    await database.drop();
  }
});
