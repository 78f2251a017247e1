/** Usage of model calls as libraries send it: the tokens, the tier and the cost that are read from it. */
import { type Json, testApp, type TestApp } from '../support/app.js';
import { chat, EXECUTION, wireSpan } from '../support/otlp.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const INPUT = 'gen_ai.usage.input_tokens';
const OUTPUT = 'gen_ai.usage.output_tokens';
const TOTAL = 'gen_ai.usage.total_tokens';
const READ = 'gen_ai.usage.cache_read.input_tokens';
const WRITTEN = 'gen_ai.usage.cache_creation.input_tokens';
const REASONING = 'gen_ai.usage.reasoning.output_tokens';

/** The usage of a call with these attributes, sent by a library. */
async function usageOf(attributes: Record<string, unknown>, scope = '', error?: string): Promise<Json> {
  const tenant = t.tenant();
  const span = wireSpan({ id: 'a', from: 0, to: 1, attributes, ...(error !== undefined && { error }) });
  const scopeSpans = [{ scope: { name: scope }, spans: [span] }];
  await t.post('/v1/traces', { resourceSpans: [{ scopeSpans }] }, tenant);
  const { token_usages } = await t.read<{ token_usages: Json[] }>(`executions/${EXECUTION}`, tenant);
  return token_usages[0]!;
}
const counts = (input: number, output: number, cached = 0, written = 0, reasoning = 0): Json => ({
  input_tokens: input,
  output_tokens: output,
  cached_input_tokens: cached,
  cache_write_tokens: written,
  reasoning_tokens: reasoning,
});
const call = (provider: string, model: string, rest: object): Record<string, unknown> => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': provider,
  'gen_ai.request.model': model,
  ...rest,
});
const claude = (rest: object): Record<string, unknown> => call('anthropic', 'claude-sonnet-4-5', rest);
const gemini = (rest: object): Record<string, unknown> => call('gcp.gemini', 'gemini-2.5-flash', rest);
const vercel = (provider: string, model: string, rest: object): Record<string, unknown> => ({
  'ai.operationId': 'ai.streamText.doStream',
  'ai.model.provider': provider,
  'ai.model.id': model,
  ...rest,
});

describe('input that leaves out cached tokens is told', () => {
  it('by a total that includes them', async () => {
    const sent = { [INPUT]: 500, [OUTPUT]: 20, [READ]: 300, [WRITTEN]: 100, [TOTAL]: 920 };
    expect(await usageOf(claude(sent))).toMatchObject(counts(900, 20, 300, 100));
  });

  it('by more cached tokens than input', async () => {
    const sent = { [INPUT]: 5, [OUTPUT]: 20, [READ]: 300 };
    expect(await usageOf(claude(sent))).toMatchObject(counts(305, 20, 300));
  });

  it('by what is known of the library', async () => {
    const sent = { [INPUT]: 500, [OUTPUT]: 20, [READ]: 300, [TOTAL]: 520 };
    const attributes = call('aws.bedrock', 'anthropic.claude-sonnet-4-5-20250929-v1:0', sent);
    expect(await usageOf(attributes, 'opentelemetry.instrumentation.bedrock')).toMatchObject(
      counts(800, 20, 300),
    );
    expect(await usageOf(attributes, 'pydantic-ai')).toMatchObject(counts(500, 20, 300));
  });

  it('by attributes that only one library writes', async () => {
    const sent = { [INPUT]: 500, [OUTPUT]: 20, [READ]: 300, 'gen_ai.client.token.usage': 520 };
    expect(await usageOf(claude(sent))).toMatchObject(counts(800, 20, 300));
    const thought = { ...sent, [REASONING]: 10 };
    expect(await usageOf(gemini(thought))).toMatchObject(counts(500, 30, 300, 0, 10));
  });

  it('by an attribute that counts the input without them', async () => {
    const sent = {
      'ai.usage.inputTokens': 500,
      'ai.usage.outputTokens': 20,
      'ai.usage.inputTokenDetails.noCacheTokens': 200,
      'ai.usage.inputTokenDetails.cacheReadTokens': 300,
    };
    expect(await usageOf(vercel('anthropic.messages', 'claude-sonnet-4-5', sent))).toMatchObject(
      counts(500, 20, 300),
    );
    const alone = { ...sent, 'ai.usage.inputTokens': '' };
    expect(await usageOf(vercel('anthropic.messages', 'claude-sonnet-4-5', alone))).toMatchObject(
      counts(500, 20, 300),
    );
  });

  it('by the usage of the provider in the metadata of the Vercel AI SDK', async () => {
    const usage = { input_tokens: 2000, cache_creation_input_tokens: 40, cache_read_input_tokens: 60 };
    const sent = {
      'ai.usage.inputTokens': 2000,
      'ai.usage.outputTokens': 20,
      'ai.response.providerMetadata': JSON.stringify({ anthropic: { usage } }),
    };
    expect(await usageOf(vercel('custom.messages', 'claude-sonnet-4-5', sent))).toMatchObject(
      counts(2100, 20, 60, 40),
    );
    const whole = { ...sent, 'ai.usage.inputTokens': 2100 };
    expect(await usageOf(vercel('anthropic.messages', 'claude-sonnet-4-5', whole))).toMatchObject(
      counts(2100, 20, 60, 40),
    );
  });

  it('not where the conventions are kept', async () => {
    const sent = { [INPUT]: 500, [OUTPUT]: 20, [READ]: 300, [WRITTEN]: 100 };
    expect(await usageOf(claude(sent))).toMatchObject(counts(500, 20, 300, 100));
    expect(await usageOf(claude({ ...sent, [TOTAL]: 520 }))).toMatchObject(counts(500, 20, 300, 100));
  });
});

describe('output that leaves out reasoning tokens is told', () => {
  it('by a total that includes them', async () => {
    const sent = { [INPUT]: 500, [OUTPUT]: 20, [REASONING]: 10, [TOTAL]: 530 };
    expect(await usageOf(gemini(sent))).toMatchObject(counts(500, 30, 0, 0, 10));
  });

  it('by a total that includes them beside cached tokens that are left out', async () => {
    const sent = { [INPUT]: 500, [OUTPUT]: 20, [READ]: 300, [REASONING]: 10, [TOTAL]: 830 };
    expect(await usageOf(gemini(sent))).toMatchObject(counts(800, 30, 300, 0, 10));
  });

  it('by a total of a provider whose other counts are silent about them', async () => {
    const sent = { [INPUT]: 500, [OUTPUT]: 20, [TOTAL]: 590 };
    expect(await usageOf(gemini(sent))).toMatchObject(counts(500, 90, 0, 0, 70));
    expect(await usageOf(call('xai', 'grok-4', sent))).toMatchObject(counts(500, 90, 0, 0, 70));
    expect(await usageOf(chat(500, 20, { [TOTAL]: 590 }))).toMatchObject(counts(500, 20));
  });

  it('by more reasoning than output', async () => {
    const sent = { [INPUT]: 500, [OUTPUT]: 20, [REASONING]: 70 };
    expect(await usageOf(gemini(sent))).toMatchObject(counts(500, 90, 0, 0, 70));
  });

  it('by what is known of the library', async () => {
    const sent = { 'ai.usage.inputTokens': 500, 'ai.usage.outputTokens': 20, 'ai.usage.reasoningTokens': 10 };
    const attributes = vercel('google.generative-ai', 'gemini-2.5-flash', sent);
    expect(await usageOf(attributes, 'ai')).toMatchObject(counts(500, 30, 0, 0, 10));
    const total = { ...attributes, 'ai.usage.totalTokens': 520 };
    expect(await usageOf(total, 'ai')).toMatchObject(counts(500, 20, 0, 0, 10));
  });

  it('not by tools that Gemini ran, which are part of its total', async () => {
    const sent = {
      'openinference.span.kind': 'LLM',
      'llm.provider': 'google',
      'llm.model_name': 'gemini-2.5-flash',
      'llm.token_count.prompt': 500,
      'llm.token_count.completion': 30,
      'llm.token_count.completion_details.reasoning': 10,
      'llm.token_count.total': 700,
    };
    expect(await usageOf(sent, 'openinference.instrumentation.google_genai')).toMatchObject(
      counts(500, 30, 0, 0, 10),
    );
  });
});

describe('objects that hold usage are read', () => {
  it('as Langfuse sends it, with counts that do not overlap', async () => {
    const sent = {
      'langfuse.observation.model.name': 'gpt-4o',
      'langfuse.observation.usage_details': JSON.stringify({
        input: 200,
        input_cached_tokens: 300,
        output: 20,
        output_reasoning_tokens: 10,
        total: 530,
      }),
      'langfuse.observation.cost_details': '{"input":0.001,"output":0.002,"total":0.003}',
    };
    expect(await usageOf(sent)).toMatchObject({ ...counts(500, 30, 300, 0, 10), cost_usd: 0.003 });
  });

  it('as LangSmith sends it', async () => {
    const sent = {
      [INPUT]: 500,
      [OUTPUT]: 20,
      'gen_ai.usage.input_token_details': '{"cache_read": 300, "cache_creation": 100}',
      'gen_ai.usage.output_token_details': '{"reasoning": 10}',
    };
    expect(await usageOf(claude(sent))).toMatchObject(counts(500, 20, 300, 100, 10));
  });

  it('as Python writes it', async () => {
    const details =
      "{'prompt_tokens': 500, 'prompt_tokens_details': {'audio_tokens': None, 'cached_tokens': 300}}";
    expect(await usageOf(chat(500, 20, { 'metadata.usage_object': details }))).toMatchObject(
      counts(500, 20, 300),
    );
  });

  it('with the cost that a gateway has charged', async () => {
    const metadata = JSON.stringify({ gateway: { routing: {}, cost: '0.0123' } });
    const sent = { 'ai.usage.inputTokens': 500, 'ai.response.providerMetadata': metadata };
    expect(await usageOf(vercel('gateway', 'openai/gpt-4o', sent))).toMatchObject({
      cost_usd: 0.0123,
      cost_source: 'reported',
    });
  });

  it.each([
    ['{not json', 'as text that is no object'],
    ['{"anthropic":{"usage":{"cache_read_input_tokens":-5}}}', 'with counts that are none'],
  ])('%s: %s', async (metadata) => {
    const sent = { 'ai.usage.inputTokens': 500, 'ai.response.providerMetadata': metadata };
    expect(await usageOf(vercel('openai.chat', 'gpt-4o', sent))).toMatchObject(counts(500, 0));
  });
});

describe('the cost that is reported', () => {
  it.each([
    ['of 0 is no report', { 'gen_ai.usage.cost': 0 }, 0.0015, 'computed'],
    ['as text', { 'gen_ai.usage.cost': '0.05' }, 0.05, 'reported'],
    ['with a dollar sign', { 'gen_ai.usage.cost': '$0.05' }, 0.05, 'reported'],
    ['beside another of 0', { 'gen_ai.usage.cost': 0, 'llm.cost.total': 0.05 }, 0.05, 'reported'],
    ['in two parts', { 'llm.cost.prompt': 0.03, 'llm.cost.completion': 0.02 }, 0.05, 'reported'],
    ['in one part of two', { 'llm.cost.prompt': 0.03 }, 0.0015, 'computed'],
  ])('%s', async (_how, sent, cost_usd, cost_source) => {
    expect(await usageOf(chat(500, 25, sent))).toMatchObject({ cost_usd, cost_source });
  });
});

describe('what else the price depends on is read', () => {
  it.each([
    ['openai.response.service_tier', 'flex', 'flex'],
    ['gen_ai.response.service_tier', 'PRIORITY', 'priority'],
    ['gen_ai.usage.service_tier', 'batch', 'batch'],
    ['openai.request.service_tier', 'auto', 'standard'],
  ])('from %s: %s is the tier %s', async (attribute, sent, service_tier) => {
    expect(await usageOf(chat(500, 20, { [attribute]: sent }))).toMatchObject({ service_tier });
  });

  it('the tier of the response before that of the request', async () => {
    const sent = { 'openai.request.service_tier': 'priority', 'openai.response.service_tier': 'default' };
    expect(await usageOf(chat(500, 20, sent))).toMatchObject({ service_tier: 'standard' });
  });

  it('from the usage of Anthropic, with cache writes for an hour', async () => {
    const usage = {
      input_tokens: 200,
      cache_creation_input_tokens: 300,
      cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
      service_tier: 'batch',
    };
    const sent = {
      'ai.usage.inputTokens': 200,
      'ai.response.providerMetadata': JSON.stringify({ anthropic: { usage } }),
    };
    expect(await usageOf(vercel('anthropic.messages', 'claude-sonnet-4-5', sent))).toMatchObject({
      input_tokens: 500,
      cache_write_tokens: 300,
      cache_write_1h_tokens: 200,
      service_tier: 'batch',
    });
  });

  it('cache writes for an hour, which are cache writes', async () => {
    const sent = { 'gen_ai.usage.cache_creation.ephemeral_1h_input_tokens': 100 };
    expect(await usageOf(claude({ [INPUT]: 500, [OUTPUT]: 20, ...sent }))).toMatchObject({
      ...counts(500, 20, 0, 100),
      cache_write_1h_tokens: 100,
    });
  });

  it('audio, which is part of input and output', async () => {
    const sent = { 'gen_ai.usage.input_audio_tokens': 100, 'gen_ai.usage.output_tokens.audio': 90 };
    expect(await usageOf(chat(500, 20, sent))).toMatchObject({
      input_audio_tokens: 100,
      output_audio_tokens: 20,
    });
  });
});

describe('a call without usage', () => {
  const silent = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o' };

  it('is unpriced if it went well', async () => {
    expect(await usageOf(silent)).toMatchObject({ cost_usd: null, cost_source: 'unpriced' });
    const image = { 'gen_ai.operation.name': 'image_generation', 'gen_ai.request.model': 'gpt-image-1' };
    expect(await usageOf(image)).toMatchObject({ model: 'gpt-image-1', cost_source: 'unpriced' });
    expect(await usageOf({ ...silent, 'gen_ai.usage.cost': 0 })).toMatchObject({ cost_usd: null });
  });

  it('costs nothing if it failed', async () => {
    expect(await usageOf(silent, '', 'overloaded')).toMatchObject({ cost_usd: 0 });
  });

  it('costs nothing if it reports none', async () => {
    expect(await usageOf({ ...silent, [INPUT]: 0, [OUTPUT]: 0 })).toMatchObject({ cost_usd: 0 });
  });
});

describe('the model is read', () => {
  it.each([
    ['llm.invocation_parameters', '{"temperature": 0, "model": "gpt-4o"}'],
    ['embedding.invocation_parameters', '{"model": "gpt-4o"}'],
    ['metadata', '{"ls_provider": "openai", "ls_model_name": "gpt-4o"}'],
    ['input.value', '{"messages": [], "model": "gpt-4o"}'],
  ])('from %s of a call that failed', async (attribute, value) => {
    const json = { 'input.mime_type': 'application/json' };
    const attributes = { 'openinference.span.kind': 'LLM', [attribute]: value, ...json };
    expect(await usageOf(attributes, '', 'overloaded')).toMatchObject({
      model: 'gpt-4o',
      input_tokens: 0,
      cost_usd: 0,
    });
  });

  const ASKED = '{"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}';
  it.each<[string, Record<string, string>]>([
    ['what a user has written', { 'input.value': ASKED }],
    ['what a user has written as text', { 'input.value': ASKED, 'input.mime_type': 'text/plain' }],
    [
      'a message of a request',
      {
        'input.value': JSON.stringify({
          messages: [{ content: "{'model': 'gpt-4o'}" }, { model: 'gpt-4o' }],
        }),
        'input.mime_type': 'application/json',
      },
    ],
    [
      'variables of a prompt',
      { 'input.value': '{"model": "gpt-4o"}', 'input.mime_type': 'application/json' },
    ],
    [
      'instructions among parameters',
      {
        'llm.invocation_parameters': `{"instructions": "Answer {'model': 'gpt-4o'}", "tools": [{"model": "gpt-4o"}]}`,
      },
    ],
  ])('never from %s', async (_what, attributes) => {
    const sent = { 'openinference.span.kind': 'LLM', [INPUT]: 10, [OUTPUT]: 1, ...attributes };
    expect(await usageOf(sent)).toMatchObject({ model: null, cost_usd: null });
  });

  it('from parameters that Python has written, also after instructions', async () => {
    const parameters = `{'instructions': "Use {'model': 'x'}", 'temperature': 0, 'model': 'gpt-4o', 'tools': [`;
    const sent = { 'openinference.span.kind': 'LLM', 'llm.invocation_parameters': parameters };
    expect(await usageOf(sent, '', 'overloaded')).toMatchObject({ model: 'gpt-4o' });
  });

  it('of the response before that of the request', async () => {
    const sent = {
      'gen_ai.response.model': 'gpt-4o-2024-08-06',
      'llm.invocation_parameters': '{"model":"x"}',
    };
    expect(await usageOf(chat(1, 1, sent))).toMatchObject({ model: 'gpt-4o-2024-08-06' });
  });
});

it('a count of 0 does not hide what another attribute counts', async () => {
  const sent = { [INPUT]: 500, [OUTPUT]: 20, [READ]: 0, 'gen_ai.usage.details.cache_read_tokens': 300 };
  expect(await usageOf(chat(500, 20, sent))).toMatchObject(counts(500, 20, 300));
});

describe('The rates of long calls', () => {
  const tokens = { [INPUT]: 300_000, [OUTPUT]: 2_000 };
  const gemini = { 'gen_ai.provider.name': 'google', 'gen_ai.request.model': 'gemini-2.5-pro' };
  const costOf = async (attributes: Record<string, unknown>): Promise<Json> => {
    const tenant = t.tenant();
    const span = wireSpan({ id: 'a', from: 0, to: 1, attributes: { ...gemini, ...tokens, ...attributes } });
    await t.post('/v1/traces', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }, tenant);
    return t.read<Json>(`executions/${EXECUTION}`, tenant);
  };

  it('apply to a call', async () => {
    expect(await costOf({ 'gen_ai.operation.name': 'chat' })).toMatchObject({
      cost_usd: 0.78,
      cost_note: null,
    });
  });

  it('do not apply to an agent of which only the sum of its calls is known', async () => {
    expect(
      await costOf({ 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'reader' }),
    ).toMatchObject({
      cost_usd: 0.395,
      cost_note: expect.stringContaining('only the sum of its calls is known'),
      token_usages: [expect.objectContaining({ input_tokens: 300_000, cost_usd: 0.395 })],
    });
  });
});

it('is read as the first releases of Semantic Kernel send it', async () => {
  const sent = {
    'gen_ai.operation.name': 'chat.completions',
    'gen_ai.system': 'openai',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.response.prompt_tokens': 500,
    'gen_ai.response.completion_tokens': 20,
  };
  expect(await usageOf(sent)).toMatchObject({ model: 'gpt-4o', ...counts(500, 20) });
});
