import { testApp, type TestApp } from '../../support/app.js';
import { usage } from '../../support/executions.js';
import { ofKind, price, runs, send } from './support.js';

const MINUTE = 60_000;
const FROM = '2026-03-10T08:00:00Z';
let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const RATES = {
  model_name: 'm',
  input_usd_per_mtok: 3,
  output_usd_per_mtok: 15,
  cached_input_usd_per_mtok: 0.3,
};

async function tenantWith(rates: object): Promise<string> {
  const tenant = t.tenant();
  await price(t, tenant, { ...RATES, ...rates });
  return tenant;
}

const calls = (count: number, fields: object = {}, everyMs = MINUTE, from = FROM) =>
  runs(
    count,
    from,
    () => ({
      ...{ agent_id: 'bot', agent_name: 'Billing bot', provider: 'openai', model_name: 'm' },
      ...{ input_tokens: 5_000, output_tokens: 10, ...fields },
    }),
    everyMs,
  );

it('saves what is read from the cache, less what is written to it', async () => {
  const tenant = await tenantWith({ cache_write_usd_per_mtok: 3.75 });
  // Four times 50 calls: the first of each comes too late to read what the others have written.
  for (const hour of ['08', '10', '12', '14']) {
    await send(t, tenant, calls(50, {}, MINUTE, `2026-03-10T${hour}:00:00Z`));
  }
  const [found, ...others] = await ofKind(t, tenant, 'prompt_caching');
  expect(others).toEqual([]);
  // 196 × 5,000 tokens at 2.70 less, 4 × 5,000 tokens at 0.75 more per million.
  expect(found).toMatchObject({ savings: 2.631, agent_id: 'bot', model: 'm' });
  expect(found!.title).toBe(
    'Billing bot could save $2.63 a month with prompt caching on m: it sends 5,000 input tokens a call, 98.0 % of the ' +
      'calls follow within minutes, and 0.0 % of the input comes from the cache.',
  );
  expect(found!.evidence).toMatchObject({ calls: 200, calls_within_minutes: 196, shared_tokens: 5_000 });
  expect(found!.evidence.arithmetic).toBe(
    '980,000 tokens read at $0.30 in place of $3.00 per million save $2.65; 20,000 tokens written at $0.75 more per million ' +
      'cost $0.015. Saved: $2.63 in 30 days; × 30 ÷ 30 = $2.63 in 30 days; 4 calls of 200 came too late to read.',
  );
  expect(new Set(found!.evidence.executions).size).toBe(5);
});

it('pays nothing for writes that have no price, and counts the calls of token usages', async () => {
  const tenant = await tenantWith({});
  const token_usages = [4_000, 6_000, 8_000].map((input) => usage('m', input, 1));
  await send(t, tenant, calls(100, { token_usages }, 20 * MINUTE));
  const [found] = await ofKind(t, tenant, 'prompt_caching');
  // 200 calls follow another of their execution; 4,000 tokens is what nearly all have, at 2.70 less per million.
  expect(found).toMatchObject({ savings: 2.16, evidence: { calls: 300, calls_within_minutes: 200 } });
  expect(found!.caveat).toContain('the first 4,000 tokens, which 95.0 % of the calls have at least');
});

it.each<[string, () => object[]]>([
  ['inputs that are cached already', () => calls(200, { cached_input_tokens: 3_000 })],
  ['small inputs', () => calls(200, { input_tokens: 1_900 })],
  ['calls that are far apart', () => calls(200, {}, 20 * MINUTE)],
  ['few calls', () => calls(99)],
  [
    'inputs that have little in common',
    () => [...calls(180, { input_tokens: 9_000 }), ...calls(20, { input_tokens: 500 })],
  ],
])('is not recommended for %s', async (_, made) => {
  const tenant = await tenantWith({});
  await send(t, tenant, made());
  expect(await ofKind(t, tenant, 'prompt_caching')).toEqual([]);
});

it('is not recommended without a price for cached input, or where writes cost more than reads save', async () => {
  const without = await tenantWith({ cached_input_usd_per_mtok: null });
  await send(t, without, calls(200));
  expect(await ofKind(t, without, 'prompt_caching')).toEqual([]);
  const dear = await tenantWith({ cached_input_usd_per_mtok: 2.9, cache_write_usd_per_mtok: 6 });
  for (let hour = 0; hour < 10; hour += 1) {
    await send(t, dear, calls(20, {}, MINUTE, `2026-03-10T${String(hour + 10)}:00:00Z`));
  }
  expect(await ofKind(t, dear, 'prompt_caching')).toEqual([]);
});

it('goes by the price book where there is no own price', async () => {
  const tenant = t.tenant();
  await send(t, tenant, calls(201, { provider: 'anthropic', model_name: 'claude-sonnet-4-5' }));
  // 3.00, 0.30 and 3.75 per million: 200 × 5,000 × 2.70 − 5,000 × 0.75.
  expect(await ofKind(t, tenant, 'prompt_caching')).toMatchObject([{ savings: 2.69625 }]);
});
