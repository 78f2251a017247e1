/** `GET /audit`, and the rows and log lines that changes leave. */
import { ADMIN, ask, makeBudget } from '../budgets/budgets-app.js';
import { runCli } from '../cli/run-cli.js';
import { dropOldAudit, MAX_AUDIT_ROWS } from '../../src/tenants/audit.js';
import { type Json, refusalOf, testApp, type TestApp } from '../support/app.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

interface Page {
  entries: (Json & { id: string; before: Json | null; after: Json | null })[];
  next_cursor: string | null;
}
const read = (tenant: string, query = ''): Promise<Page> =>
  t.read<Page>(`audit${query}`, { tenant, scopes: ['analytics:admin'] });
const logged = (tenant: string): Json[] =>
  t.log
    .map((line) => JSON.parse(line) as Json)
    .filter((line) => line.msg === 'settings changed' && line.tenant === tenant);

const PRICE = {
  ...{ provider: 'acme', model_name: 'm', effective_from: '2026-01-01' },
  ...{ input_usd_per_mtok: 1, output_usd_per_mtok: 2 },
};
async function putPrice(tenant: string, price: object): Promise<Json> {
  const headers = await t.headers({ tenant, scopes: ADMIN });
  const url = '/api/v1/analytics/prices';
  return (await t.app.inject({ method: 'PUT', url, headers, payload: price })).json<Json>();
}

it('A budget that is created, changed and deleted leaves three entries, newest first', async () => {
  const tenant = t.tenant();
  const { id } = await makeBudget(t, tenant, { threshold_usd: 10, name: 'All' });
  await ask(t, tenant, 'PATCH', `/${id}`, { threshold_usd: 20 });
  await ask(t, tenant, 'DELETE', `/${id}`);
  const { entries, next_cursor } = await read(tenant);
  expect(next_cursor).toBeNull();
  const common = { subject: 'tests', via: 'api', resource: 'budget', resource_id: id };
  expect(entries).toEqual([
    {
      ...common,
      id: expect.any(String),
      at: expect.any(String),
      action: 'delete',
      before: expect.objectContaining({ threshold_usd: 20 }),
      after: null,
    },
    {
      ...common,
      id: expect.any(String),
      at: expect.any(String),
      action: 'change',
      before: expect.objectContaining({ threshold_usd: 10, name: 'All' }),
      after: expect.objectContaining({ threshold_usd: 20, name: 'All' }),
    },
    {
      ...common,
      id: expect.any(String),
      at: expect.any(String),
      action: 'create',
      before: null,
      after: expect.objectContaining({ threshold_usd: 10, recipients: [] }),
    },
  ]);
  expect(entries[0]!.before).not.toHaveProperty('current_spend_usd');
  expect(logged(tenant).map(({ action, subject }) => [action, subject])).toEqual([
    ['create', 'tests'],
    ['change', 'tests'],
    ['delete', 'tests'],
  ]);
});

it('Prices of models, of tiers and of tools leave entries', async () => {
  const tenant = t.tenant();
  const tool = { tool_name: 'search', effective_from: '2026-01-01', usd_per_call: 0.01 };
  const ids: unknown[] = [];
  for (const price of [PRICE, { ...PRICE, service_tier: 'batch' }, tool]) {
    ids.push((await putPrice(tenant, price)).id);
    await putPrice(
      tenant,
      'usd_per_call' in price ? { ...price, usd_per_call: 0.02 } : { ...price, input_usd_per_mtok: 3 },
    );
  }
  const headers = await t.headers({ tenant, scopes: ADMIN });
  for (const id of ids) {
    const url = `/api/v1/analytics/prices/${String(id)}`;
    expect((await t.app.inject({ method: 'DELETE', url, headers })).statusCode).toBe(204);
  }
  const { entries } = await read(tenant, '?resource=price');
  for (const id of ids) {
    const own = entries.filter((entry) => entry.resource_id === id);
    expect(own.map(({ action }) => action)).toEqual(['delete', 'change', 'create']);
    expect(own[0]!.before).toEqual(own[1]!.after);
    expect(own[1]!.before).toEqual(own[2]!.after);
  }
});

it('What changes nothing, and what fails, leaves no entry', async () => {
  const tenant = t.tenant();
  const { id } = await makeBudget(t, tenant, { threshold_usd: 10 });
  await ask(t, tenant, 'PATCH', `/${id}`, { threshold_usd: 10 });
  await putPrice(tenant, PRICE);
  await putPrice(tenant, PRICE);
  expect((await ask(t, tenant, 'PATCH', `/${id}`, { scope: 'agent' })).statusCode).toBe(400);
  expect((await ask(t, tenant, 'DELETE', '/01890a5d-ac96-774b-bcce-b302099a8057')).statusCode).toBe(404);
  const { entries } = await read(tenant);
  expect(entries.map(({ action, resource }) => [action, resource])).toEqual([
    ['create', 'price'],
    ['create', 'budget'],
  ]);
  expect(logged(tenant)).toHaveLength(2);
});

it('The row is written in the transaction of the change', async () => {
  const tenant = t.tenant();
  const { id } = await makeBudget(t, tenant, { threshold_usd: 10 });
  await t.pool.query(
    `ALTER TABLE audit_log ADD CONSTRAINT refuse CHECK (tenant_id <> '${tenant}') NOT VALID`,
  );
  try {
    expect((await ask(t, tenant, 'PATCH', `/${id}`, { threshold_usd: 99 })).statusCode).toBe(500);
  } finally {
    await t.pool.query('ALTER TABLE audit_log DROP CONSTRAINT refuse');
  }
  const unchanged = await ask(t, tenant, 'GET', `/${id}`);
  expect(unchanged.json<Json>().threshold_usd).toBe(10);
});

it('tenant set leaves an entry and a line in the log', async () => {
  const tenant = t.tenant();
  const env = { DATABASE_URL: t.database.url, LOG_LEVEL: 'info' };
  await runCli(['tenant', 'set', tenant, '--tier', 'pro'], env);
  await runCli(['tenant', 'set', tenant, '--tier', 'enterprise'], env);
  const { entries } = await read(tenant);
  expect(entries).toMatchObject([
    { action: 'change', before: { tier: 'pro' }, after: { tier: 'enterprise' }, via: 'command_line' },
    {
      action: 'create',
      resource: 'tenant',
      resource_id: tenant,
      before: null,
      after: { tier: 'pro', name: null },
    },
  ]);
});

it('Pages follow each other without gaps, also with filters', async () => {
  const tenant = t.tenant();
  for (let i = 1; i <= 5; i += 1) await makeBudget(t, tenant, { threshold_usd: i });
  await putPrice(tenant, PRICE);
  const thresholds: unknown[] = [];
  let query = '?resource=budget&action=create&limit=2';
  for (let pages = 0; pages < 3; pages += 1) {
    const { entries, next_cursor } = await read(tenant, query);
    thresholds.push(...entries.map(({ after }) => after!.threshold_usd));
    query = `?resource=budget&action=create&limit=2&cursor=${next_cursor}`;
  }
  expect(thresholds).toEqual([5, 4, 3, 2, 1]);
  const one = await read(tenant, '?limit=1');
  expect((await read(tenant, `?resource_id=${String(one.entries[0]!.resource_id)}`)).entries).toEqual(
    one.entries,
  );
});

it('wants the scope admin, and no other cursor than its own', async () => {
  expect(refusalOf(await t.get('audit', { scopes: ['analytics:read', 'analytics:write'] }))).toEqual([
    403,
    'FORBIDDEN',
  ]);
  const admin = { scopes: ['analytics:admin'] as const };
  for (const cursor of [
    'x',
    Buffer.from('["x"]').toString('base64url'),
    Buffer.from('[1]').toString('base64url'),
  ]) {
    expect(refusalOf(await t.get(`audit?cursor=${cursor}`, admin))).toEqual([400, 'VALIDATION_ERROR']);
  }
  expect(refusalOf(await t.get('audit?limit=1001', admin))).toEqual([400, 'VALIDATION_ERROR']);
});

it('A tenant keeps its latest entries only, and old ones are dropped', async () => {
  const tenant = t.tenant();
  const other = t.tenant();
  await makeBudget(t, other, { threshold_usd: 1 });
  await makeBudget(t, tenant, { threshold_usd: 1 });
  await t.pool.query(
    `INSERT INTO audit_log (tenant_id, id, at, subject, via, action, resource, resource_id)
     SELECT $1, ('00000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, '2020-01-01', 's', 'api', 'change', 'budget', 'x'
     FROM generate_series(1, $2) AS i`,
    [tenant, MAX_AUDIT_ROWS + 5],
  );
  await makeBudget(t, tenant, { threshold_usd: 2 });
  const count = async (id: string): Promise<number> => {
    const { rows } = await t.pool.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM audit_log WHERE tenant_id = $1',
      [id],
    );
    return rows[0]!.n;
  };
  expect(await count(tenant)).toBe(MAX_AUDIT_ROWS);
  await dropOldAudit(t.pool, Date.parse('2021-01-01'));
  expect([await count(tenant), await count(other)]).toEqual([2, 1]);
});
