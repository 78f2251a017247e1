/** Attribute names of other instrumentations: each alias of the mapping, and complete calls. */
import { type Mapped, MAPPING } from '../../src/ingest/otlp/mapping.js';
import { testApp, type TestApp } from '../support/app.js';
import { chat, executionFrom, type SpanSpec, type TraceDetail } from '../support/otlp.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const executionOf = (...spans: SpanSpec[]): Promise<TraceDetail> => executionFrom(t, spans);
const single = (attributes: Record<string, unknown>, name = 'a'): Promise<TraceDetail> =>
  executionOf({ id: 'a', name, from: 0, to: 1, attributes });
const is = (operation: string, more: object = {}): Record<string, unknown> => ({
  'gen_ai.operation.name': operation,
  ...more,
});

it('reads spans of Langfuse’s SDK, whose spans of no kind are no part of the run', async () => {
  const of = (type: string, more: object = {}) => ({ 'langfuse.observation.type': type, ...more });
  const found = await executionOf(
    { id: 'web', name: 'POST /ask', from: 0, to: 9, attributes: of('span', { 'langfuse.user.id': 'u-1' }) },
    {
      ...{ id: 'agent', parent: 'web', name: 'planner', from: 1, to: 8 },
      attributes: of('agent', {
        'langfuse.session.id': 's-1',
        'langfuse.environment': 'staging',
        'langfuse.observation.input': 'Weather?',
      }),
    },
    {
      ...{ id: 'call', parent: 'agent', name: 'llm', from: 2, to: 3 },
      attributes: of('generation', {
        'langfuse.observation.model.name': 'gpt-4o',
        'langfuse.observation.usage_details': '{"input":10,"output":5,"total":15}',
      }),
    },
    {
      ...{ id: 'tool', parent: 'agent', name: 'weather', from: 4, to: 5 },
      attributes: of('tool', {
        'langfuse.observation.input': '{"city":"Paris"}',
        'langfuse.observation.output': 'rain',
      }),
    },
  );
  expect(found).toMatchObject({
    ...{ agent_id: 'planner', session_id: 's-1', user_id: 'u-1', environment: 'staging' },
    ...{ query_preview: 'Weather?', model_name: 'gpt-4o', input_tokens: 10, output_tokens: 5 },
    execution_time_ms: 7_000,
    steps: [{ tool_name: 'weather', content: '{"city":"Paris"}\n→ rain' }],
  });
});

it('reads spans of MLflow, whose attributes are JSON', async () => {
  const of = (type: string, more: object = {}) => ({ 'mlflow.spanType': JSON.stringify(type), ...more });
  const found = await executionOf(
    {
      ...{ id: 'agent', name: 'planner', from: 1, to: 8 },
      attributes: of('AGENT', { 'mlflow.spanInputs': '{"question": "Weather?"}' }),
    },
    {
      ...{ id: 'call', parent: 'agent', name: 'ChatOpenAI', from: 2, to: 3 },
      attributes: of('CHAT_MODEL', {
        'mlflow.llm.model': '"gpt-4o"',
        'mlflow.llm.provider': '"openai"',
        'mlflow.chat.tokenUsage': '{"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}',
      }),
    },
    {
      ...{ id: 'tool', parent: 'agent', name: 'weather', from: 4, to: 5 },
      attributes: of('TOOL', { 'mlflow.spanInputs': '{"city": "Paris"}', 'mlflow.spanOutputs': '"rain"' }),
    },
    { id: 'parse', parent: 'agent', name: 'parse', from: 6, to: 7, attributes: of('UNKNOWN') },
  );
  expect(found).toMatchObject({
    ...{ agent_id: 'planner', query_preview: 'Weather?' },
    ...{ model_name: 'gpt-4o', provider: 'openai', input_tokens: 10, output_tokens: 5, cost_usd: 0.000075 },
    steps: [{ tool_name: 'weather', content: '{"city": "Paris"}\n→ rain' }],
  });
});

it('reads spans of the Vercel AI SDK', async () => {
  const usage = { 'ai.usage.promptTokens': 10, 'ai.usage.completionTokens': 5 };
  const model = { 'ai.model.id': 'gpt-4o', 'ai.model.provider': 'openai.chat' };
  const found = await executionOf(
    {
      id: 'text',
      name: 'ai.generateText',
      from: 0,
      to: 9,
      attributes: {
        'ai.operationId': 'ai.generateText',
        'ai.prompt': '{"prompt":"Weather?"}',
        'ai.telemetry.metadata.userId': 'u-1',
        'ai.telemetry.metadata.sessionId': 's-1',
        ...model,
        ...usage,
      },
    },
    {
      id: 'call',
      parent: 'text',
      name: 'ai.generateText.doGenerate',
      from: 1,
      to: 3,
      attributes: {
        'ai.operationId': 'ai.generateText.doGenerate',
        'gen_ai.system': 'openai.chat',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.usage.input_tokens': 10,
        'gen_ai.usage.output_tokens': 5,
        ...model,
        ...usage,
      },
    },
    {
      id: 'tool',
      parent: 'text',
      name: 'ai.toolCall',
      from: 4,
      to: 5,
      attributes: {
        'ai.operationId': 'ai.toolCall',
        'ai.toolCall.name': 'weather',
        'ai.toolCall.args': '{"city":"Paris"}',
        'ai.toolCall.result': '"rain"',
      },
    },
  );
  expect(found).toMatchObject({
    status: 'success',
    user_id: 'u-1',
    session_id: 's-1',
    query_preview: 'Weather?',
    input_tokens: 10,
    output_tokens: 5,
    model_name: 'gpt-4o',
    provider: 'openai',
    cost_usd: 0.000075,
    steps: [{ tool_name: 'weather', content: '{"city":"Paris"}\n→ "rain"' }],
    token_usages: [{ input_tokens: 10 }],
  });
});

it.each([
  ['openai.responses', 'openai'],
  ['groq.chat', 'groq'],
  ['anthropic.messages', 'anthropic'],
  ['mistral.embedding', 'mistral'],
  ['azure.ai.openai', 'azure.ai.openai'],
  ['gcp.vertex_ai', 'gcp.vertex_ai'],
  ['AWS.Bedrock', 'aws.bedrock'],
])('reads %s as the provider %s', async (sent, wanted) => {
  const { token_usages } = await single(chat(1, 1, { 'gen_ai.provider.name': sent }));
  expect(token_usages[0]!.provider).toBe(wanted);
});

it('reads an embedding of the Vercel AI SDK, which only has a total', async () => {
  const found = await executionOf(
    {
      id: 'embed',
      from: 0,
      to: 9,
      attributes: {
        'ai.operationId': 'ai.embed',
        'ai.model.id': 'text-embedding-3-small',
        'ai.usage.tokens': 8,
      },
    },
    {
      id: 'call',
      parent: 'embed',
      from: 1,
      to: 2,
      attributes: {
        'ai.operationId': 'ai.embed.doEmbed',
        'ai.model.id': 'text-embedding-3-small',
        'ai.usage.tokens': 8,
      },
    },
  );
  expect(found).toMatchObject({ input_tokens: 8, output_tokens: 0, model_name: 'text-embedding-3-small' });
  expect(found.token_usages).toHaveLength(1);
});

it('reads a call of OpenLLMetry', async () => {
  const found = await single(
    {
      'gen_ai.system': 'OpenAI',
      'llm.request.type': 'chat',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.response.model': 'gpt-4o-2024-08-06',
      'gen_ai.usage.prompt_tokens': 10,
      'gen_ai.usage.completion_tokens': 5,
      'llm.usage.total_tokens': 15,
      'gen_ai.prompt.0.role': 'user',
      'gen_ai.prompt.0.content': 'Hello?',
      'gen_ai.completion.0.content': 'Hi',
      'traceloop.association.properties.user_id': 7,
    },
    'openai.chat',
  );
  expect(found).toMatchObject({
    input_tokens: 10,
    output_tokens: 5,
    model_name: 'gpt-4o-2024-08-06',
    provider: 'openai',
    cost_usd: 0.000075,
    query_preview: 'Hello?',
    user_id: '7',
  });
});

describe('every alias', () => {
  const aliasesOf = (wanted: Mapped['field']): readonly string[] =>
    MAPPING.find(({ field }) => field === wanted)!.attributes;

  it.each(aliasesOf('tool'))('%s is the name of a tool', async (alias) => {
    expect((await single(is('execute_tool', { [alias]: 'search' }))).steps[0]!.tool_name).toBe('search');
  });

  it.each([...aliasesOf('input'), ...aliasesOf('output')])('%s is the content of a step', async (alias) => {
    expect((await single(is('execute_tool', { [alias]: '{"a":1}' }))).steps[0]!.content).toBe('{"a":1}');
  });

  it.each(aliasesOf('errorType'))('%s is the type of an error', async (alias) => {
    const attributes = is('execute_tool', { [alias]: 'Strange' });
    expect(await executionOf({ id: 'a', from: 0, to: 1, attributes, error: 'no' })).toMatchObject({
      error_type: 'Strange',
    });
  });

  it.each(aliasesOf('totalTokens'))('%s is used to derive a missing part', async (alias) => {
    expect(await single(is('chat', { [alias]: 12, 'gen_ai.usage.output_tokens': 2 }))).toMatchObject({
      input_tokens: 10,
      output_tokens: 2,
    });
  });
});
