import { testApp, type TestApp } from '../../support/app.js';
import { step, usage } from '../../support/executions.js';
import { ofKind, price, runs, send } from './support.js';

const HOUR = 3_600_000;
const FROM = '2026-03-10T08:00:00Z';
let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

async function tenantWith(rates: object): Promise<string> {
  const tenant = t.tenant();
  const all = { input_usd_per_mtok: 3, output_usd_per_mtok: 15, cached_input_usd_per_mtok: 0.3 };
  await price(t, tenant, { model_name: 'm', ...all, ...rates });
  return tenant;
}

const GROWING = [1_000, 3_000, 5_000, 7_000, 9_000];

const grown = (count: number, inputs: readonly number[] = GROWING, cached = 0) =>
  runs(
    count,
    FROM,
    () => ({
      ...{ agent_id: 'bot', agent_name: 'Billing bot' },
      token_usages: inputs.map((input, i) =>
        usage('m', input, 10, { step_number: i + 1, cached_input_tokens: Math.floor(input * cached) }),
      ),
    }),
    HOUR,
  );

it('saves what reading the history from the cache saves, less what writing it costs', async () => {
  const tenant = await tenantWith({ cache_write_usd_per_mtok: 3.75 });
  await send(t, tenant, grown(50));
  const [found, ...others] = await ofKind(t, tenant, 'oversized_context');
  expect(others).toEqual([]);
  // A run sends 2,000 + 4,000 + 6,000 tokens again at 2.70 less per million, and writes 6,000 once at 0.75 more.
  expect(found).toMatchObject({ savings: 1.395, agent_id: 'bot', model: 'm' });
  expect(found!.title).toBe(
    'The input of Billing bot on m grows with each step, from 1,000 to 9,000 tokens over 5 calls, in 50 of 50 long runs: ' +
      'reading what was sent before from the cache would save $1.40 a month.',
  );
  expect(found!.evidence).toMatchObject({ resent_tokens: 600_000, runs: 50, mean_calls: 5, cached_share: 0 });
  expect(found!.evidence.executions).toHaveLength(5);
});

it('goes by the steps where there are no token usages', async () => {
  const tenant = await tenantWith({});
  const steps = GROWING.map((input_tokens, i) => step(i + 1, 'thought', { input_tokens }));
  const fields = { agent_id: 'bot', provider: 'openai', model_name: 'm', input_tokens: 25_000 };
  await send(
    t,
    tenant,
    runs(20, FROM, () => ({ ...fields, steps })),
  );
  // 20 × 12,000 tokens at 2.70 less per million.
  expect(await ofKind(t, tenant, 'oversized_context')).toMatchObject([{ savings: 0.648 }]);
  const cached = await tenantWith({});
  await send(
    t,
    cached,
    runs(20, FROM, () => ({ ...fields, cached_input_tokens: 15_000, steps })),
  );
  expect(await ofKind(t, cached, 'oversized_context')).toEqual([]);
  const onlySteps = await tenantWith({});
  await send(
    t,
    onlySteps,
    runs(20, FROM, () => ({ ...fields, input_tokens: 0, steps })),
  );
  expect(await ofKind(t, onlySteps, 'oversized_context')).toMatchObject([{ savings: 0.648 }]);
});

it('has no savings where cached input has no price', async () => {
  const tenant = await tenantWith({ cached_input_usd_per_mtok: null });
  await send(t, tenant, grown(50));
  const [found] = await ofKind(t, tenant, 'oversized_context');
  expect(found).toMatchObject({ savings: null });
  expect(found!.caveat).toContain('No price for cached input is known');
});

it.each<[string, () => object[]]>([
  ['runs that use the cache', () => grown(50, GROWING, 0.7)],
  ['inputs that do not grow with every step', () => grown(50, [1_000, 9_000, 3_000, 9_500, 9_600])],
  ['inputs that grow a little', () => grown(50, [5_000, 5_500, 6_000, 6_500])],
  ['short inputs', () => grown(50, [100, 300, 500, 700])],
  ['runs of three calls', () => grown(50, [1_000, 5_000, 9_000])],
  ['few runs', () => grown(19)],
  [
    'an agent of which most runs do not grow',
    () => [...grown(20), ...grown(21, [5_000, 4_000, 5_000, 4_000])],
  ],
])('is not recommended for %s', async (_, made) => {
  const tenant = await tenantWith({});
  await send(t, tenant, made());
  expect(await ofKind(t, tenant, 'oversized_context')).toEqual([]);
});
