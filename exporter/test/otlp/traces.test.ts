/** OTLP ingest with a real SDK over a real port: both encodings, any order, repeated and split; rejected and ignored spans. */
import { ROOT_CONTEXT, SpanStatusCode, trace, type Span as ApiSpan } from '@opentelemetry/api';
import { OTLPTraceExporter as HttpExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import fc from 'fast-check';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { MAPPING, ROLES } from '../../src/ingest/otlp/mapping.js';
import { type Json, refusalOf, testApp, type TestApp } from '../support/app.js';
import { chat, envelope, EXECUTION, runsOf, type SpanSpec, wireSpan } from '../support/otlp.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

async function send(tenant: string, ...spans: SpanSpec[]): Promise<Json> {
  const response = await t.post('/v1/traces', envelope(spans.map((span) => wireSpan(span))), { tenant });
  expect(response.statusCode).toBe(200);
  return response.json<Json>();
}

interface Detail extends Json {
  steps: Json[];
  token_usages: Json[];
}
const detail = (tenant: string, id = EXECUTION): Promise<Detail> =>
  t.read<Detail>(`executions/${id}`, tenant);

/** A web request that invokes an agent, which calls a model, a tool that calls a model, and another agent. */
const FLEET: readonly SpanSpec[] = [
  { id: 'http', name: 'POST /ask', from: 0, to: 20, attributes: { 'http.route': '/ask', 'user.id': 'u-1' } },
  {
    id: 'agent',
    parent: 'http',
    name: 'invoke_agent Billing Bot',
    from: 1,
    to: 19,
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'Billing Bot',
      'gen_ai.agent.id': 'agent-7',
      'gen_ai.conversation.id': 'conversation-1',
      // The sum of its children, which must not be counted again.
      'gen_ai.usage.input_tokens': 1600,
      'gen_ai.usage.output_tokens': 80,
    },
  },
  {
    id: 'chat1',
    parent: 'agent',
    from: 2,
    to: 4,
    attributes: chat(1000, 50, { 'gen_ai.usage.cache_read.input_tokens': 400 }),
  },
  {
    id: 'tool',
    parent: 'agent',
    name: 'execute_tool search',
    from: 5,
    to: 9,
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'search',
      'gen_ai.tool.call.arguments': '{"q":1}',
    },
  },
  { id: 'chat2', parent: 'tool', from: 6, to: 8, attributes: chat(400, 20) },
  {
    id: 'sub',
    parent: 'agent',
    from: 10,
    to: 15,
    attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'helper' },
  },
  { id: 'chat3', parent: 'sub', from: 11, to: 12, attributes: chat(200, 10) },
];

const WHOLE = [
  {
    id: EXECUTION,
    parent_execution_id: null,
    status: 'success',
    agent_id: 'Billing-Bot',
    agent_name: 'Billing Bot',
    session_id: 'conversation-1',
    user_id: 'u-1',
    provider: 'openai',
    model_name: 'gpt-4o',
    started_at: '2026-03-18T11:00:01.000Z',
    completed_at: '2026-03-18T11:00:19.000Z',
    execution_time_ms: 18_000,
    input_tokens: 1400,
    output_tokens: 70,
    cached_input_tokens: 400,
    cost_usd: 0.0037,
    steps: [
      {
        step_number: 1,
        step_type: 'tool_call',
        tool_name: 'search',
        status: 'success',
        duration_ms: 4000,
        content: '{"q":1}',
      },
    ],
    token_usages: [
      { component: 'main_agent', input_tokens: 1000, cached_input_tokens: 400 },
      { component: 'tool_call', input_tokens: 400 },
    ],
    children: [{ agent_id: 'helper', status: 'success', cost_usd: 0.0006 }],
    subtree: { executions: 2, total_tokens: 1680, cost_usd: 0.0043, unpriced_executions: 0 },
  },
  {
    parent_execution_id: EXECUTION,
    status: 'success',
    agent_id: 'helper',
    session_id: 'conversation-1',
    user_id: 'u-1',
    started_at: '2026-03-18T11:00:10.000Z',
    execution_time_ms: 5000,
    input_tokens: 200,
    cost_usd: 0.0006,
    steps: [],
    token_usages: [{ component: 'main_agent', input_tokens: 200 }],
    children: [],
  },
];

it('makes an execution of each run of a trace, its tokens counted once', async () => {
  const tenant = t.tenant();
  expect(await send(tenant, ...FLEET)).toEqual({});
  expect(await runsOf(t, tenant)).toMatchObject(WHOLE);
});

it('gives the same rows in any order, twice, and in pieces', async () => {
  const rows = (tenant: string): Promise<Json[]> => runsOf(t, tenant);
  const once = t.tenant();
  await send(once, ...FLEET);
  const wanted = await rows(once);
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray([...FLEET, ...FLEET], { minLength: 2 * FLEET.length }),
      fc.array(fc.nat({ max: 2 * FLEET.length }), { maxLength: 4 }),
      async (spans, cuts) => {
        const tenant = t.tenant();
        const places = [0, ...cuts.sort((a, b) => a - b), spans.length];
        for (let i = 1; i < places.length; i += 1)
          await send(tenant, ...spans.slice(places[i - 1], places[i]));
        expect(await rows(tenant)).toEqual(wanted);
      },
    ),
    { numRuns: 25 },
  );
});

it('is the same from many batches at once, on two replicas', async () => {
  const other = await testApp({ database: t.database });
  const tenant = t.tenant();
  const answers = await Promise.all(
    FLEET.flatMap((span, i) =>
      [t, other].map((app) =>
        app.post('/v1/traces', envelope([wireSpan(span), wireSpan(FLEET[(i + 1) % FLEET.length]!)]), tenant),
      ),
    ),
  );
  expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 200));
  expect(await runsOf(t, tenant)).toMatchObject(WHOLE);
  await other.close();
});

describe.each([
  ['protobuf', ProtoExporter],
  ['JSON', HttpExporter],
])('a real SDK exporting %s to a real port', (_name, Exporter) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await testApp({ database: t.database, now: new Date().toISOString() });
    await app.app.listen({ port: 0, host: '127.0.0.1' });
  });
  afterAll(() => app.close());

  it.each(['none', 'gzip'])('with compression %s', async (compression) => {
    const tenant = app.tenant() + compression + _name;
    const { port } = app.app.server.address() as AddressInfo;
    const exporter = new Exporter({
      url: `http://127.0.0.1:${port}/v1/traces`,
      headers: await app.headers(tenant),
      compression: compression as never,
    });
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    const tracer = provider.getTracer('test');
    const child = (name: string, parent: ApiSpan, attributes: Record<string, string | number>): ApiSpan =>
      tracer.startSpan(name, { attributes }, trace.setSpan(ROOT_CONTEXT, parent));
    const root = tracer.startSpan('invoke_workflow Nightly run', {
      attributes: { 'gen_ai.operation.name': 'invoke_workflow', 'gen_ai.workflow.name': 'Nightly run' },
    });
    const agent = child('invoke_agent auditor', root, {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'auditor',
    });
    const call = child('chat gpt-4o', agent, chat(1000, 100) as Record<string, string>);
    call.end();
    const tool = child('execute_tool pay', agent, { 'gen_ai.operation.name': 'execute_tool' });
    tool
      .setStatus({ code: SpanStatusCode.ERROR, message: 'declined' })
      .setAttribute('error.type', 'PaymentDeclined')
      .end();
    agent.setStatus({ code: SpanStatusCode.ERROR }).end();
    root.setStatus({ code: SpanStatusCode.ERROR, message: 'failed' }).end();
    await provider.forceFlush();
    await provider.shutdown();
    const traceId = root.spanContext().traceId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    expect(await app.read(`executions/${traceId}`, tenant)).toMatchObject({
      flow_id: 'Nightly-run',
      agent_id: 'auditor',
      status: 'failure',
      error_type: 'PaymentDeclined',
      error_message: 'declined',
      input_tokens: 1000,
      output_tokens: 100,
      steps: [{ tool_name: 'pay', status: 'failure' }],
      token_usages: [{ model: 'gpt-4o', provider: 'openai', component: 'main_agent' }],
    });
  });
});

describe('the mapping', () => {
  const single = async (attributes: Record<string, unknown>): Promise<Detail> => {
    const tenant = t.tenant();
    await send(tenant, { id: 'a', from: 0, to: 1, attributes });
    return detail(tenant);
  };

  it.each(
    Object.entries(ROLES)
      .filter(([, role]) => role === 'model')
      .map(([name]) => name),
  )('takes %s for a call of a model', async (name) => {
    const found = await single({
      'gen_ai.operation.name': name.toUpperCase(),
      'gen_ai.usage.input_tokens': 5,
    });
    expect(found).toMatchObject({ input_tokens: 5, token_usages: [{ component: 'main_agent' }] });
  });

  const FIELDS: Record<string, (found: Detail) => unknown> = {
    provider: ({ token_usages }) => token_usages[0]!.provider,
    model: ({ token_usages }) => token_usages[0]!.model,
    inputTokens: ({ token_usages }) => token_usages[0]!.input_tokens,
    outputTokens: ({ token_usages }) => token_usages[0]!.output_tokens,
    cachedInputTokens: ({ token_usages }) => token_usages[0]!.cached_input_tokens,
    cacheWriteTokens: ({ token_usages }) => token_usages[0]!.cache_write_tokens,
    reasoningTokens: ({ token_usages }) => token_usages[0]!.reasoning_tokens,
    costUsd: ({ cost_usd }) => cost_usd,
    agentId: ({ agent_id }) => agent_id,
    agentName: ({ agent_name }) => agent_name,
    workflow: ({ flow_id }) => flow_id,
    session: ({ session_id }) => session_id,
    user: ({ user_id }) => user_id,
    input: ({ query_preview }) => query_preview,
    environment: ({ environment }) => environment,
    serviceName: ({ service_name }) => service_name,
    serviceVersion: ({ service_version }) => service_version,
  };
  const aliases = MAPPING.filter(({ field }) => field in FIELDS).flatMap(({ field, kind, attributes }) =>
    attributes.map((attribute) => ({ field, kind, attribute })),
  );
  it.each(aliases)('reads $field from $attribute', async ({ field, kind, attribute }) => {
    const value = kind === 'count' ? 7 : kind === 'money' ? 0.25 : 'word';
    const tokens = {
      'gen_ai.operation.name': 'chat',
      ...(field === 'inputTokens' ? {} : { 'gen_ai.usage.input_tokens': 9 }),
    };
    expect(FIELDS[field]!(await single({ ...tokens, [attribute]: value }))).toBe(value);
  });

  it('reads the roles of OpenInference and OpenLLMetry', async () => {
    const tenant = t.tenant();
    await send(
      tenant,
      {
        id: 'w',
        name: 'w',
        from: 0,
        to: 9,
        attributes: { 'traceloop.span.kind': 'workflow', 'traceloop.entity.name': 'book trip' },
      },
      {
        id: 'a',
        parent: 'w',
        from: 1,
        to: 8,
        attributes: { 'openinference.span.kind': 'AGENT', 'agent.name': 'planner' },
      },
      {
        id: 't',
        parent: 'a',
        from: 2,
        to: 3,
        attributes: { 'openinference.span.kind': 'TOOL', 'tool.name': 'maps' },
      },
      {
        id: 'l',
        parent: 'a',
        from: 4,
        to: 5,
        attributes: {
          'openinference.span.kind': 'LLM',
          'llm.model_name': 'gpt-4o',
          'llm.token_count.prompt': 3,
        },
      },
    );
    expect(await detail(tenant)).toMatchObject({
      flow_id: 'book-trip',
      agent_id: 'planner',
      input_tokens: 3,
      steps: [{ tool_name: 'maps' }],
    });
  });

  it('adds cached tokens to an input without them, and ignores a negative count', async () => {
    expect(await single(chat(10, 5, { 'gen_ai.usage.cache_read_input_tokens': 90 }))).toMatchObject({
      input_tokens: 100,
      cached_input_tokens: 90,
    });
    expect(await single(chat(-10, 5))).toMatchObject({ input_tokens: 0, output_tokens: 5 });
  });

  it('counts the tokens of an agent if no span below it has any', async () => {
    expect(
      await single({
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': 'remote',
        'gen_ai.usage.input_tokens': 12,
      }),
    ).toMatchObject({ agent_id: 'remote', input_tokens: 12 });
  });
});

describe('a rejected span', () => {
  it('is reported in the partial success, and the others are stored', async () => {
    const tenant = t.tenant();
    const good = wireSpan(FLEET[1]!);
    const bad = [
      { ...good, traceId: '' },
      { ...good, traceId: '0'.repeat(32) },
      { ...good, spanId: 'abc' },
      { ...good, endTimeUnixNano: '1' },
      { ...good, startTimeUnixNano: undefined },
      wireSpan({ ...FLEET[1]!, from: -900_000_000, to: -899_999_999 }),
      wireSpan({ ...FLEET[1]!, from: 7_200, to: 7_201 }),
    ];
    const response = await t.post('/v1/traces', envelope([...bad, good]), tenant);
    const { partialSuccess } = response.json<{
      partialSuccess: { rejectedSpans: string; errorMessage: string };
    }>();
    expect([response.statusCode, partialSuccess.rejectedSpans]).toEqual([200, '7']);
    for (const reason of [
      '2 × a span without a valid trace id',
      '1 × a span without a valid span id',
      'ends before it starts',
      'without start or end time',
      'EXECUTION_TOO_OLD',
    ])
      expect(partialSuccess.errorMessage).toContain(reason);
    expect(await detail(tenant)).toMatchObject({ agent_id: 'Billing-Bot' });
  });

  it.each([
    ['no JSON', '{', 'application/json'],
    ['an array', '[]', 'application/json'],
    ['logs', '{"resourceLogs":[]}', 'application/json'],
  ])('%s', async (_what, body, type) => {
    const response = await t.post('/v1/traces', body, { headers: { 'content-type': type } });
    expect(refusalOf(response)).toEqual([400, 'VALIDATION_ERROR']);
  });

  it('another content type, a missing token, and one without write scope', async () => {
    expect(refusalOf(await t.post('/v1/traces', 'x', { headers: { 'content-type': 'text/csv' } }))).toEqual([
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ]);
    expect(refusalOf(await t.post('/v1/traces', {}, { token: null }))).toEqual([401, 'UNAUTHORIZED']);
    expect(refusalOf(await t.post('/v1/traces', {}, { scopes: ['analytics:read'] }))).toEqual([
      403,
      'FORBIDDEN',
    ]);
  });

  it('is not a trace without model calls, from which no execution is made', async () => {
    const tenant = t.tenant();
    expect(await send(tenant, { id: 'a', from: 0, to: 1, attributes: { 'http.route': '/' } })).toEqual({});
    expect(await t.read('executions', tenant)).toMatchObject({ total: 0 });
  });
});

it('accepts an empty request and a compressed one', async () => {
  expect((await t.post('/v1/traces', {})).json()).toEqual({});
  const tenant = t.tenant();
  const body = gzipSync(JSON.stringify(envelope([wireSpan(FLEET[1]!)])));
  expect(
    (await t.post('/v1/traces', body, { tenant, headers: { 'content-encoding': 'gzip' } })).statusCode,
  ).toBe(200);
  expect(await detail(tenant)).toMatchObject({ agent_id: 'Billing-Bot' });
});

it('makes another execution from another tenant’s spans of the same trace', async () => {
  const [one, two] = [t.tenant(), t.tenant()];
  await send(one, ...FLEET);
  await send(two, FLEET[2]!);
  expect(await detail(one)).toMatchObject({ input_tokens: 1400 });
  expect(await detail(two)).toMatchObject({ input_tokens: 1000, agent_id: null, session_id: null });
});
