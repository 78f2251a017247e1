/** Spans for the benches: their requests, and how they are sent. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Spans as real libraries send them, in OTLP's JSON. They are not part of the repository. */
const CAPTURES = fileURLToPath(new URL('../../../../shared/data/otlp', import.meta.url));

interface WireSpan {
  traceId: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
}
interface Request {
  resourceSpans: { scopeSpans: { spans: WireSpan[] }[] }[];
}

/** One request a library; undefined if the captures are missing. */
export function readCaptures(): Request[] | undefined {
  if (!existsSync(CAPTURES)) return undefined;
  return readdirSync(CAPTURES)
    .filter((name) => name.endsWith('.json') && name !== 'expected.json')
    .map((name) => JSON.parse(readFileSync(path.join(CAPTURES, name), 'utf8')) as Request);
}

const spansOf = ({ resourceSpans }: Request): WireSpan[] =>
  resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));

/** The same spans under new trace ids, the last of which has just ended. */
export function renewed(capture: Request): { body: Buffer; spans: number } {
  const copy = structuredClone(capture);
  const spans = spansOf(copy);
  const last = spans.map(({ endTimeUnixNano }) => BigInt(endTimeUnixNano)).reduce((a, b) => (a > b ? a : b));
  const shift = BigInt(Date.now()) * 1_000_000n - last;
  const ids = new Map<string, string>();
  for (const span of spans) {
    const id = ids.get(span.traceId) ?? randomBytes(16).toString('hex');
    ids.set(span.traceId, id);
    span.traceId = id;
    span.startTimeUnixNano = String(BigInt(span.startTimeUnixNano) + shift);
    span.endTimeUnixNano = String(BigInt(span.endTimeUnixNano) + shift);
  }
  return { body: Buffer.from(JSON.stringify(copy)), spans: spans.length };
}

/** `deep`: each span is the parent of the next one. `wide`: the first is the parent of all others. */
export type Shape = 'deep' | 'wide';

/** One trace of an agent, model calls and tool calls. */
export function traceOf(shape: Shape, size: number): Buffer {
  const traceId = randomBytes(16).toString('hex');
  const idOf = (i: number): string => (i + 1).toString(16).padStart(16, '0');
  const end = BigInt(Date.now()) * 1_000_000n;
  const spans = Array.from({ length: size }, (_, i) => {
    const attributes = attributesOf(i);
    return {
      traceId,
      spanId: idOf(i),
      ...(i > 0 && { parentSpanId: idOf(shape === 'deep' ? i - 1 : 0) }),
      name: attributes['gen_ai.operation.name'],
      startTimeUnixNano: String(end - BigInt(2 * size - i) * 1_000n),
      endTimeUnixNano: String(end - BigInt(shape === 'deep' ? i : size - i) * 1_000n),
      attributes: Object.entries(attributes).map(([key, value]) => ({
        key,
        value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
      })),
    };
  });
  return Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
}

function attributesOf(i: number): Record<string, string | number> & { 'gen_ai.operation.name': string } {
  if (i % 10 === 0)
    return { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': `agent ${i % 50}` };
  if (i % 2 === 0) return { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search' };
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.usage.input_tokens': 1000 + i,
    'gen_ai.usage.output_tokens': 100,
  };
}

export type Encoding = 'application/x-protobuf' | 'application/json';

export function sendSpans(
  url: string,
  authorization: string,
  encoding: Encoding,
  body: Uint8Array,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { authorization, 'content-type': encoding };
    const sent = request(`${url}/v1/traces`, { method: 'POST', headers }, (response) => {
      response.resume();
      response.on('end', () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`answered with ${response.statusCode}`)),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
