/** A tenant's own prices: before the price book, by date, and what a change of them recomputes. */
import type { Scope } from '../../src/auth/principal.js';
import { type Json, refusalOf, rowsOf, testApp, type TestApp } from '../support/app.js';
import { execution, usage, uuid } from '../support/executions.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const ADMIN: readonly Scope[] = ['analytics:read', 'analytics:write', 'analytics:admin'];
const PRICE = {
  provider: 'acme',
  model_name: 'acme-1',
  effective_from: '2026-03-01',
  input_usd_per_mtok: 1,
  output_usd_per_mtok: 2,
};

const inject = async (
  method: 'PUT' | 'DELETE',
  path: string,
  tenant: string,
  body?: object,
  scopes = ADMIN,
) =>
  t.app.inject({
    method,
    url: `/api/v1/analytics/${path}`,
    headers: await t.headers({ tenant, scopes }),
    ...(body && { payload: body }),
  });
const put = (tenant: string, price: object = {}) => inject('PUT', 'prices', tenant, { ...PRICE, ...price });

async function send(tenant: string, ...executions: object[]): Promise<void> {
  const response = await t.post('/api/v1/executions', { executions }, { tenant });
  expect([response.statusCode, response.json<Json>().accepted]).toEqual([200, executions.length]);
}

const costOf = async (tenant: string, n: number): Promise<unknown> =>
  (await t.read<Json>(`executions/${uuid(n)}`, tenant)).cost_usd;
const tokens = { provider: 'acme', model_name: 'acme-1', input_tokens: 1_000_000, output_tokens: 500_000 };

describe('a price', () => {
  it('is set, listed, replaced and deleted', async () => {
    const tenant = t.tenant();
    const made = await put(tenant, { cached_input_usd_per_mtok: 0.1 });
    const price = {
      ...PRICE,
      id: expect.any(String),
      effective_from: '2026-03-01T00:00:00.000Z',
      cached_input_usd_per_mtok: 0.1,
      cache_write_usd_per_mtok: null,
    };
    expect([made.statusCode, made.json()]).toEqual([200, price]);
    expect((await put(tenant, { input_usd_per_mtok: 3 })).json()).toMatchObject({
      id: made.json<Json>().id,
      input_usd_per_mtok: 3,
    });
    expect(await t.read('prices', tenant)).toMatchObject({
      prices: [{ input_usd_per_mtok: 3, cached_input_usd_per_mtok: null }],
    });
    expect(await t.read('prices', t.tenant())).toEqual({ prices: [] });
    const path = `prices/${String(made.json<Json>().id)}`;
    expect(refusalOf(await inject('DELETE', path, t.tenant()))).toEqual([404, 'NOT_FOUND']);
    const deleted = await inject('DELETE', path, tenant);
    expect([deleted.statusCode, deleted.body]).toEqual([204, '']);
    expect(await t.read('prices', tenant)).toEqual({ prices: [] });
  });

  it('wants the right to administer, and to be right', async () => {
    const tenant = t.tenant();
    expect(
      refusalOf(await inject('PUT', 'prices', tenant, PRICE, ['analytics:read', 'analytics:write'])),
    ).toEqual([403, 'FORBIDDEN']);
    for (const wrong of [
      { input_usd_per_mtok: -1 },
      { input_usd_per_mtok: 1e-7 },
      { cached_input_usd_per_mtok: 1.2345678 },
      { effective_from: 'soon' },
      { effective_from: '2026-02-30' },
      { provider: '' },
      { input_usd_per_mtok: '1' },
      { unknown: 1 },
    ]) {
      expect([wrong, ...refusalOf(await put(tenant, wrong))]).toEqual([wrong, 400, 'VALIDATION_ERROR']);
    }
  });
});

describe('the cost of an execution', () => {
  it('is of the price that held when it began, before the price book', async () => {
    const tenant = t.tenant();
    await put(tenant, { effective_from: '2026-03-10' });
    await put(tenant, { effective_from: '2026-03-15T12:00:00Z', input_usd_per_mtok: 5 });
    await put(tenant, { effective_from: '2027-01-01', input_usd_per_mtok: 100 });
    await put(tenant, {
      provider: 'openai',
      model_name: 'gpt-4o',
      effective_from: '2026-03-10',
      input_usd_per_mtok: 50,
    });
    await send(
      tenant,
      execution(1, '2026-03-09T23:59:59Z', tokens),
      execution(2, '2026-03-10T00:00:00Z', tokens),
      execution(3, '2026-03-15T12:00:00Z', tokens),
      execution(4, '2026-03-16T12:00:00Z', { ...tokens, provider: null }),
      execution(5, '2026-03-16T12:00:00Z', { ...tokens, provider: 'other' }),
      execution(6, '2026-03-16T12:00:00Z', {
        ...tokens,
        cached_input_tokens: 500_000,
        cache_write_tokens: 100_000,
      }),
      execution(7, '2026-03-16T12:00:00Z', { token_usages: [usage('gpt-4o', 1_000_000, 0)] }),
      execution(8, '2026-03-09T12:00:00Z', { token_usages: [usage('gpt-4o', 1_000_000, 0)] }),
    );
    expect(await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((n) => costOf(tenant, n)))).toEqual([
      null,
      2,
      6,
      6,
      null,
      6,
      50,
      2.5,
    ]);
  });

  it('is computed anew when a price changes, and the aggregates follow', async () => {
    const tenant = t.tenant();
    const many = Array.from({ length: 1200 }, (_, i) =>
      execution(i, new Date(Date.parse('2026-03-12T00:00:00Z') + i * 60_000).toISOString(), {
        agent_id: 'a',
        provider: 'acme',
        model_name: 'acme-1',
        input_tokens: 7,
        output_tokens: 0,
        ...(i === 3 && { cost_usd: 9 }),
      }),
    );
    await send(tenant, ...many.slice(0, 1000));
    await send(tenant, ...many.slice(1000));
    await t.rollup();
    const total = async (): Promise<unknown> => {
      const { A, B } = await t.query(tenant, {
        range: { from: '2026-03-11T00:00:00Z', to: '2026-03-14T00:00:00Z' },
        queries: [
          { refId: 'A', metric: 'cost_usd' },
          { refId: 'B', metric: 'unpriced_executions' },
        ],
      });
      return [rowsOf(A!)[0]!.value, rowsOf(B!)[0]!.value];
    };
    expect(await total()).toEqual([9, 1199]);
    const made = (await put(tenant, { input_usd_per_mtok: 0.1 })).json<Json>();
    await t.rollup();
    // 1199 × 7 tokens at 0.1 USD a million: no digit drifts.
    expect(await total()).toEqual([9.000839, 0]);
    const { rows } = await t.pool.query(
      'SELECT sum(cost_usd)::text AS sum FROM execution_days WHERE tenant_id = $1',
      [tenant],
    );
    expect(rows).toEqual([{ sum: '9.0008393' }]);
    // Only from an instant on.
    await put(tenant, { effective_from: '2026-03-12T10:00:00Z', input_usd_per_mtok: 1 });
    await t.rollup();
    expect(await total()).toEqual([expect.closeTo(9 + (599 * 7 * 0.1 + 600 * 7) / 1e6, 6), 0]);
    await inject('DELETE', `prices/${String(made.id)}`, tenant);
    await t.rollup();
    expect(await total()).toEqual([expect.closeTo(9 + (600 * 7) / 1e6, 6), 599]);
    const left = await t.pool.query('SELECT FROM price_recomputes WHERE tenant_id = $1', [tenant]);
    expect(left.rowCount).toBe(0);
  });
});
