/** Spans in OTLP's JSON format, and the execution that results from them. */
import { bodyOf, type Json, type TestApp } from './app.js';

export const NOON = Date.parse('2026-03-18T11:00:00Z');

export interface SpanSpec {
  id: string;
  parent?: string;
  name?: string;
  /** Seconds after noon. */
  from: number;
  to: number;
  attributes: Record<string, unknown>;
  error?: string;
  ok?: boolean;
}

export const hex = (text: string, length: number): string =>
  Buffer.from(text).toString('hex').padStart(length, '0').slice(0, length);
export const TRACE = '0af7651916cd43dd8448eb211c80319c';
export const EXECUTION = '0af76519-16cd-43dd-8448-eb211c80319c';

function valueOf(value: unknown): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

const nanoseconds = (seconds: number): string =>
  String(BigInt(NOON) * 1_000_000n + BigInt(Math.round(seconds * 1e9)));

export function wireSpan(
  { id, parent, name = id, from, to, attributes, error, ok }: SpanSpec,
  traceId = TRACE,
): object {
  return {
    traceId,
    spanId: hex(id, 16),
    ...(parent !== undefined && { parentSpanId: hex(parent, 16) }),
    name,
    startTimeUnixNano: nanoseconds(from),
    endTimeUnixNano: nanoseconds(to),
    attributes: Object.entries(attributes).map(([key, value]) => ({ key, value: valueOf(value) })),
    status: error === undefined ? { code: ok ? 1 : undefined } : { code: 2, message: error },
  };
}

export const envelope = (spans: readonly object[]): object => ({
  resourceSpans: [{ resource: { attributes: [] }, scopeSpans: [{ spans }] }],
});

export const chat = (input: number, output: number, rest: object = {}): Record<string, unknown> => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-4o',
  'gen_ai.usage.input_tokens': input,
  'gen_ai.usage.output_tokens': output,
  ...rest,
});

export interface TraceDetail extends Json {
  steps: Json[];
  token_usages: Json[];
}

/** Sends a trace as a new tenant and returns the execution of its first run. */
export async function executionFrom(t: TestApp, spans: readonly SpanSpec[]): Promise<TraceDetail> {
  const tenant = await sent(t, spans);
  return t.read<TraceDetail>(`executions/${EXECUTION}`, tenant);
}

/** All runs of a trace, sent by a tenant of its own, in the order in which they began. */
export async function executionsFrom(t: TestApp, spans: readonly SpanSpec[]): Promise<TraceDetail[]> {
  return runsOf(t, await sent(t, spans));
}

/** All runs of a tenant's trace, in the order in which they began, the outer ones first. */
export async function runsOf(t: TestApp, tenant: string, trace = TRACE): Promise<TraceDetail[]> {
  const { items } = await t.read<{ items: { id: string }[] }>(
    `executions?trace_id=${trace}&level=all&period=90d&sort_order=asc&page_size=200`,
    tenant,
  );
  return Promise.all(items.map(({ id }) => t.read<TraceDetail>(`executions/${id}`, tenant)));
}

async function sent(t: TestApp, spans: readonly SpanSpec[]): Promise<string> {
  const tenant = t.tenant();
  const request = envelope(spans.map((span) => wireSpan(span)));
  const answer = bodyOf(await t.post('/v1/traces', request, tenant));
  if (Object.keys(answer).length > 0) throw new Error(`not all accepted: ${JSON.stringify(answer)}`);
  return tenant;
}

/** A field of a protobuf message that holds bytes. */
function delimited(field: number, content: Uint8Array): Buffer {
  const length: number[] = [];
  for (let rest = content.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...length]), content]);
}

/** A request in protobuf with this many spans of two bytes. In memory, a span takes several hundred. */
export function emptySpans(count: number): Buffer {
  const spans = Buffer.alloc(2 * count);
  for (let i = 0; i < spans.length; i += 2) spans[i] = 0x12;
  return delimited(1, delimited(2, spans));
}

/** A request in protobuf with one attribute whose value is a list in a list, this many levels deep. */
export function nestedValues(levels: number): Buffer {
  let value: Buffer = Buffer.alloc(0);
  for (let i = 0; i < levels; i += 1) value = delimited(5, delimited(1, value));
  const attribute = delimited(9, delimited(2, value));
  return delimited(1, delimited(2, delimited(2, attribute)));
}
