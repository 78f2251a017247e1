/** Budgets over the API: what is made, changed, refused and deleted, and who may. */
import { type Json, refusalOf, testApp, type TestApp } from '../support/app.js';
import { type ADMIN, ask, BUDGETS, makeBudget, readBudget } from './budgets-app.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const UNKNOWN = '01890a5d-ac96-774b-bcce-b302099a8057';
const UNTOUCHED = { current_spend_usd: 0, reserved_usd: 0, spend_percentage: 0, state: 'ok' };

describe('a budget', () => {
  it('needs a threshold only, the rest has its default', async () => {
    const response = await ask(t, t.tenant(), 'POST', '', { threshold_usd: 100 });
    expect(response.statusCode).toBe(201);
    expect(response.json()).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      name: null,
      scope: 'global',
      scope_id: null,
      threshold_usd: 100,
      period_days: 30,
      alert_type: 'warning',
      alert_at_percentage: 80,
      is_active: true,
      email_notification: true,
      recipients: [],
      channels: [],
      ...UNTOUCHED,
    });
  });

  it('is made with all that it has, read, listed, changed and deleted', async () => {
    const tenant = t.tenant();
    const settings = {
      name: 'Team',
      scope: 'agent',
      scope_id: 'nobody-yet',
      threshold_usd: 12.5,
      period_days: 7,
      alert_type: 'hard_stop',
      alert_at_percentage: 33.3,
      is_active: true,
      email_notification: false,
      recipients: ['a@example.org', 'B.c+d@sub.example.org'],
      channels: [],
    };
    const made = await makeBudget(t, tenant, settings);
    expect(made).toEqual({ id: made.id, ...settings, ...UNTOUCHED });
    expect(await readBudget(t, tenant, made.id.toUpperCase())).toEqual({ ...made, notifications: [] });
    const second = await makeBudget(t, tenant, { threshold_usd: 1 });
    expect((await ask(t, tenant, 'GET')).json()).toEqual({ budgets: [made, second] });

    const changed = await ask(t, tenant, 'PATCH', `/${made.id}`, { threshold_usd: 20, name: null });
    expect([changed.statusCode, changed.json()]).toEqual([200, { ...made, threshold_usd: 20, name: null }]);
    const same = await ask(t, tenant, 'PATCH', `/${made.id}`, {});
    expect(same.json()).toEqual(changed.json());

    const deleted = await ask(t, tenant, 'DELETE', `/${made.id}`);
    expect([deleted.statusCode, deleted.body]).toEqual([204, '']);
    expect(refusalOf(await ask(t, tenant, 'GET', `/${made.id}`))).toEqual([404, 'BUDGET_NOT_FOUND']);
    expect((await ask(t, tenant, 'GET')).json()).toEqual({ budgets: [second] });
  });

  it('of another scope is about another id', async () => {
    const tenant = t.tenant();
    const { id } = await makeBudget(t, tenant, { threshold_usd: 1, scope: 'user', scope_id: 'u' });
    const patch = async (body: object) => ask(t, tenant, 'PATCH', `/${id}`, body);
    expect(refusalOf(await patch({ scope: 'agent' }))).toEqual([400, 'VALIDATION_ERROR']);
    expect((await patch({ scope_id: 'v' })).json()).toMatchObject({ scope: 'user', scope_id: 'v' });
    expect((await patch({ scope: 'global' })).json()).toMatchObject({ scope: 'global', scope_id: null });
    expect(refusalOf(await patch({ scope_id: 'w' }))).toEqual([400, 'VALIDATION_ERROR']);
    expect((await patch({ scope: 'flow', scope_id: 'f' })).json()).toMatchObject({
      scope: 'flow',
      scope_id: 'f',
    });
  });

  it('keeps the digits of its threshold, and shows six of them', async () => {
    const tenant = t.tenant();
    const { id, threshold_usd } = await makeBudget(t, tenant, { threshold_usd: 0.0000125 });
    expect(threshold_usd).toBe(0.000013);
    const { rows } = await t.pool.query('SELECT threshold_usd FROM budgets WHERE id = $1', [id]);
    expect(rows).toEqual([{ threshold_usd: '0.0000125' }]);
  });

  it.each([
    [{}, 'field "threshold_usd" is missing'],
    [{ threshold_usd: 0 }, 'threshold_usd must be > 0'],
    [{ threshold_usd: -1 }, 'threshold_usd must be > 0'],
    [{ threshold_usd: 1e-19 }, 'threshold_usd must be at least 0.000001'],
    [{ threshold_usd: 4e-7 }, 'threshold_usd must be at least 0.000001'],
    [{ threshold_usd: '5' }, 'threshold_usd must be number'],
    [{ threshold_usd: 1, scope: 'team' }, 'scope must be one of user, agent, flow, global'],
    [{ threshold_usd: 1, scope: 'agent' }, 'scope_id is missing: which agent'],
    [{ threshold_usd: 1, scope: 'user', scope_id: null }, 'scope_id is missing: which user'],
    [{ threshold_usd: 1, scope_id: 'a' }, 'scope_id must be left out where the scope is global'],
    [{ threshold_usd: 1, scope: 'agent', scope_id: 'a b' }, 'scope_id'],
    [{ threshold_usd: 1, alert_at_percentage: 0 }, 'alert_at_percentage must be > 0'],
    [{ threshold_usd: 1, alert_at_percentage: 100.1 }, 'alert_at_percentage must be <= 100'],
    [{ threshold_usd: 1, period_days: 0 }, 'period_days must be >= 1'],
    [{ threshold_usd: 1, period_days: 1.5 }, 'period_days must be integer'],
    [{ threshold_usd: 1, alert_type: 'loud' }, 'alert_type must be one of warning, hard_stop'],
    [{ threshold_usd: 1, recipients: ['nobody'] }, 'recipients.0 must match format "email"'],
    [{ threshold_usd: 1, recipients: ['a@example.org\r\nBcc: b@example.org'] }, 'recipients.0'],
    [{ threshold_usd: 1, name: 'a\u0000b' }, 'name must not contain U+0000'],
    [{ threshold_usd: 1, name: '' }, 'name'],
    [{ threshold_usd: 1, limit: 5 }, 'unknown field "limit"'],
    [[], 'must be object'],
  ])('%j is refused', async (body, message) => {
    const response = await ask(t, 'refused', 'POST', '', body);
    expect(refusalOf(response)).toEqual([400, 'VALIDATION_ERROR']);
    expect(response.json<Json>().message).toContain(message);
    expect((await ask(t, 'refused', 'GET')).json()).toEqual({ budgets: [] });
  });

  it('is refused beyond a thousand of a tenant', async () => {
    const tenant = t.tenant();
    await makeBudget(t, tenant, { threshold_usd: 1 });
    await t.pool.query(
      `INSERT INTO budgets SELECT tenant_id, gen_random_uuid(), name, scope, scope_id, threshold_usd, period_days, alert_type,
         alert_at_percentage, is_active, email_notification, recipients FROM budgets, generate_series(1, 999)
       WHERE tenant_id = $1`,
      [tenant],
    );
    expect(refusalOf(await ask(t, tenant, 'POST', '', { threshold_usd: 1 }))).toEqual([409, 'CONFLICT']);
  });
});

describe('who', () => {
  it('only reads, only writes, or asks without a token is refused by name', async () => {
    const tenant = t.tenant();
    const { id } = await makeBudget(t, tenant, { threshold_usd: 1 });
    const as = async (
      scope: (typeof ADMIN)[number],
      method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
      path: string,
    ) =>
      (
        await t.app.inject({
          method,
          url: `${BUDGETS}${path}`,
          headers: await t.headers({ tenant, scopes: [scope] }),
          ...(method === 'GET' || method === 'DELETE' ? {} : { payload: {} }),
        })
      ).statusCode;
    const routes = [
      ['GET', ''],
      ['POST', ''],
      ['GET', `/${id}`],
      ['PATCH', `/${id}`],
      ['POST', '/reservations'],
      ['DELETE', `/reservations/${id}`],
    ] as const;
    const answers = async (scope: (typeof ADMIN)[number]) =>
      Promise.all(routes.map(([method, path]) => as(scope, method, path)));
    expect(await answers('analytics:read')).toEqual([200, 403, 200, 403, 403, 403]);
    expect(await answers('analytics:write')).toEqual([403, 403, 403, 403, 400, 404]);
    expect(await answers('analytics:admin')).toEqual([403, 400, 403, 200, 403, 403]);
    expect(refusalOf(await t.get('budgets', { token: null }))).toEqual([401, 'UNAUTHORIZED']);
    expect(await as('analytics:admin', 'DELETE', `/${id}`)).toBe(204);
  });

  it('is another tenant finds no budget, and cannot tell it from none', async () => {
    const { id } = await makeBudget(t, t.tenant(), { threshold_usd: 1 });
    const stranger = t.tenant();
    for (const method of ['GET', 'PATCH', 'DELETE'] as const) {
      for (const asked of [id, UNKNOWN, 'no-uuid']) {
        const response = await ask(t, stranger, method, `/${asked}`, method === 'PATCH' ? {} : undefined);
        expect(refusalOf(response)).toEqual([404, 'BUDGET_NOT_FOUND']);
      }
    }
    expect((await ask(t, stranger, 'GET')).json()).toEqual({ budgets: [] });
  });

  it('is of the free tier may not read', async () => {
    const free = await testApp({ database: t.database, env: { TENANT_DEFAULT_TIER: 'free' } });
    expect(refusalOf(await free.get('budgets', 'a-free-one'))).toEqual([403, 'ANALYTICS_NOT_AVAILABLE']);
    await free.close();
  });
});
