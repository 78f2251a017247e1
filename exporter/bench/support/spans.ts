/** Spans for the benches: their requests, and how they are sent. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { endingAt, newTraceId, type Request, spansIn, withSpans } from '../../test/support/captures.js';
import { realInput } from '../../test/support/optional.js';

/** Spans as real libraries send them, one request a library; undefined if they are missing. */
export function readRequests(): Request[] | undefined {
  const folder = realInput('otlp');
  if (!existsSync(folder)) return undefined;
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json') && name !== 'expected.json')
    .map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Request);
}

/** One request with the spans of all under new trace ids, the last of each of which has just ended. */
export function renewed(captures: readonly Request[]): { body: Buffer; spans: number } {
  const seed = randomBytes(8).toString('hex');
  const resourceSpans = captures.flatMap(
    (capture, i) =>
      withSpans(endingAt(Date.now(), capture), (span) => ({
        ...span,
        traceId: newTraceId(span.traceId, `${seed}${i}`),
      })).resourceSpans,
  );
  const request: Request = { resourceSpans };
  return { body: Buffer.from(JSON.stringify(request)), spans: spansIn(request).length };
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
