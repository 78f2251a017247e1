/** Providers and models as they are really sent, read once for own prices and for the price book alike. */
import { readFileSync } from 'node:fs';
import { type Json, refusalOf, testApp, type TestApp } from '../support/app.js';
import { execution, usage, uuid } from '../support/executions.js';
import { describeReal } from '../support/optional.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp({ now: '2026-11-15T12:00:00Z' });
});
afterAll(() => t.close());

const AT = '2026-11-15T09:00:00Z';
type Pair = readonly [provider: string | null, model: string];

/** The cost of 10,000 input and 1,000 output tokens of each pair, sent as an execution each. */
async function costsOf(tenant: string, pairs: readonly Pair[]): Promise<unknown[]> {
  const executions = pairs.map(([provider, model_name], i) =>
    execution(i, AT, { provider, model_name, input_tokens: 10_000, output_tokens: 1_000 }),
  );
  const response = await t.post('/api/v1/executions', { executions }, tenant);
  expect(response.json<Json>()).toMatchObject({ accepted: pairs.length });
  const { items } = await t.read<{ items: Json[] }>('executions?page_size=200', tenant);
  const costs = new Map(items.map(({ id, cost_usd }) => [id, cost_usd]));
  return pairs.map((_, i) => costs.get(uuid(i)));
}

async function put(tenant: string, price: object): Promise<void> {
  const response = await t.app.inject({
    method: 'PUT',
    url: '/api/v1/analytics/prices',
    headers: await t.headers({ tenant, scopes: ['analytics:admin'] }),
    payload: { effective_from: '2026-01-01', input_usd_per_mtok: 1, output_usd_per_mtok: 2, ...price },
  });
  expect(response.statusCode).toBe(200);
}

const CASES: readonly (readonly [title: string, cases: readonly (readonly [...Pair, number | null])[]])[] = [
  [
    'a provider by any of its names',
    [
      ['AzureChatOpenAI', 'gpt-4o-mini', 0.0021],
      ['ChatAnthropic', 'claude-haiku-4-5', 0.015],
      ['ChatBedrockConverse', 'us.amazon.nova-pro-v1:0', 0.0112],
      ['XAI', 'grok-3', 0.045],
      ['mistral_ai', 'mistral-large-latest', 0.026],
    ],
  ],
  [
    'a provider before the name of the model',
    [
      [null, 'openai:gpt-4o', 0.035],
      [null, 'google-gla:gemini-2.5-flash', 0.0055],
      [null, 'bedrock:us.anthropic.claude-sonnet-4-5-20250929-v1:0', 0.0495],
      ['litellm', 'groq/llama-3.3-70b-versatile', 0.00669],
      ['litellm', 'azure/eu/gpt-4o-2024-08-06', 0.035],
      [null, 'projects/p/locations/us/publishers/google/models/gemini-2.5-pro', 0.0225],
    ],
  ],
  [
    'routes, releases, spaces and capitals',
    [
      ['openrouter', 'openai/gpt-4o:nitro', 0.035],
      ['openrouter', 'openai/gpt-4o:free', 0],
      ['openrouter', 'deepseek/deepseek-r1:free', 0],
      ['google', 'gemini-2.5-flash-001', 0.0055],
      ['anthropic', 'claude-sonnet-4-5-20250929[1m]', 0.045],
      ['openai', 'GPT-4o', 0.035],
      [null, 'Claude Sonnet 4.5', 0.045],
    ],
  ],
  [
    'profiles and ARNs',
    [
      ['aws.bedrock', 'global.anthropic.claude-sonnet-4-5-20250929-v1:0', 0.045],
      ['aws.bedrock', 'jp.anthropic.claude-sonnet-4-5-20250929-v1:0', 0.0495],
      ['aws.bedrock', 'arn:aws:bedrock:eu-west-1:1:application-inference-profile/a1b2c3d4e5f6', null],
    ],
  ],
  [
    'dates, and models that have been tuned',
    [
      ['openai', 'gpt-4o-2024-05-13', 0.065],
      ['openai', 'gpt-5-2026-01-01', 0.0225],
      [null, 'ft:gpt-4o-mini-2024-07-18:acme::abc', 0.0042],
      ['openai', 'gpt-4o-mini-2024-07-18.ft-1234abcd', 0.0042],
    ],
  ],
  [
    'the models of others through a client of OpenAI or a gateway',
    [
      ['openai', 'claude-sonnet-4-5', 0.045],
      ['openai', 'gemini-2.5-flash', 0.0055],
      ['acme-gateway', 'anthropic/claude-sonnet-4.5', 0.045],
      ['', 'gpt-4o', 0.035],
    ],
  ],
  [
    'what nobody can know',
    [
      ['azure', 'team-o4-mini-eval', null],
      ['azure', 'gpt-4o-prod', null],
      ['anthropic', 'claude-sonnet-4-5-prod', null],
      ['vllm', 'gpt-4o', null],
      ['ollama', 'mistral:7b', null],
      ['lmstudio', 'deepseek-r1:8b', null],
      ['acme-gateway', 'google/gemma-3-27b-it', null],
      ['openai', 'whisper-1', null],
    ],
  ],
];

it.each(CASES)('the book knows %s', async (_, cases) => {
  const pairs = cases.map(([provider, model]): Pair => [provider === '' ? null : provider, model]);
  expect(await costsOf(t.tenant(), pairs)).toEqual(cases.map(([, , cost]) => cost));
});

describeReal('cases/model-names.tsv', 'the names of models in the field', (path) => {
  it('have the cost that is right, or none where nobody can know', async () => {
    const [, ...lines] = readFileSync(path, 'utf8').trim().split('\n');
    const cases = lines.map((line) => line.split('\t') as [string, string, string]);
    const pairs = cases.map(([provider, model]): Pair => [provider === '-' ? null : provider, model]);
    const costs = await costsOf(t.tenant(), pairs);
    expect(cases.map(([provider, model], i) => [provider, model, String(costs[i])])).toEqual(cases);
  });
});

it('an own price covers the names of its model: dated, with prefixes, of every alias of the provider', async () => {
  const tenant = t.tenant();
  await put(tenant, { provider: 'anthropic', model_name: 'claude-sonnet-4-5' });
  await put(tenant, { provider: 'azure', model_name: 'gpt-4o' });
  await put(tenant, { provider: 'azure', model_name: 'gpt-3.5-turbo' });
  const own: Pair[] = [
    // Azure writes the number of this model without a point.
    ['azure', 'gpt-35-turbo'],
    ['azure.ai.openai', 'azure/gpt-35-turbo'],
    ['anthropic', 'claude-sonnet-4-5-20250929'],
    ['Anthropic', 'claude-sonnet-4-5-20250929'],
    ['anthropic.messages', 'claude-sonnet-4-5-20250929'],
    ['anthropic', 'anthropic/claude-sonnet-4.5'],
    ['my-gateway', 'anthropic/claude-sonnet-4.5'],
    ['langchain', 'claude-sonnet-4-5'],
    ['azure.ai.openai', 'gpt-4o-2024-08-06'],
    ['azure_openai', 'azure/gpt-4o'],
    [null, 'gpt-4o-2024-08-06'],
  ];
  const others: Pair[] = [
    ['openai', 'gpt-4o'],
    ['aws.bedrock', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'],
    ['azure', 'gpt-4o-mini'],
  ];
  expect(await costsOf(tenant, [...own, ...others])).toEqual([
    ...own.map(() => 0.012),
    0.035,
    0.0495,
    0.0021,
  ]);
});

it('the own price of the exact name goes before that of the undated one', async () => {
  const tenant = t.tenant();
  await put(tenant, { provider: 'openai', model_name: 'gpt-4o' });
  await put(tenant, { provider: 'openai', model_name: 'gpt-4o-2024-08-06', input_usd_per_mtok: 10 });
  await put(tenant, { provider: 'aws', model_name: 'us.amazon.nova-pro-v1:0', input_usd_per_mtok: 20 });
  expect(
    await costsOf(tenant, [
      ['openai', 'gpt-4o-2024-08-06'],
      ['OpenAI', 'openai/gpt-4o-2024-08-06'],
      ['openai', 'gpt-4o-2024-11-20'],
      ['openai', 'gpt-4o'],
      ['bedrock', 'us.amazon.nova-pro-v1:0'],
      ['bedrock', 'eu.amazon.nova-pro-v1:0'],
    ]),
  ).toEqual([0.102, 0.102, 0.012, 0.012, 0.202, 0.0112]);
});

it('an own price makes a deployment known, and a server of one’s own', async () => {
  const tenant = t.tenant();
  await put(tenant, { provider: 'azure', model_name: 'my-prod-deployment' });
  await put(tenant, { provider: 'ollama', model_name: 'llama3.2' });
  expect(
    await costsOf(tenant, [
      ['azure.ai.openai', 'my-prod-deployment'],
      ['ollama', 'llama3.2:latest'],
      ['vllm', 'llama3.2'],
    ]),
  ).toEqual([0.012, 0.012, null]);
});

it('what is stored and shown keeps the names that were sent', async () => {
  const tenant = t.tenant();
  const sent = { provider: 'azure.ai.openai', model: 'gpt-4o-2024-08-06' };
  const token_usages = [usage(sent.model, 10, 1, { provider: sent.provider })];
  await t.post('/api/v1/executions', { executions: [execution(1, AT, { token_usages })] }, tenant);
  await t.rollup();
  expect(await t.read(`executions/${uuid(1)}`, tenant)).toMatchObject({
    provider: sent.provider,
    model_name: sent.model,
    token_usages: [sent],
  });
  const { models } = await t.read<{ models: Json[] }>('comparison/models?period=30d', tenant);
  expect(models).toMatchObject([{ provider: sent.provider, model_name: sent.model }]);
});

describe('GET /prices/resolve', () => {
  const resolve = (tenant: string, query: Record<string, string>): Promise<Json> =>
    t.read<Json>(`prices/resolve?${new URLSearchParams({ at: AT, ...query }).toString()}`, tenant);

  it('answers the price of the book, under the pair that it knows', async () => {
    const answer = await resolve(t.tenant(), { provider: 'strands-agents', model_name: 'openai/gpt-4o' });
    expect(answer).toMatchObject({
      provider: 'strands-agents',
      model_name: 'openai/gpt-4o',
      service_tier: 'standard',
      at: '2026-11-15T09:00:00.000Z',
      normalised: { provider: 'openai', model_name: 'gpt-4o' },
      source: 'book',
      price_id: null,
      rates: {
        input_usd_per_mtok: 2.5,
        output_usd_per_mtok: 10,
        cached_input_usd_per_mtok: 1.25,
        cache_write_1h_usd_per_mtok: null,
        long_calls: [],
      },
    });
    const steps = answer.steps as Json[];
    expect(steps.at(-1)).toEqual({ source: 'book', provider: 'openai', model_name: 'gpt-4o', found: true });
    expect(steps.slice(0, -1).every(({ found }) => found === false)).toBe(true);
  });

  it('answers an own price, with its id and since when it is in effect', async () => {
    const tenant = t.tenant();
    await put(tenant, { provider: 'anthropic', model_name: 'claude-sonnet-4-5' });
    const { prices } = await t.read<{ prices: Json[] }>('prices', tenant);
    const query = { provider: 'anthropic.messages', model_name: 'claude-sonnet-4-5-20250929' };
    expect(await resolve(tenant, query)).toMatchObject({
      normalised: { provider: 'anthropic', model_name: 'claude-sonnet-4-5' },
      source: 'own',
      price_id: prices[0]!.id,
      reason: expect.stringContaining('2026-01-01'),
      rates: { input_usd_per_mtok: 1, output_usd_per_mtok: 2, cached_input_usd_per_mtok: 1 },
    });
    expect(await resolve(tenant, { ...query, at: '2025-12-31' })).toMatchObject({ source: 'book' });
    expect(await resolve(t.tenant(), query)).toMatchObject({ source: 'book' });
  });

  it('answers the rates of long calls, and of a service tier', async () => {
    expect(await resolve(t.tenant(), { provider: 'google', model_name: 'gemini-2.5-pro' })).toMatchObject({
      rates: {
        input_usd_per_mtok: 1.25,
        long_calls: expect.arrayContaining([
          { rate: 'input_usd_per_mtok', above_input_tokens: 200_000, usd_per_mtok: 2.5 },
        ]),
      },
    });
    expect(
      await resolve(t.tenant(), { provider: 'openai', model_name: 'gpt-5', service_tier: 'flex' }),
    ).toMatchObject({ rates: { input_usd_per_mtok: 0.625, output_usd_per_mtok: 5 } });
  });

  it('says that it found none, and where it looked', async () => {
    const answer = await resolve(t.tenant(), { provider: 'azure', model_name: 'my-prod-deployment' });
    expect(answer).toMatchObject({
      normalised: { provider: 'azure', model_name: 'my-prod-deployment' },
      source: 'none',
      rates: null,
      reason: 'no price is known for the model my-prod-deployment',
      steps: expect.arrayContaining([
        { source: 'book', provider: 'azure', model_name: 'my-prod-deployment', found: false },
      ]),
    });
  });

  it('refuses a request without a model, and a time that is none', async () => {
    for (const query of [
      'provider=openai',
      'model_name=gpt-4o&at=soon',
      'model_name=gpt-4o&service_tier=express',
    ]) {
      expect(refusalOf(await t.get(`prices/resolve?${query}`, t.tenant()))).toEqual([
        400,
        'VALIDATION_ERROR',
      ]);
    }
  });
});
