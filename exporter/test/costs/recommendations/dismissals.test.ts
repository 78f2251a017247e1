/** Dismissed recommendations, and those of the night. */
import { createPool } from '../../../src/db/pool.js';
import { type Json, NOW, refusalOf, testApp, type TestApp } from '../../support/app.js';
import { ADMIN, ofKind, type Recommendation, recommendations } from './support.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());
afterEach(() => t.setNow(NOW));

const admin = (tenant: string) => ({ tenant, scopes: ADMIN });
const dismiss = (tenant: string, id: string, body: object = {}) =>
  t.post(`costs/recommendations/${id}/dismiss`, body, admin(tenant));

/** A tenant with one recommendation, whose savings are the amount of a cost item. */
async function tenantSaving(amount_usd: number) {
  const tenant = t.tenant();
  const dates = { start_date: '2026-02-17', end_date: '2026-03-18' };
  const body = { category: 'storage', agent_id: 'idle', amount_usd, ...dates };
  const made = await t.post('cost-items', body, admin(tenant));
  const { id: item } = made.json<{ id: string }>();
  const set = async (amount: number): Promise<void> => {
    const response = await t.app.inject({
      method: 'PATCH',
      url: `/api/v1/analytics/cost-items/${item}`,
      headers: await t.headers(admin(tenant)),
      payload: { amount_usd: amount },
    });
    expect(response.statusCode).toBe(200);
  };
  const { id } = (await ofKind(t, tenant, 'idle_agent'))[0]!;
  return { tenant, id, set };
}

const night = () =>
  t.services.jobs
    .find(({ name }) => name === 'recommendations')!
    .run(Date.parse('2026-03-18T03:50:00Z'), new AbortController().signal);

it('stays in the list and leaves the total', async () => {
  const { tenant, id } = await tenantSaving(20);
  expect(await recommendations(t, tenant)).toMatchObject({
    period: { name: '30d' },
    total_savings: 20,
    recommendations: [{ id, dismissed: false }],
  });
  const response = await dismiss(tenant, id, { reason: 'kept for the auditors' });
  expect(response.statusCode).toBe(200);
  expect(response.json<Recommendation>()).toMatchObject({ id, savings: 20, dismissed: true });
  for (const query of ['', '?period=7d', '?start_date=2026-03-01']) {
    const after = await recommendations(t, tenant, query);
    expect(after).toMatchObject({ total_savings: 0, recommendations: [{ id, dismissed: true }] });
  }
  const { entries } = await t.read<{ entries: Json[] }>('audit?resource=recommendation', admin(tenant));
  expect(entries).toMatchObject([
    {
      action: 'create',
      resource_id: id,
      after: { kind: 'idle_agent', reason: 'kept for the auditors', until: null },
    },
  ]);
});

it.each([
  [25, true],
  [15, true],
  [25.01, false],
  [14.99, false],
])('that saved $20.00 and saves %d now is dismissed: %s', async (amount, dismissed) => {
  const { tenant, id, set } = await tenantSaving(20);
  await dismiss(tenant, id);
  await set(amount);
  expect((await recommendations(t, tenant)).recommendations).toMatchObject([{ id, dismissed }]);
});

it('comes back for good once the night has found it changed', async () => {
  const { tenant, id, set } = await tenantSaving(20);
  await dismiss(tenant, id);
  await set(30);
  await night();
  await set(20);
  expect((await recommendations(t, tenant)).recommendations).toMatchObject([{ id, dismissed: false }]);
});

it('comes back at the time that was given', async () => {
  const { tenant, id } = await tenantSaving(20);
  await dismiss(tenant, id, { until: '2026-03-18T18:00:00+01:00' });
  t.setNow('2026-03-18T16:59:59Z');
  expect((await recommendations(t, tenant)).recommendations).toMatchObject([{ dismissed: true }]);
  t.setNow('2026-03-18T17:00:00Z');
  expect((await recommendations(t, tenant)).recommendations).toMatchObject([{ dismissed: false }]);
});

it('can be dismissed where another period alone has it', async () => {
  const tenant = t.tenant();
  const dates = { start_date: '2026-01-01', end_date: '2026-01-31' };
  await t.post('cost-items', { category: 'other', agent_id: 'x', amount_usd: 9, ...dates }, admin(tenant));
  expect((await recommendations(t, tenant)).recommendations).toEqual([]);
  const [found] = await ofKind(t, tenant, 'idle_agent', '?period=90d');
  expect((await dismiss(tenant, found!.id)).statusCode).toBe(200);
  expect(await ofKind(t, tenant, 'idle_agent', '?period=90d')).toMatchObject([{ dismissed: true }]);
});

it('refuses what cannot be dismissed, with what would be right', async () => {
  const { tenant, id } = await tenantSaving(20);
  expect(refusalOf(await dismiss(tenant, '01890a5d-ac96-774b-bcce-b302099a8057'))).toEqual([
    404,
    'NOT_FOUND',
  ]);
  expect(refusalOf(await dismiss(tenant, 'x'))).toEqual([404, 'NOT_FOUND']);
  expect(refusalOf(await dismiss(t.tenant(), id))).toEqual([404, 'NOT_FOUND']);
  for (const [body, message] of [
    [
      { until: '2026-03-18' },
      'field until must be an RFC 3339 time that exists, such as 2026-03-06T09:15:00Z',
    ],
    [{ until: NOW }, 'field until must lie ahead: it is 2026-03-18T12:00:00.000Z now'],
    [{ reason: 'x'.repeat(1_001) }, expect.stringContaining('reason')],
    [{ because: 'x' }, expect.stringContaining('because')],
  ] as const) {
    const response = await dismiss(tenant, id, body);
    expect(refusalOf(response)).toEqual([400, 'VALIDATION_ERROR']);
    expect(response.json<Json>().message).toEqual(message);
  }
  const reader = await t.post(
    `costs/recommendations/${id}/dismiss`,
    {},
    { tenant, scopes: ['analytics:read'] },
  );
  expect(refusalOf(reader)).toEqual([403, 'FORBIDDEN']);
});

it('are those of the last night where finding them takes too long', async () => {
  const { tenant, id } = await tenantSaving(20);
  await night();
  const pool = createPool({ url: t.database.url, statementTimeoutMs: 100 });
  const limited = await testApp({ database: t.database, pool });
  const locking = await t.pool.connect();
  try {
    await locking.query('BEGIN; LOCK TABLE executions IN ACCESS EXCLUSIVE MODE');
    const answer = await recommendations(limited, tenant);
    expect(answer).toMatchObject({ total_savings: 20, recommendations: [{ id }] });
    expect(refusalOf(await limited.get('costs/recommendations', t.tenant()))).toEqual([503, 'UNAVAILABLE']);
  } finally {
    await locking.query('ROLLBACK');
    locking.release();
    await limited.close();
    await pool.end();
  }
});
