/** How the values of a dimension are found among a tenant's many agents: some at a time, with turns for others in between. */
import { createPool } from '../../src/db/pool.js';
import { readLimits } from '../../src/db/read-shares.js';
import { type NamesPool, namesSql, searchNames } from '../../src/query/names.js';
import { blocked, HeldLocks, waitingForLocks } from '../robustness/eventually.js';
import { refusalOf, testApp, type TestApp } from '../support/app.js';

const AGENTS = 30_000;
const POOL_SIZE = 10;
const NAME = 'search';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
  await t.pool.query(`
    INSERT INTO tenants (id, tier) VALUES ('large', 'pro'), ('small', 'pro');
    INSERT INTO agents (tenant_id, id, name)
    SELECT 'large', 'agent-' || md5(n::text), CASE WHEN n % 2 = 0 THEN 'Bot ' || lpad(n::text, 6, '0') END
    FROM generate_series(1, ${AGENTS}) AS n;
    INSERT INTO users (tenant_id, id, name)
    SELECT 'large', 'user-' || n, 'Name ' || n FROM generate_series(1, ${AGENTS}) AS n;
    INSERT INTO agents (tenant_id, id, name) VALUES ('small', 'a', 'Bot of theirs')`);
  // On its own, because it does not run within the transaction of several statements.
  await t.pool.query('VACUUM ANALYZE agents, users');
}, 600_000);
afterAll(() => t.close());

const searched = async (search: string, limit = 1_000): Promise<string[]> => {
  const path = `dimensions/agent/values?search=${encodeURIComponent(search)}&limit=${limit}`;
  const { values } = await t.read<{ values: { label: string }[] }>(path, 'large');
  return values.map(({ label }) => label);
};

it.each(['agents', 'users'] as const)('%s are read in the order of their index', async (table) => {
  const { rows } = await t.pool.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${namesSql(table)}`, [
    ...['large', '%nobody%', 'bot', 'b', 10_000, 1_000],
  ]);
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toContain(`Index Scan using ${table}_in_order`);
  expect(plan).toMatch(/Index Cond: .*ROW\(/);
  expect(plan).not.toContain('Seq Scan');
});

it('a search without a result reads every name once, ten thousand at a time', async () => {
  const read: number[] = [];
  const pool: NamesPool = {
    query: (text, values) => t.pool.query(text, values),
    charge: (count) => void read.push(count),
  };
  expect(await searchNames(pool, 'large', 'agents', '*nobody*', 10)).toEqual([]);
  expect(read.reduce((sum, count) => sum + count, 0)).toBe(AGENTS);
  expect(Math.max(...read)).toBe(10_000);
  read.length = 0;
  expect(await searchNames(pool, 'large', 'agents', '**', 10)).toHaveLength(10);
  expect(read).toEqual([10]);
});

it('finds names beyond the first ten thousand, in order, and no more than the limit', async () => {
  const all = await searched('BOT 0', 10_000);
  expect(all).toHaveLength(10_000);
  expect(all).toEqual([...all].sort());
  expect(await searched('bot 029998')).toEqual(['Bot 029998']);
  expect(await searched('bot 0*', 3)).toEqual(['Bot 000002', 'Bot 000004', 'Bot 000006']);
});

it('the names that a search reads count against what the reads of a tenant may cost', async () => {
  const own = await testApp({ database: t.database, env: { READ_COST_PER_MINUTE: '50000' } });
  const path = (search: string): string => `dimensions/agent/values?search=${search}`;
  for (const search of ['x1', 'x2']) expect((await own.get(path(search), 'large')).statusCode).toBe(200);
  expect(refusalOf(await own.get(path('x3'), 'large'))).toEqual([429, 'RATE_LIMITED']);
  expect((await own.get(path('bot'), 'small')).json()).toEqual({
    values: [{ value: 'a', label: 'Bot of theirs' }],
  });
  await own.close();
});

it('thirty searches at once leave connections to the reads of another tenant', async () => {
  const pool = createPool({ url: t.database.url, max: POOL_SIZE, applicationName: NAME });
  const own = await testApp({ database: t.database, pool });
  const locks = new HeldLocks(t.database.url);
  await locks.hold('LOCK TABLE agents');
  const asked = Array.from({ length: 30 }, (_, i) =>
    own.get(`dimensions/agent/values?search=nobody-${i}`, 'large'),
  );
  const { perTenant } = readLimits(POOL_SIZE);
  await blocked(t.pool, NAME, perTenant);
  for (const path of ['tokens', 'dimensions/user/values', 'dimensions/statusCode/values?search=20'])
    expect((await own.get(path, 'small')).statusCode).toBe(200);
  expect(await waitingForLocks(t.pool, NAME)).toBe(perTenant);
  await locks.releaseAll();
  expect(new Set((await Promise.all(asked)).map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
  await own.close();
  await pool.end();
});
