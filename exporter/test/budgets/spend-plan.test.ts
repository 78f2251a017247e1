/** What is read of the aggregates to tell a budget's spend, as PostgreSQL itself counts it. */
import type { PoolClient } from 'pg';
import { readSpend, type SpendTarget } from '../../src/costs/spend.js';
import { withTransaction } from '../../src/db/pool.js';
import { NOW, testApp, type TestApp } from '../support/app.js';

interface PlanNode {
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

/** Rows taken from each table by what `readSpend` asks, those included that are thrown away at once. */
async function rowsRead(tenant: string, targets: readonly SpendTarget[]): Promise<Map<string, number>> {
  const read = new Map<string, number>();
  const count = (node: PlanNode): void => {
    const table = node['Relation Name'];
    const rows = (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
    if (table !== undefined) read.set(table, (read.get(table) ?? 0) + rows);
    node.Plans?.forEach(count);
  };
  await withTransaction(t.pool, async (client) => {
    const explaining = new Proxy(client, {
      get: (target, name) =>
        name !== 'query'
          ? (Reflect.get(target, name) as unknown)
          : async (sql: string, values?: unknown[]) => {
              if (sql.startsWith('WITH')) {
                const { rows } = await target.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
                  `EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`,
                  values,
                );
                count(rows[0]!['QUERY PLAN'][0]!.Plan);
              }
              return target.query(sql, values);
            },
    });
    await readSpend(explaining as PoolClient, tenant, targets, Date.parse(NOW));
  });
  return read;
}

it('is the hours of the first day and the days after it, however many hours there have ever been', async () => {
  const tenant = t.tenant();
  await t.pool.query(
    `INSERT INTO execution_user_hours
     SELECT $1, $2::timestamptz - make_interval(hours => h), 'u' || u, 'success', 1, 0, 0, '{}', '{}', 0, 0, 0, 0, 1, 1, 0
     FROM generate_series(0, 24 * 120) h, generate_series(1, 20) u`,
    [tenant, NOW],
  );
  await t.pool.query(
    `INSERT INTO execution_user_days
     SELECT tenant_id, (bucket AT TIME ZONE 'UTC')::date, user_id, status, count(*), 0, 0, '{}', '{}', 0, 0, 0, 0, count(*), count(*), 0
     FROM execution_user_hours WHERE tenant_id = $1 GROUP BY 1, 2, 3, 4`,
    [tenant],
  );
  await t.pool.query('ANALYZE execution_user_hours, execution_user_days');
  const targets: SpendTarget[] = [{ scope: 'user', scopeId: 'u7', periodDays: 30 }];
  const read = await rowsRead(tenant, targets);
  expect(read.get('execution_user_hours')).toBeLessThanOrEqual(24);
  expect(read.get('execution_user_days')).toBeLessThanOrEqual(30);
  const spent = await withTransaction(t.pool, (client) =>
    readSpend(client, tenant, targets, Date.parse(NOW)),
  );
  // Of the ragged first hour there are no executions here.
  expect(spent).toEqual([{ spend: 30n * 24n * 10n ** 18n, reserved: 0n }]);
});
