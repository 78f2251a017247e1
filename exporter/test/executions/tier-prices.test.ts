/** What service tiers, cache writes for an hour, audio and long calls cost: what is known, and never a guess. */
import { type Json, refusalOf, testApp, type TestApp } from '../support/app.js';
import { execution, usage, uuid } from '../support/executions.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const AT = '2026-03-18T09:00:00Z';

const put = async (tenant: string, price: object) =>
  t.app.inject({
    method: 'PUT',
    url: '/api/v1/analytics/prices',
    headers: await t.headers({ tenant, scopes: ['analytics:read', 'analytics:admin'] }),
    payload: { effective_from: '2026-01-01', ...price },
  });

const HOUSE = { provider: 'acme', model_name: 'house-1', input_usd_per_mtok: 10, output_usd_per_mtok: 20 };

interface Cost {
  cost_usd: number | null;
  cost_note: string | null;
}

/** The costs of executions with one usage each, of 10,000 input and 1,000 output tokens unless it says otherwise. */
async function costsOf(
  tenant: string,
  usages: readonly (readonly [string, string, object])[],
): Promise<Cost[]> {
  const executions = usages.map(([provider, model, rest], i) =>
    execution(i, AT, { token_usages: [usage(model, 10_000, 1_000, { provider, ...rest })] }),
  );
  const answer = await t.post('/api/v1/executions', { executions }, tenant);
  expect(answer.json<Json>()).toMatchObject({ accepted: usages.length });
  return Promise.all(
    usages.map(async (_, i) => {
      const { cost_usd, cost_note } = await t.read<Json & Cost>(`executions/${uuid(i)}`, tenant);
      return { cost_usd, cost_note };
    }),
  );
}

const usdOf = (costs: readonly Cost[]): (number | null)[] => costs.map(({ cost_usd }) => cost_usd);

describe('a service tier', () => {
  it('has its share of the standard price where the provider publishes one', async () => {
    const costs = await costsOf(t.tenant(), [
      ['openai', 'gpt-5', { service_tier: 'flex' }],
      ['openai', 'gpt-5', { service_tier: 'flex', cached_input_tokens: 8_000 }],
      ['azure.ai.openai', 'gpt-4o', { service_tier: 'batch' }],
      ['anthropic', 'claude-sonnet-4-5', { service_tier: 'batch' }],
      ['google', 'gemini-2.5-flash', { service_tier: 'batch' }],
      ['openai', 'gpt-5', { service_tier: 'priority' }],
      ['openai', 'gpt-5', { service_tier: 'standard' }],
    ]);
    expect(usdOf(costs)).toEqual([0.01125, 0.00675, 0.0175, 0.0225, 0.00275, 0.045, 0.0225]);
  });

  it('is unpriced where it is not known, never at the standard price', async () => {
    const costs = await costsOf(t.tenant(), [
      ['anthropic', 'claude-sonnet-4-5', { service_tier: 'priority' }],
      ['google', 'gemini-2.5-flash', { service_tier: 'batch', cached_input_tokens: 1_000 }],
      ['deepseek', 'deepseek-chat', { service_tier: 'flex' }],
    ]);
    expect(costs).toEqual([
      {
        cost_usd: null,
        cost_note: 'no price of the service tier priority is known for the model claude-sonnet-4-5',
      },
      { cost_usd: null, cost_note: 'no price is known for cached input' },
      { cost_usd: null, cost_note: 'no price of the service tier flex is known for the model deepseek-chat' },
    ]);
  });

  it('has its own price, and is unpriced beside an own price of the standard tier alone', async () => {
    const tenant = t.tenant();
    await put(tenant, HOUSE);
    await put(tenant, { ...HOUSE, service_tier: 'batch', input_usd_per_mtok: 4, output_usd_per_mtok: 8 });
    const costs = await costsOf(tenant, [
      ['acme', 'house-1', {}],
      ['acme', 'house-1', { service_tier: 'batch' }],
      ['acme', 'house-1', { service_tier: 'flex' }],
    ]);
    expect(usdOf(costs)).toEqual([0.12, 0.048, null]);
    expect(costs[2]!.cost_note).toContain('has no rates of the service tier flex');
    const { prices } = await t.read<{ prices: Json[] }>('prices', tenant);
    expect(prices.map(({ service_tier }) => service_tier)).toEqual([undefined, 'batch']);
  });

  it('of an execution is that of its own tokens', async () => {
    const tenant = t.tenant();
    const own = { provider: 'openai', model_name: 'gpt-5', input_tokens: 10_000, output_tokens: 1_000 };
    await t.post(
      '/api/v1/executions',
      { executions: [execution(1, AT, { ...own, service_tier: 'flex' })] },
      tenant,
    );
    expect(await t.read(`executions/${uuid(1)}`, tenant)).toMatchObject({
      cost_usd: 0.01125,
      service_tier: 'flex',
    });
  });
});

describe('cache writes for an hour and audio', () => {
  it('have the price of the book', async () => {
    const costs = await costsOf(t.tenant(), [
      ['anthropic', 'claude-sonnet-4-5', { cache_write_tokens: 5_000, cache_write_1h_tokens: 4_000 }],
      ['openai', 'gpt-audio', { input_audio_tokens: 4_000, output_audio_tokens: 500 }],
      ['google', 'gemini-2.5-flash', { input_audio_tokens: 10_000 }],
    ]);
    // 5,000 × 3 + 1,000 × 3.75 + 4,000 × 6 + 1,000 × 15; 6,000 × 2.5 + 4,000 × 32 + 500 × 10 + 500 × 64; 10,000 × 1 + 1,000 × 2.5
    expect(usdOf(costs)).toEqual([0.05775, 0.18, 0.0125]);
  });

  it('are unpriced where they have no price, or the part of the cache is not known', async () => {
    const costs = await costsOf(t.tenant(), [
      ['aws.bedrock', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', { cache_write_1h_tokens: 1_000 }],
      ['openai', 'gpt-4o', { input_audio_tokens: 1 }],
      ['openai', 'gpt-4o', { output_audio_tokens: 1 }],
      ['google', 'gemini-2.5-flash', { input_audio_tokens: 5_000, cached_input_tokens: 2_000 }],
    ]);
    expect(usdOf(costs)).toEqual([null, null, null, null]);
    expect(costs.map(({ cost_note }) => cost_note)).toEqual([
      'no price is known for cache writes for an hour',
      'no price is known for audio input',
      'no price is known for audio output',
      expect.stringContaining('how many of the cached tokens are audio is not known'),
    ]);
  });

  it('have the rates of an own price, and are unpriced where it has none', async () => {
    const tenant = t.tenant();
    const price = {
      ...HOUSE,
      cache_write_1h_usd_per_mtok: 40,
      input_audio_usd_per_mtok: 50,
      output_audio_usd_per_mtok: 60,
    };
    const made = await put(tenant, price);
    expect([made.statusCode, made.json<Json>()]).toEqual([200, expect.objectContaining(price)]);
    await put(tenant, { ...HOUSE, model_name: 'house-2' });
    const tokens = { cache_write_1h_tokens: 1_000, input_audio_tokens: 2_000, output_audio_tokens: 500 };
    const costs = await costsOf(tenant, [
      ['acme', 'house-1', tokens],
      ['acme', 'house-2', tokens],
    ]);
    // 7,000 × 10 + 1,000 × 40 + 2,000 × 50 + 500 × 20 + 500 × 60
    expect(usdOf(costs)).toEqual([0.25, null]);
  });
});

describe('a long call', () => {
  const LONG = { provider: 'google', model: 'gemini-2.5-pro', component: 'main_agent' };
  const call = (input_tokens: number): object => ({ ...LONG, input_tokens, output_tokens: 1_000 });

  it('costs more by itself; many short ones do not, and an execution that knows only their sum says so', async () => {
    const tenant = t.tenant();
    const own = { provider: 'google', model_name: 'gemini-2.5-pro', output_tokens: 2_000 };
    const executions = [
      execution(1, AT, { token_usages: [call(300_000)] }),
      execution(2, AT, { token_usages: [call(150_000), call(150_000)] }),
      execution(3, AT, { ...own, input_tokens: 300_000 }),
      execution(4, AT, { ...own, input_tokens: 200_000 }),
    ];
    await t.post('/api/v1/executions', { executions }, tenant);
    const of = (n: number): Promise<Json> => t.read<Json>(`executions/${uuid(n)}`, tenant);
    expect(await of(1)).toMatchObject({ cost_usd: 0.765, cost_note: null });
    expect(await of(2)).toMatchObject({ cost_usd: 0.395, cost_note: null });
    expect(await of(3)).toMatchObject({
      cost_usd: 0.395,
      cost_source: 'computed',
      cost_note: expect.stringContaining('only the sum of its calls is known'),
    });
    expect(await of(4)).toMatchObject({ cost_usd: 0.27, cost_note: null });
  });
});

describe('the price of a tool', () => {
  const TOOL = { tool_name: 'web_search', usd_per_call: 0.01 };

  it('is set, listed, replaced and deleted', async () => {
    const tenant = t.tenant();
    const made = (await put(tenant, TOOL)).json<Json>();
    expect(made).toEqual({ ...TOOL, id: expect.any(String), effective_from: '2026-01-01T00:00:00.000Z' });
    expect((await put(tenant, { ...TOOL, usd_per_call: 0.02 })).json()).toMatchObject({ id: made.id });
    expect(await t.read('prices', tenant)).toEqual({ prices: [{ ...made, usd_per_call: 0.02 }] });
    const remove = async (of: string) =>
      t.app.inject({
        method: 'DELETE',
        url: `/api/v1/analytics/prices/${String(made.id)}`,
        headers: await t.headers({ tenant: of, scopes: ['analytics:admin'] }),
      });
    expect((await remove(t.tenant())).statusCode).toBe(404);
    expect((await remove(tenant)).statusCode).toBe(204);
    expect(await t.read('prices', tenant)).toEqual({ prices: [] });
  });

  it.each([
    [TOOL.tool_name, { tool_name: 'web_search' }, 'usd_per_call is missing'],
    ['both', { ...HOUSE, ...TOOL }, 'provider does not belong to the price of a tool'],
    ['a model with the price of a call', { ...HOUSE, usd_per_call: 1 }, 'usd_per_call does not belong'],
    ['neither', {}, 'field provider is missing in the price of a model'],
    [
      'a model without output',
      { ...HOUSE, output_usd_per_mtok: undefined },
      'output_usd_per_mtok is missing',
    ],
    ['too many decimals', { ...TOOL, usd_per_call: 1e-7 }, 'usd_per_call must have at most 6 decimals'],
    ['an unknown tier', { ...HOUSE, service_tier: 'express' }, 'service_tier'],
  ])('of %s is refused with its reason', async (_, price, message) => {
    const response = await put(t.tenant(), price);
    expect(refusalOf(response)).toEqual([400, 'VALIDATION_ERROR']);
    expect(response.json<Json>().message).toContain(message);
  });
});
