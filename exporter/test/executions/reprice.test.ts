/** What a changed price has recomputed: some executions a transaction, looking at no more than some, tenant by tenant. */
import { PriceLists } from '../../src/costs/prices.js';
import { LOOK, reprice } from '../../src/ingest/executions/reprice.js';
import { type Json, testApp, type TestApp } from '../support/app.js';
import { execution, uuid } from '../support/executions.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const AT = '2026-03-12T00:00:00Z';
const RARE = { provider: 'acme', model_name: 'rare', input_tokens: 1_000_000, output_tokens: 0 };
const put = async (tenant: string): Promise<void> => {
  const response = await t.app.inject({
    method: 'PUT',
    url: '/api/v1/analytics/prices',
    headers: await t.headers({ tenant, scopes: ['analytics:admin'] }),
    payload: {
      ...{ provider: 'acme', model_name: 'rare', effective_from: '2026-03-01' },
      ...{ input_usd_per_mtok: 1, output_usd_per_mtok: 2 },
    },
  });
  expect(response.statusCode).toBe(200);
};
const send = async (tenant: string, executions: object[]): Promise<void> => {
  expect((await t.post('/api/v1/executions', { executions }, tenant)).json<Json>().accepted).toBe(
    executions.length,
  );
};
const left = async (tenant: string): Promise<number> =>
  (await t.pool.query('SELECT FROM price_recomputes WHERE tenant_id = $1', [tenant])).rowCount!;
/** Repriced in so many transactions. */
const inTurns = (turns: number): Promise<number> => {
  let begun = 0;
  const signal = {
    get aborted() {
      return (begun += 1) > turns;
    },
  } as AbortSignal;
  return reprice(t.pool, new PriceLists(), signal);
};

it('finds the few of a rare model, without looking at all others in one statement', async () => {
  const tenant = t.tenant();
  const others = 2 * LOOK + 10;
  await t.pool.query(
    `INSERT INTO executions (tenant_id, id, provider, model_name, status, started_at, input_tokens, output_tokens,
       cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_source, tags, steps, own_tokens, own_model,
       header_digest)
     SELECT $1, gen_random_uuid(), 'acme', 'usual', 'success', $2::timestamptz + i * interval '1 s', 1, 0, 0, 0, 0,
            'unpriced', '{}', 0, true, 'usual', gen_random_uuid()
     FROM generate_series(1, $3::int) AS i`,
    [tenant, AT, others],
  );
  // The first and the last of all, and those on both sides of where the first look ends.
  const seconds = [0.5, LOOK - 1.5, LOOK - 0.5, others + 0.5];
  await send(
    tenant,
    seconds.map((second, n) => execution(n, new Date(Date.parse(AT) + second * 1_000).toISOString(), RARE)),
  );
  await put(tenant);
  expect([await inTurns(1), await left(tenant)]).toEqual([2, 1]);
  expect([await inTurns(1), await left(tenant)]).toEqual([1, 1]);
  expect([await inTurns(2), await left(tenant)]).toEqual([1, 0]);
  for (const n of seconds.keys())
    expect((await t.read<Json>(`executions/${uuid(n)}`, tenant)).cost_usd).toBe(1);
});

it('serves tenants in turn: one with many executions holds up no other', async () => {
  // What is due to the version of the rules is done.
  await reprice(t.pool, new PriceLists());
  const [many, few] = [t.tenant(), t.tenant()].sort() as [string, string];
  const executions = Array.from({ length: 900 }, (_, n) => execution(n, AT, RARE));
  await send(many, executions);
  await send(few, executions.slice(0, 1));
  await put(many);
  await put(few);
  expect(await inTurns(2)).toBe(501);
  expect([await left(many), await left(few)]).toEqual([1, 0]);
  expect(await inTurns(10)).toBe(400);
  expect(await left(many)).toBe(0);
});
