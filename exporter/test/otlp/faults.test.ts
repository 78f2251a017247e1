/** Edge cases of OTLP: deep and large traces, invalid text, cycles, spans with equal ids, errors in protobuf. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import type { Execution } from '../../src/facts/execution/execution.js';
import { executionsOf } from '../../src/ingest/otlp/execution.js';
import { lockTraces } from '../../src/ingest/otlp/kept.js';
import { MAX_SPANS_PER_TRACE, MAX_TRACE_MIB } from '../../src/ingest/otlp/merge.js';
import { treeOf, type Span } from '../../src/ingest/otlp/tree.js';
import { type Json, testApp, type TestApp } from '../support/app.js';
import { chat, envelope, EXECUTION, hex, type SpanSpec, wireSpan } from '../support/otlp.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

interface Answer {
  partialSuccess?: { rejectedSpans: string; errorMessage: string };
}
async function send(tenant: string, spans: readonly object[]): Promise<Answer> {
  const response = await t.post('/v1/traces', envelope(spans), tenant);
  expect(response.statusCode).toBe(200);
  return response.json<Answer>();
}
interface Detail extends Json {
  steps: Json[];
  token_usages: Json[];
}
const detail = (tenant: string): Promise<Detail> => t.read<Detail>(`executions/${EXECUTION}`, tenant);
const agent = (name: string, more: object = {}): Record<string, unknown> => ({
  'gen_ai.operation.name': 'invoke_agent',
  'gen_ai.agent.name': name,
  ...more,
});
const wire = (...specs: SpanSpec[]): object[] => specs.map((spec) => wireSpan(spec));

const span = (i: number, parent: number | null, fields: Span['fields']): Span => ({
  spanId: String(i).padStart(16, '0'),
  parentSpanId: parent === null ? null : String(parent).padStart(16, '0'),
  name: 's',
  start: i,
  end: 1_000_000,
  status: 'error',
  statusMessage: null,
  fields,
});

describe('a trace as a tree', () => {
  const executionOf = (spans: readonly Span[]): Execution => {
    const [execution, ...others] = executionsOf(EXECUTION, spans, () => false);
    expect(others).toEqual([]);
    return execution!;
  };
  const time = (spans: readonly Span[]): number => {
    const began = process.cpuUsage();
    expect([...executionsOf(EXECUTION, spans, () => false)].length).toBeGreaterThan(0);
    const { user, system } = process.cpuUsage(began);
    return user + system;
  };
  const chain = (size: number): Span[] =>
    Array.from({ length: size }, (_, i) =>
      span(
        i,
        i === 0 ? null : i - 1,
        i === 0 ? { role: 'agent', agentName: 'a' } : { role: 'tool', inputTokens: 1 },
      ),
    );
  const flat = (size: number): Span[] =>
    Array.from({ length: size }, (_, i) => span(i, i === 0 ? null : 0, { role: 'model', inputTokens: 1 }));

  it('counts only the lowest span of a chain of the maximum length', () => {
    const execution = executionOf(chain(MAX_SPANS_PER_TRACE));
    expect(execution.usages).toHaveLength(1);
    expect(execution.usages![0]).toMatchObject({ component: 'tool_call', input_tokens: 1 });
    expect(execution.steps).toHaveLength(MAX_SPANS_PER_TRACE - 1);
    expect(execution.header.status).toBe('failure');
  });

  it('counts each of as many siblings, and the call around them, which differs from their sum', () => {
    expect(executionOf(flat(200_000)).usages).toHaveLength(200_000);
  });

  it.each([
    ['deep', chain],
    ['wide', flat],
  ])('takes linear time for a %s trace', (_shape, made) => {
    time(made(20_000));
    const [small, large] = [made(5_000), made(40_000)].map((spans) =>
      Math.min(...Array.from({ length: 5 }, () => time(spans))),
    );
    // Eight times as many spans. If each walked to the root, it would take 64 times as long.
    expect(large! / small!).toBeLessThan(30);
  });

  it('makes the earliest span of a cycle its root, in any order', () => {
    const circle = [span(1, 3, {}), span(2, 1, {}), span(3, 2, {}), span(4, 2, {})];
    fc.assert(
      fc.property(fc.shuffledSubarray(circle, { minLength: 4 }), (spans) => {
        const shape = treeOf(spans).map(({ spanId, parent, depth }) => [spanId, parent?.spanId, depth]);
        const id = (i: number): string => String(i).padStart(16, '0');
        expect(shape).toEqual([
          [id(1), undefined, 0],
          [id(2), id(1), 1],
          [id(3), id(2), 2],
          [id(4), id(2), 2],
        ]);
      }),
    );
  });
});

it('stores a limited number of spans per trace, reports the rest, and accepts stored ones again', async () => {
  const tenant = t.tenant();
  const spans = Array.from({ length: MAX_SPANS_PER_TRACE + 3 }, (_, i) =>
    wireSpan({ id: `s${i}`, parent: 's0', from: 0, to: 1, attributes: chat(1, 1) }),
  );
  const half = MAX_SPANS_PER_TRACE / 2;
  expect(await send(tenant, spans.slice(0, half))).toEqual({});
  const rejected = {
    rejectedSpans: '3',
    errorMessage: `3 × a span beyond the ${MAX_SPANS_PER_TRACE} of one trace`,
  };
  expect(await send(tenant, spans.slice(half))).toEqual({ partialSuccess: rejected });
  expect(await send(tenant, spans.slice(0, 10))).toEqual({});
  expect(await send(tenant, spans.slice(-3))).toEqual({ partialSuccess: rejected });
  // One of them is the parent of all others; its tokens are not the sum of theirs.
  expect(await detail(tenant)).toMatchObject({ input_tokens: MAX_SPANS_PER_TRACE });
}, 600_000);

it('stores a limited size of a trace, reports the rest, and accepts stored spans again', async () => {
  const tenant = t.tenant();
  const attributes = {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'read',
    'gen_ai.tool.call.arguments': 'x'.repeat(16_000),
  };
  const spans = Array.from({ length: 600 }, (_, i) =>
    wireSpan({ id: `s${i}`, parent: 's0', from: 0, to: 1, attributes }),
  );
  expect(await send(tenant, spans)).toEqual({});
  const { partialSuccess } = (await send(
    tenant,
    spans.map((_, i) => wireSpan({ id: `t${i}`, parent: 's0', from: 0, to: 1, attributes })),
  )) as { partialSuccess: { rejectedSpans: string; errorMessage: string } };
  const { rejectedSpans: rejected, errorMessage } = partialSuccess;
  expect(errorMessage).toBe(`${rejected} × a span beyond the ${MAX_TRACE_MIB} MiB of one trace`);
  const { rows } = await t.pool.query<{ size: number; spans: number }>(
    'SELECT length(spans::text) AS size, json_array_length(spans) AS spans FROM otlp_traces WHERE tenant_id = $1',
    [tenant],
  );
  expect(rows[0]!.spans).toBe(1200 - Number(rejected));
  expect(rows[0]!.size / 1024 / 1024).toBeGreaterThan(MAX_TRACE_MIB - 0.1);
  expect(rows[0]!.size / 1024 / 1024).toBeLessThanOrEqual(MAX_TRACE_MIB);
  expect(await send(tenant, spans.slice(0, 10))).toEqual({});
}, 600_000);

it('updates stored spans from a request with more spans than a trace can have', async () => {
  const tenant = t.tenant();
  const some = (from: number, to: number, input: number, end: number): object[] =>
    Array.from({ length: to - from }, (_, i) =>
      wireSpan({ id: `s${from + i}`, parent: 'run', from: 0, to: end, attributes: chat(input, 1) }),
    );
  const run = wireSpan({ id: 'run', from: 0, to: 9, attributes: agent('a') });
  expect(await send(tenant, [run, ...some(2_001, MAX_SPANS_PER_TRACE + 2_000, 1, 1)])).toEqual({});
  expect(await send(tenant, some(0, MAX_SPANS_PER_TRACE + 2_000, 3, 2))).toMatchObject({
    partialSuccess: { rejectedSpans: '2001' },
  });
  expect(await detail(tenant)).toMatchObject({ input_tokens: 3 * (MAX_SPANS_PER_TRACE - 1) });
}, 600_000);

it('keeps what was appended to an execution until more of its trace arrives', async () => {
  const tenant = t.tenant();
  const call = { id: 'a', from: 0, to: 1, attributes: chat(10, 1) };
  await send(tenant, wire(call));
  const append = async (path: string, body: object): Promise<void> => {
    expect((await t.post(`/api/v1/executions/${EXECUTION}/${path}`, body, tenant)).json()).toMatchObject({
      accepted: 1,
    });
  };
  await append('steps', { steps: [{ step_number: 7, step_type: 'thought' }] });
  await append('token-usages', { token_usages: [{ component: 'x', input_tokens: 5 }] });
  await send(tenant, wire(call));
  await send(tenant, wire(call));
  const both = await detail(tenant);
  expect([both.steps.length, both.token_usages.length]).toEqual([1, 2]);
  await send(tenant, wire({ id: 'b', parent: 'a', from: 0, to: 1, attributes: chat(20, 1) }));
  const anew = await detail(tenant);
  expect([anew.steps.length, anew.token_usages.length]).toEqual([0, 2]);
});

it('registers each agent of a trace', async () => {
  const tenant = t.tenant();
  const outer = { id: 'o', from: 0, to: 9, attributes: agent('outer') };
  const helper = { id: 'h', parent: 'o', from: 1, to: 2, attributes: agent('helper') };
  await send(tenant, wire(outer));
  // In a separate request, of a tenant that has not sent traces in pieces before.
  await send(tenant, wire(helper));
  const { rows } = await t.pool.query<{ id: string }>(
    'SELECT id FROM agents WHERE tenant_id = $1 ORDER BY id',
    [tenant],
  );
  expect(rows).toEqual([{ id: 'helper' }, { id: 'outer' }]);
});

it('accepts a request with as many traces as a collector batches', async () => {
  const tenant = t.tenant();
  const spans = Array.from({ length: 12_000 }, (_, i) =>
    wireSpan({ id: `s${i}`, from: 0, to: 1, attributes: chat(1, 1) }, hex(`trace ${i}`, 32)),
  );
  expect(await send(tenant, spans)).toEqual({});
  expect(await t.read('executions', tenant)).toMatchObject({ total: 12_000 });
}, 600_000);

it('takes a limited number of locks, regardless of the number of traces', async () => {
  const client = await t.pool.connect();
  try {
    await client.query('BEGIN');
    const traces = Array.from({ length: 5_000 }, () => randomUUID());
    const tenant = t.tenant();
    await client.query(
      `INSERT INTO otlp_traces (tenant_id, trace_id, started_at, spans) SELECT $1, trace_id, now(), '[]'
       FROM unnest($2::uuid[]) AS trace_id`,
      [tenant, traces],
    );
    expect((await lockTraces(client, tenant, traces)).size).toBe(5_000);
    const { rows } = await client.query<{ locks: number }>(
      'SELECT count(*) AS locks FROM pg_locks WHERE pid = pg_backend_pid()',
    );
    expect(rows[0]!.locks).toBeLessThan(20);
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
});

describe('text that PostgreSQL would reject', () => {
  const pair = '😀';
  it.each([
    ['a long name cut within a pair', `${'a'.repeat(255)}${pair}`, 'a'.repeat(255)],
    ['half a pair', 'x\ud83d', 'x\ufffd'],
    ['U+0000 in a content', 'x\0y', 'xy'],
  ])('%s', async (_what, sent, kept) => {
    const tenant = t.tenant();
    const attributes = {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': sent.replace('\0', ''),
      'gen_ai.tool.call.arguments': sent,
      'user.id': 7,
    };
    await send(tenant, wire({ id: 'a', name: sent.repeat(3), from: 0, to: 1, attributes, error: sent }));
    const found = await detail(tenant);
    expect(found.user_id).toBe('7');
    expect(found.steps[0]!.content).toBe(sent.length > 250 ? sent : kept);
    expect(found.steps[0]!.tool_name).toBe(sent.includes('\0') ? 'xy' : kept);
  });

  it('long content cut inside a surrogate pair', async () => {
    const tenant = t.tenant();
    const content = `${'b'.repeat(16 * 1024 - 1)}${pair}`;
    const attributes = {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'read',
      'gen_ai.tool.call.result': content,
    };
    await send(tenant, wire({ id: 'a', from: 0, to: 1, attributes }));
    expect((await detail(tenant)).steps[0]!.content).toMatch(/^b+/);
  });

  it('a lone surrogate in an execution sent over REST', async () => {
    const tenant = t.tenant();
    const execution = {
      id: EXECUTION,
      status: 'success',
      started_at: '2026-03-18T11:00:00Z',
      query_preview: 'x\ud83d',
      tags: ['y\udc00'],
    };
    for (const counted of [{ accepted: 1 }, { duplicates: 1 }]) {
      const response = await t.post('/api/v1/executions', { executions: [execution] }, tenant);
      expect(response.json()).toMatchObject(counted);
    }
    expect(await detail(tenant)).toMatchObject({ query_preview: 'x\ufffd', tags: ['y\ufffd'] });
  });
});

it('keeps the same one of two different spans with equal ids, in any order, in one batch and in two', async () => {
  const variants = [
    { id: 'a', from: 0, to: 2, attributes: chat(10, 1) },
    { id: 'a', from: 0, to: 2, attributes: chat(20, 1) },
    { id: 'a', from: 1, to: 2, attributes: chat(30, 1) },
    { id: 'a', name: 'z', from: 1, to: 2, attributes: chat(30, 1), error: 'no' },
  ];
  const found = new Set<string>();
  for (const order of [variants, [...variants].reverse()]) {
    for (const together of [true, false]) {
      const tenant = t.tenant();
      for (const batch of together ? [order] : order.map((spec) => [spec]))
        await send(tenant, wire(...batch));
      const { input_tokens, status } = await detail(tenant);
      found.add(JSON.stringify([input_tokens, status]));
    }
  }
  expect([...found]).toEqual(['[30,"failure"]']);
});

describe('a trace', () => {
  it('fails if the agent around a successful workflow failed', async () => {
    const tenant = t.tenant();
    await send(
      tenant,
      wire(
        { id: 'agent', from: 0, to: 9, attributes: agent('outer', { 'error.type': 'Refused' }), error: 'no' },
        {
          id: 'flow',
          parent: 'agent',
          from: 1,
          to: 8,
          attributes: { 'gen_ai.operation.name': 'invoke_workflow', 'gen_ai.workflow.name': 'inner' },
        },
      ),
    );
    expect(await detail(tenant)).toMatchObject({
      agent_id: 'outer',
      flow_id: 'inner',
      status: 'failure',
      error_type: 'Refused',
    });
  });

  it('provides tool, result and error type under each alias', async () => {
    for (const [attribute, alias] of [
      ['gen_ai.tool.call.result', 'error.type'],
      ['output.value', 'exception.type'],
      ['traceloop.entity.output', 'error.type'],
    ] as const) {
      for (const tool of ['gen_ai.tool.name', 'tool.name', 'traceloop.entity.name']) {
        const tenant = t.tenant();
        const attributes = {
          'gen_ai.operation.name': 'execute_tool',
          [tool]: 'search',
          [attribute]: 'found it',
          [alias]: 'Strange',
        };
        await send(tenant, wire({ id: 'a', from: 0, to: 1, attributes, error: 'no' }));
        const found = await detail(tenant);
        expect(found.steps[0]).toMatchObject({ tool_name: 'search', content: 'found it', status: 'failure' });
        expect(found.error_type).toBe('Strange');
      }
    }
  });

  it('is stored without content except that of tools and a preview', async () => {
    const tenant = t.tenant();
    const long = 'q'.repeat(5_000);
    await send(
      tenant,
      wire({
        id: 'a',
        from: 0,
        to: 1,
        attributes: chat(1, 1, { 'gen_ai.prompt': long, 'gen_ai.completion': long }),
      }),
    );
    const { rows } = await t.pool.query<{ length: number }>(
      'SELECT length(spans::text) AS length FROM otlp_traces WHERE tenant_id = $1',
      [tenant],
    );
    expect(rows[0]!.length).toBeLessThan(600);
    expect((await detail(tenant)).query_preview).toHaveLength(100);
  });

  it.each([
    [
      'the missing part of a total',
      { 'llm.token_count.total': 12, 'gen_ai.usage.output_tokens': 2 },
      [10, 2, 0],
    ],
    ['a total alone as input', { 'llm.usage.total_tokens': 12 }, [12, 0, 0]],
    [
      'cached tokens that are in the total but not in the input',
      {
        'gen_ai.usage.input_tokens': 100,
        'gen_ai.usage.output_tokens': 10,
        'gen_ai.usage.cache_read_input_tokens': 40,
        'gen_ai.usage.total_tokens': 150,
      },
      [140, 10, 40],
    ],
    [
      'cached tokens that are in the input',
      {
        'gen_ai.usage.input_tokens': 100,
        'gen_ai.usage.output_tokens': 10,
        'gen_ai.usage.cache_read_input_tokens': 40,
        'gen_ai.usage.total_tokens': 110,
      },
      [100, 10, 40],
    ],
  ])('counts %s', async (_what, counts, wanted) => {
    const tenant = t.tenant();
    await send(
      tenant,
      wire({ id: 'a', from: 0, to: 1, attributes: { 'gen_ai.operation.name': 'chat', ...counts } }),
    );
    const { input_tokens, output_tokens, cached_input_tokens } = await detail(tenant);
    expect([input_tokens, output_tokens, cached_input_tokens]).toEqual(wanted);
  });

  it.each([
    ['creating an agent', { 'gen_ai.operation.name': 'create_agent', 'gen_ai.request.model': 'gpt-4o' }],
    ['a chain', { 'openinference.span.kind': 'CHAIN', 'llm.model_name': 'gpt-4o' }],
  ])('does not count %s as a model call', async (_what, attributes) => {
    const tenant = t.tenant();
    await send(
      tenant,
      wire(
        { id: 'a', from: 0, to: 9, attributes },
        { id: 'b', parent: 'a', from: 1, to: 2, attributes: chat(5, 1) },
      ),
    );
    expect((await detail(tenant)).token_usages).toHaveLength(1);
  });

  it.each([
    ['azure.ai.inference', 'gpt-4o'],
    ['az.ai.openai', 'gpt-4o'],
    ['gcp.gen_ai', 'gemini-2.0-flash'],
    ['x_ai', 'grok-3'],
  ])('prices %s', async (provider, model) => {
    const tenant = t.tenant();
    const attributes = chat(1000, 1, { 'gen_ai.provider.name': provider, 'gen_ai.request.model': model });
    await send(tenant, wire({ id: 'a', from: 0, to: 1, attributes }));
    expect(await detail(tenant)).toMatchObject({ cost_source: 'computed', provider });
  });
});

describe('in protobuf', () => {
  const { root } = protobuf.parse(`
    syntax = "proto3";
    message Status { int32 code = 1; string message = 2; }
    message Answer { Partial partial_success = 1; }
    message Partial { int64 rejected_spans = 1; string error_message = 2; }
    message Request { repeated Resource resource_spans = 1; }
    message Resource { repeated Scope scope_spans = 2; }
    message Scope { repeated Span spans = 2; }
    message Span { bytes trace_id = 1; bytes span_id = 2; string name = 5; }
  `);
  const headers = { 'content-type': 'application/x-protobuf' };
  const decode = (type: string, bytes: Uint8Array): Record<string, unknown> => {
    const message = root.lookupType(type);
    return message.toObject(message.decode(bytes), { longs: Number });
  };

  it('a partial success', async () => {
    const spans = [{ traceId: new Uint8Array(16).fill(7), spanId: new Uint8Array(8), name: 'a' }];
    const request = root.lookupType('Request');
    const body = Buffer.from(
      request.encode(request.fromObject({ resourceSpans: [{ scopeSpans: [{ spans }] }] })).finish(),
    );
    const response = await t.post('/v1/traces', body, { headers });
    expect([response.statusCode, response.headers['content-type']]).toEqual([200, headers['content-type']]);
    expect(decode('Answer', response.rawPayload)).toEqual({
      partialSuccess: {
        rejectedSpans: 1,
        errorMessage: '1 × a span without a valid span id (8 bytes, not all zero)',
      },
    });
  });

  it.each([
    ['a body that is none', Buffer.from([0xff, 0xff]), {}, 400, 3, /^VALIDATION_ERROR: the body is no/],
    ['no token', Buffer.alloc(0), { token: null }, 401, 16, /^UNAUTHORIZED: /],
    [
      'a token without write scope',
      Buffer.alloc(0),
      { scopes: ['analytics:read' as const] },
      403,
      7,
      /^FORBIDDEN: /,
    ],
    ['a body too large', Buffer.alloc(17 * 1024 * 1024), {}, 413, 8, /^PAYLOAD_TOO_LARGE: /],
  ])('%s returns a Status', async (_what, body, options, status, code, message) => {
    const response = await t.post('/v1/traces', body, { ...options, headers });
    expect([response.statusCode, response.headers['content-type']]).toEqual([
      status,
      headers['content-type'],
    ]);
    expect(decode('Status', response.rawPayload)).toEqual({ code, message: expect.stringMatching(message) });
  });
});

it('reports each reason why spans were rejected', async () => {
  const tenant = t.tenant();
  const good = wireSpan({ id: 'a', from: 0, to: 1, attributes: chat(1, 1) });
  const { partialSuccess } = await send(tenant, [
    { ...good, traceId: '' },
    { ...good, spanId: '' },
    { ...good, endTimeUnixNano: '1' },
    { ...good, startTimeUnixNano: undefined },
    wireSpan({ id: 'b', from: -900_000_000, to: 0, attributes: {} }),
    wireSpan({ id: 'c', from: 7_200, to: 7_201, attributes: {} }),
  ]);
  expect(partialSuccess!.errorMessage.split('; ')).toHaveLength(6);
  expect(partialSuccess!.errorMessage).toContain(
    "EXECUTION_IN_FUTURE: a span more than 5 minutes ahead of the service's clock",
  );
});

it('accepts spans of a tenant in the free tier, whose reads are refused', async () => {
  const tenant = t.tenant();
  await t.pool.query("INSERT INTO tenants (id, name, tier) VALUES ($1, 'x', 'free')", [tenant]);
  await send(tenant, wire({ id: 'a', from: 0, to: 1, attributes: chat(1, 1) }));
  const { rows } = await t.pool.query('SELECT 1 FROM executions WHERE tenant_id = $1', [tenant]);
  expect(rows).toHaveLength(1);
  const answer = await t.get(`/api/v1/analytics/executions/${EXECUTION}`, tenant);
  expect(answer.json()).toMatchObject({ code: 'ANALYTICS_NOT_AVAILABLE' });
});
