/** Spans of different instrumentations: agent, query, outcome, and which tokens count. */
import { testApp, type TestApp } from '../support/app.js';
import {
  chat,
  EXECUTION,
  executionFrom,
  executionsFrom,
  type SpanSpec,
  type TraceDetail,
} from '../support/otlp.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const executionOf = (...spans: SpanSpec[]): Promise<TraceDetail> => executionFrom(t, spans);
const executionsOf = (...spans: SpanSpec[]): Promise<TraceDetail[]> => executionsFrom(t, spans);
const single = (attributes: Record<string, unknown>, name = 'a'): Promise<TraceDetail> =>
  executionOf({ id: 'a', name, from: 0, to: 1, attributes });
const is = (operation: string, more: object = {}): Record<string, unknown> => ({
  'gen_ai.operation.name': operation,
  ...more,
});
const counted = ({ token_usages }: TraceDetail): unknown[] =>
  token_usages.map(({ component, input_tokens }) => [component, input_tokens]);

describe('a span name', () => {
  it.each([
    ['invoke_agent Billing Bot', is('invoke_agent'), 'Billing Bot'],
    ['invoke_agent', is('invoke_agent'), null],
    ['Billing Bot', is('invoke_agent'), 'Billing Bot'],
    ['Planner Agent', { 'openinference.span.kind': 'AGENT' }, 'Planner Agent'],
    ['agent', { 'openinference.span.kind': 'AGENT' }, 'agent'],
    ['Agent Smith', { 'openinference.span.kind': 'CHAIN', ...is('invoke_agent') }, 'Agent Smith'],
    ['planner.agent', { 'traceloop.span.kind': 'agent', 'traceloop.entity.name': 'planner' }, 'planner'],
    ['invoke_agent Planner', { 'gen_ai.agent.description': 'plans' }, 'Planner'],
  ])('%s with %j names the agent %s', async (name, attributes, wanted) => {
    const { agent_name, agent_id } = await single(attributes, name);
    expect([agent_name, agent_id]).toEqual([wanted, wanted?.replace(' ', '-') ?? null]);
  });

  it.each([
    ['execute_tool search', is('execute_tool'), 'search'],
    ['execute_tool', is('execute_tool'), null],
    ['Get Weather', { 'openinference.span.kind': 'TOOL' }, 'Get Weather'],
  ])('%s with %j names the tool %s', async (name, attributes, wanted) => {
    expect((await single(attributes, name)).steps[0]!.tool_name).toBe(wanted);
  });

  it('equal to a property of Object is not a role', async () => {
    const attributes = chat(5, 1, {
      'gen_ai.operation.name': 'constructor',
      'gen_ai.provider.name': '__proto__',
    });
    expect(await single(attributes)).toMatchObject({ input_tokens: 5, cost_source: 'computed' });
  });
});

describe('tokens', () => {
  it('are counted for a call and for the calls that its tool makes', async () => {
    const found = await executionsOf(
      { id: 'agent', from: 0, to: 9, attributes: is('invoke_agent', { 'gen_ai.usage.input_tokens': 1200 }) },
      { id: 'call', parent: 'agent', from: 1, to: 8, attributes: chat(1000, 50) },
      { id: 'tool', parent: 'call', from: 2, to: 7, attributes: is('execute_tool') },
      { id: 'sub', parent: 'tool', from: 3, to: 6, attributes: is('invoke_agent') },
      { id: 'inner', parent: 'sub', from: 4, to: 5, attributes: chat(200, 5) },
    );
    expect(found.map(counted)).toEqual([[['main_agent', 1000]], [['main_agent', 200]]]);
  });

  it('are counted once if two instrumentations report the same call', async () => {
    const found = await executionOf(
      { id: 'outer', from: 0, to: 9, attributes: chat(100, 5) },
      { id: 'http', parent: 'outer', from: 1, to: 8, attributes: { 'http.method': 'POST' } },
      { id: 'inner', parent: 'http', from: 2, to: 7, attributes: chat(100, 5) },
    );
    expect(counted(found)).toEqual([['main_agent', 100]]);
  });

  it.each([
    ['an OpenInference chain', { 'openinference.span.kind': 'CHAIN', 'llm.token_count.prompt': 300 }],
    ['a span without a kind', { 'gen_ai.usage.input_tokens': 300 }],
  ])('on %s above an agent are a sum of those below', async (_what, attributes) => {
    const found = await executionOf(
      { id: 'outer', from: 0, to: 9, attributes },
      { id: 'agent', parent: 'outer', from: 1, to: 8, attributes: is('invoke_agent') },
      { id: 'call', parent: 'agent', from: 2, to: 3, attributes: chat(300, 5) },
    );
    expect(counted(found)).toEqual([['main_agent', 300]]);
  });
});

describe('the outcome', () => {
  const failed = 'it broke';
  it.each([
    ['the last call', [undefined, failed], 'failure'],
    ['a repeated call', [failed, undefined], 'success'],
  ])('is that of %s if the agent has no status', async (_what, errors, status) => {
    const found = await executionOf(
      { id: 'root', from: 0, to: 20, attributes: is('invoke_agent') },
      ...errors.map((error, i) => ({
        id: `c${i}`,
        parent: 'root',
        from: 1 + 5 * i,
        to: 4 + 5 * i,
        attributes: chat(1, 1),
        ...(error !== undefined && { error }),
      })),
    );
    expect([found.status, found.error_message]).toEqual([status, status === 'success' ? null : failed]);
  });

  it.each([
    ['', undefined, { error_type: 'Refused', error_message: 'by policy' }],
    ['', 'ok', { error_type: null, error_message: null }],
    ['broken off', undefined, { error_type: null, error_message: 'broken off' }],
  ])(
    'is explained by a failure further below if its message is "%s" and the status of the span between is %s',
    async (message, between, expected) => {
      const found = await executionOf(
        {
          id: 'flow',
          name: 'invoke_workflow f',
          from: 0,
          to: 20,
          attributes: is('invoke_workflow'),
          error: message,
        },
        {
          ...{
            id: 'agent',
            parent: 'flow',
            name: 'invoke_agent a',
            from: 1,
            to: 9,
            attributes: is('invoke_agent'),
          },
          ...(between === 'ok' && { ok: true }),
        },
        { id: 'first', parent: 'agent', from: 2, to: 3, attributes: chat(1, 1) },
        {
          ...{ id: 'call', parent: 'agent', from: 4, to: 5, error: 'by policy' },
          attributes: chat(1, 1, { 'error.type': 'Refused' }),
        },
      );
      expect(found).toMatchObject({ status: 'failure', ...expected });
    },
  );

  it('is of each agent if there are several at one level', async () => {
    const found = await executionsOf(
      { id: 'root', from: 0, to: 20, attributes: {} },
      { id: 'a', parent: 'root', name: 'invoke_agent a', from: 1, to: 5, attributes: is('invoke_agent') },
      {
        id: 'b',
        parent: 'root',
        name: 'invoke_agent b',
        from: 6,
        to: 9,
        attributes: is('invoke_agent', { 'error.type': 'Broken' }),
        error: failed,
      },
    );
    expect(found).toMatchObject([
      { id: EXECUTION, agent_id: 'a', status: 'success', parent_execution_id: null },
      {
        ...{ agent_id: 'b', status: 'failure', parent_execution_id: null },
        ...{ error_type: 'Broken', error_message: failed },
      },
    ]);
  });
});

it('keeps times below a millisecond', async () => {
  const step = (id: string, from: number): SpanSpec => ({
    id,
    parent: 'agent',
    name: `execute_tool ${id}`,
    from: from / 1_000,
    to: (from + 0.25) / 1_000,
    attributes: is('execute_tool'),
  });
  const found = await executionOf(
    { id: 'agent', from: 0, to: 0.0015, attributes: is('invoke_agent') },
    step('zebra', 0.125),
    step('yak', 0.5),
    step('ape', 1.125),
  );
  expect(found).toMatchObject({
    started_at: '2026-03-18T11:00:00.000Z',
    completed_at: '2026-03-18T11:00:00.001Z',
    execution_time_ms: 1.5,
  });
  expect(found.steps.map(({ tool_name, duration_ms }) => [tool_name, duration_ms])).toEqual([
    ['zebra', 0.25],
    ['yak', 0.25],
    ['ape', 0.25],
  ]);
});

it.each([
  ['TimeoutError', 'TimeoutError'],
  ['ETIMEDOUT', 'ETIMEDOUT'],
  ['request timed out', 'timeout'],
  ['DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED'],
])('%s is a timeout, whose type is %s', async (sent, type) => {
  const attributes = chat(1, 1, { 'error.type': sent });
  expect(await executionOf({ id: 'a', from: 0, to: 1, attributes, error: 'no' })).toMatchObject({
    status: 'timeout',
    error_type: type,
  });
});

describe('the query', () => {
  const QUESTION = 'Weather in Paris?';
  const parts = [{ type: 'text', content: QUESTION }];
  it.each([
    ['a text', QUESTION],
    [
      'OpenTelemetry’s messages',
      [
        { role: 'system', parts: [{ type: 'text', content: 'Be nice' }] },
        { role: 'user', parts: [{ type: 'text', content: 'Hello' }] },
        { role: 'assistant', parts: [{ type: 'text', content: 'Hi' }] },
        { role: 'user', parts },
        { role: 'tool', parts: [{ type: 'tool_call_response', result: 'rain' }] },
      ],
    ],
    ['the messages of an API', { messages: [{ role: 'user', content: [{ type: 'text', text: QUESTION }] }] }],
    ['plain messages', [{ role: 'user', content: QUESTION }]],
    ['a prompt', { system: 'Be nice', prompt: QUESTION }],
  ])('is read from %s', async (_what, content) => {
    const sent = typeof content === 'string' ? content : JSON.stringify(content);
    expect((await single(chat(1, 1, { 'gen_ai.input.messages': sent }))).query_preview).toBe(QUESTION);
  });

  it.each([
    ['{"city":"Paris"}', 'Paris'],
    ['[1,2]', null],
    ['{"broken', null],
    ['[{"role":"user"}]', null],
  ])('is never JSON: %s is read as %s', async (sent, wanted) => {
    expect((await single(chat(1, 1, { 'input.value': sent }))).query_preview).toBe(wanted);
  });

  it('is the input of the first call if the agent has none, and never that of a tool', async () => {
    const found = await executionOf(
      { id: 'agent', from: 0, to: 9, attributes: is('invoke_agent') },
      {
        id: 'tool',
        parent: 'agent',
        from: 1,
        to: 2,
        attributes: is('execute_tool', { 'gen_ai.tool.call.arguments': '{}' }),
      },
      {
        id: 'call',
        parent: 'agent',
        from: 3,
        to: 4,
        attributes: chat(1, 1, { 'gen_ai.prompt.0.content': QUESTION }),
      },
    );
    expect(found.query_preview).toBe(QUESTION);
  });
});
