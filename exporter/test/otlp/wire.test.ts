/** OTLP from other clients: unknown fields, other signals, values of every type, exceptions as events. */
import protobuf from 'protobufjs';
import { bodyOf, type Json, refusalOf, testApp, type TestApp } from '../support/app.js';
import { chat, envelope, EXECUTION, NOON, TRACE, wireSpan } from '../support/otlp.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

interface Detail extends Json {
  steps: Json[];
  token_usages: Json[];
}
const detail = (tenant: string): Promise<Detail> => t.read<Detail>(`executions/${EXECUTION}`, tenant);
const call = (attributes: Record<string, unknown> = {}): Record<string, unknown> =>
  wireSpan({ id: 'a', from: 0, to: 1, attributes: chat(10, 5, attributes) }) as Record<string, unknown>;

describe('JSON', () => {
  it('with unknown fields on every level is read', async () => {
    const tenant = t.tenant();
    const span = { ...call(), flags: 257, links: [{ traceId: TRACE, future: 1 }], future: { a: 1 } };
    const body = {
      resourceSpans: [{ scopeSpans: [{ spans: [span], schemaUrl: '', future: 1 }], future: 1 }],
      future: { nested: [1] },
    };
    expect(bodyOf(await t.post('/v1/traces', body, tenant))).toEqual({});
    expect(await detail(tenant)).toMatchObject({ input_tokens: 10 });
  });

  it.each([
    ['a byte order mark', 'application/json', (body: string) => `\ufeff${body}`],
    ['parameters of the content type', 'application/json; charset=utf-8', (body: string) => body],
    ['an upper-case content type', 'Application/JSON', (body: string) => body],
    [
      'a field __proto__',
      'application/json',
      (body: string) => body.replace('{', '{"__proto__":{"spans":[]},'),
    ],
  ])('with %s is read', async (_what, type, changed) => {
    const tenant = t.tenant();
    const body = changed(JSON.stringify(envelope([call()])));
    const answer = await t.post('/v1/traces', body, { tenant, headers: { 'content-type': type } });
    expect(bodyOf(answer)).toEqual({});
    expect(await detail(tenant)).toMatchObject({ input_tokens: 10 });
  });

  it.each([
    ['logs', { resourceLogs: [{ scopeLogs: [] }] }],
    ['metrics', { resourceMetrics: [] }],
    ['names in snake case', { resource_spans: [] }],
    ['executions', { executions: [] }],
    ['spans that are not an array', { resourceSpans: {} }],
  ])('with %s is not a request of spans', async (_what, body) => {
    expect(refusalOf(await t.post('/v1/traces', body))).toEqual([400, 'VALIDATION_ERROR']);
  });

  it.each([
    ['an integer as text', { intValue: '12' }],
    ['an integer as a number', { intValue: 12 }],
    ['a whole double', { doubleValue: 12 }],
    ['a double as text', { doubleValue: '12' }],
    ['a text', { stringValue: '12' }],
  ])('counts %s', async (_what, value) => {
    const tenant = t.tenant();
    const span = call();
    const attributes = [
      { key: 'gen_ai.operation.name', value: { stringValue: 'chat' } },
      { key: 'gen_ai.usage.input_tokens', value },
    ];
    await t.post('/v1/traces', envelope([{ ...span, attributes }]), tenant);
    expect(await detail(tenant)).toMatchObject({ input_tokens: 12 });
  });

  it.each([
    ['a fraction', { doubleValue: 1.5 }],
    ['nothing', {}],
    ['text that is not a number', { intValue: 'many' }],
    ['an empty text', { intValue: '' }],
    ['a boolean', { boolValue: true }],
    ['a list', { arrayValue: { values: [{ intValue: 7 }] } }],
    ['more than a call can have', { intValue: '9007199254740993' }],
  ])('does not count %s', async (_what, value) => {
    const tenant = t.tenant();
    const attributes = [
      { key: 'gen_ai.operation.name', value: { stringValue: 'chat' } },
      { key: 'gen_ai.usage.input_tokens', value },
    ];
    await t.post('/v1/traces', envelope([{ ...call(), attributes }]), tenant);
    expect(await detail(tenant)).toMatchObject({ input_tokens: 0 });
  });

  it('keeps structured arguments, and leaves out values that are nested too deep', async () => {
    // As text, because JSON.stringify does not support this depth.
    const [open, close] = ['{"arrayValue":{"values":[', ']}}'].map((text) => text.repeat(2_000));
    const deep = `${open}{"stringValue":"x"}${close}`;
    const tenant = t.tenant();
    const flat = {
      kvlistValue: { values: [{ key: 'q', value: { arrayValue: { values: [{ intValue: 1 }] } } }] },
    };
    const attributes = [
      { key: 'gen_ai.operation.name', value: { stringValue: 'execute_tool' } },
      { key: 'gen_ai.tool.call.arguments', value: flat },
      { key: 'gen_ai.tool.call.result', value: { stringValue: 'DEEP' } },
    ];
    const body = JSON.stringify(envelope([{ ...call(), attributes }])).replace(
      '{"stringValue":"DEEP"}',
      deep,
    );
    expect(bodyOf(await t.post('/v1/traces', body, tenant))).toEqual({});
    expect((await detail(tenant)).steps[0]!.content).toMatch(/^\{"q":\[1\]\}\n→ \[+\]+$/);
  });
});

describe('an exception event of a span', () => {
  const event = (type: string, message: string): object => ({
    name: 'exception',
    attributes: [
      { key: 'exception.type', value: { stringValue: type } },
      { key: 'exception.message', value: { stringValue: message } },
    ],
  });

  it('explains the failure; the last of several counts', async () => {
    const tenant = t.tenant();
    const events = [event('Overloaded', 'first'), { name: 'retry' }, event('RateLimitError', 'slow down')];
    await t.post('/v1/traces', envelope([{ ...call(), status: { code: 2 }, events }]), tenant);
    expect(await detail(tenant)).toMatchObject({
      status: 'failure',
      error_type: 'RateLimitError',
      error_message: 'slow down',
    });
  });

  it('has lower precedence than the span’s own status, and does not fail a successful span', async () => {
    const tenant = t.tenant();
    const failed = { ...call({ 'error.type': 'Own' }), status: { code: 2, message: 'own words' } };
    await t.post('/v1/traces', envelope([{ ...failed, events: [event('Other', 'other')] }]), tenant);
    expect(await detail(tenant)).toMatchObject({ error_type: 'Own', error_message: 'own words' });
    const other = t.tenant();
    await t.post('/v1/traces', envelope([{ ...call(), events: [event('Handled', 'handled')] }]), other);
    expect(await detail(other)).toMatchObject({ status: 'success', error_type: null, error_message: null });
  });
});

describe('protobuf', () => {
  const { root } = protobuf.parse(`
    syntax = "proto3";
    message Logs { repeated ResourceLogs resource_logs = 1; }
    message ResourceLogs { repeated ScopeLogs scope_logs = 2; }
    message ScopeLogs { repeated LogRecord log_records = 2; }
    message LogRecord {
      fixed64 time_unix_nano = 1; int32 severity_number = 2; string severity_text = 3; AnyValue body = 5;
      bytes trace_id = 9; bytes span_id = 10;
    }
    message Metrics { repeated ResourceMetrics resource_metrics = 1; }
    message ResourceMetrics { repeated ScopeMetrics scope_metrics = 2; }
    message ScopeMetrics { repeated Metric metrics = 2; }
    message Metric { string name = 1; string description = 2; string unit = 3; Gauge gauge = 5; Sum sum = 7; }
    message Gauge { repeated Point points = 1; }
    message Sum { repeated Point points = 1; int32 temporality = 2; }
    message Point { fixed64 time = 3; double value = 4; }
    message Spans { repeated ResourceSpans resource_spans = 1; string future = 99; }
    message ResourceSpans { repeated ScopeSpans scope_spans = 2; }
    message ScopeSpans { repeated Span spans = 2; }
    message Span {
      bytes trace_id = 1; bytes span_id = 2; string name = 5; fixed64 start = 7; fixed64 end = 8;
      repeated KeyValue attributes = 9; repeated Event events = 11; Status status = 15; Gauge future = 77;
    }
    message Event { fixed64 time = 1; string name = 2; repeated KeyValue attributes = 3; }
    message Status { string message = 2; int32 code = 3; }
    message KeyValue { string key = 1; AnyValue value = 2; }
    message AnyValue { string string_value = 1; int64 int_value = 3; double double_value = 4; }
  `);
  const headers = { 'content-type': 'application/x-protobuf' };
  const encode = (type: string, message: object): Buffer => {
    const found = root.lookupType(type);
    return Buffer.from(found.encode(found.fromObject(message)).finish());
  };
  const time = String(BigInt(NOON) * 1_000_000n);
  const log = { severityText: 'INFO', body: { stringValue: 'hello' } };
  const logs = (record: object): object => ({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] });
  const metrics = (metric: object): object => ({
    resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }],
  });

  it.each([
    ['logs', 'Logs', logs(log)],
    ['logs with all they have', 'Logs', logs({ ...log, timeUnixNano: time, severityNumber: 9 })],
    [
      'logs inside a span',
      'Logs',
      logs({ ...log, traceId: Buffer.from(TRACE, 'hex'), spanId: Buffer.alloc(8, 1) }),
    ],
    ['a sum', 'Metrics', metrics({ name: 'calls', unit: '1', sum: { points: [{ time, value: 1 }] } })],
    [
      'a sum whose name is as long as an id',
      'Metrics',
      metrics({ name: 'sixteen.letters.', description: 'eight..!', sum: { points: [{ time, value: 1 }] } }),
    ],
    ['a gauge', 'Metrics', metrics({ name: 'load', gauge: { points: [{ time, value: 1 }] } })],
  ])('with %s is not a request of spans', async (_what, type, message) => {
    const response = await t.post('/v1/traces', encode(type, message), { headers });
    expect([response.statusCode, response.headers['content-type']]).toEqual([400, headers['content-type']]);
  });

  it('with an upper-case content type is read', async () => {
    const response = await t.post('/v1/traces', Buffer.alloc(0), {
      headers: { 'content-type': 'Application/X-Protobuf' },
    });
    expect([response.statusCode, response.headers['content-type']]).toEqual([200, headers['content-type']]);
  });

  it('without content is an empty request', async () => {
    const response = await t.post('/v1/traces', Buffer.alloc(0), { headers });
    expect([response.statusCode, response.rawPayload]).toEqual([200, Buffer.alloc(0)]);
  });

  it('with unknown fields and an exception is read', async () => {
    const tenant = t.tenant();
    const text = (key: string, stringValue: string): object => ({ key, value: { stringValue } });
    const span = {
      traceId: Buffer.from(TRACE, 'hex'),
      spanId: Buffer.alloc(8, 1),
      name: 'chat',
      start: time,
      end: time,
      attributes: [
        text('gen_ai.operation.name', 'chat'),
        { key: 'gen_ai.usage.input_tokens', value: { intValue: '7' } },
      ],
      status: { code: 2 },
      events: [{ time, name: 'exception', attributes: [text('exception.type', 'Timeout')] }],
      future: { points: [{ time, value: 1 }] },
    };
    const message = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }], future: 'x' };
    const response = await t.post('/v1/traces', encode('Spans', message), { tenant, headers });
    expect([response.statusCode, response.rawPayload]).toEqual([200, Buffer.alloc(0)]);
    expect(await detail(tenant)).toMatchObject({ input_tokens: 7, status: 'timeout', error_type: 'Timeout' });
  });
});

it('a name that would be cut inside a surrogate pair becomes an id', async () => {
  const tenant = t.tenant();
  const name = `${'a'.repeat(127)}😀b`;
  const attributes = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': name };
  await t.post('/v1/traces', envelope([wireSpan({ id: 'a', from: 0, to: 1, attributes })]), tenant);
  expect(await detail(tenant)).toMatchObject({ agent_id: 'a'.repeat(127), agent_name: name });
});
