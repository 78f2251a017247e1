/** Recorded traces of instrumentation libraries with their truth, to be sent as if they had just been made. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NOON } from './otlp.js';

/** What is true of a trace. */
export interface Truth {
  traceId: string;
  title: string;
  /** Null if no execution is to be made of it. */
  status: 'success' | 'failure' | null;
  /** Names, the outermost first. */
  agents: string[];
  /** `*`: a value that the library makes up. */
  session: string | null;
  flow: string | null;
  calls: {
    model: string;
    input: number;
    output: number;
    cached: number;
    cache_write: number;
    reasoning: number;
  }[];
  failed_calls: number;
  tools: [name: string, status: string][];
  /** What the library does not send. */
  cannot_be_known: string[];
  cost_usd: number | null;
}

/** A span in OTLP's JSON, as far as it is changed before it is sent. */
export interface WireSpan {
  traceId: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
}

/** A span with what stands around it on the wire. */
interface SentSpan {
  resource: object | undefined;
  scope: object | undefined;
  span: WireSpan;
}

export interface Capture {
  name: string;
  truths: Truth[];
  /** At recent times. */
  spans: SentSpan[];
}

export interface Request {
  resourceSpans: { resource?: object; scopeSpans: { scope?: object; spans: WireSpan[] }[] }[];
}

/** @param folder one with `expected.json` and a file for each entry in it */
export function readCaptures(folder: string): Capture[] {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const expected = read('expected.json') as Record<string, { traces: Truth[] }>;
  return Object.entries(expected).map(([name, { traces }]) => {
    const { resourceSpans } = endingAt(NOON, read(`${name}.json`) as Request);
    const spans = resourceSpans.flatMap(({ resource, scopeSpans }) =>
      scopeSpans.flatMap(({ scope, spans: all }) => all.map((span) => ({ resource, scope, span }))),
    );
    return { name, truths: traces, spans };
  });
}

/** The request with each of its spans changed. */
export const withSpans = ({ resourceSpans }: Request, change: (span: WireSpan) => WireSpan): Request => ({
  resourceSpans: resourceSpans.map(({ scopeSpans, ...resource }) => ({
    ...resource,
    scopeSpans: scopeSpans.map(({ spans, ...scope }) => ({ ...scope, spans: spans.map(change) })),
  })),
});

export const spansIn = ({ resourceSpans }: Request): WireSpan[] =>
  resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));

/** Moved so that the last of its spans ends then, in milliseconds. */
export function endingAt(end: number, request: Request): Request {
  const last = spansIn(request)
    .map(({ endTimeUnixNano }) => BigInt(endTimeUnixNano))
    .reduce((a, b) => (a > b ? a : b));
  const move = (time: string): string => String(BigInt(time) + BigInt(end) * 1_000_000n - last);
  return withSpans(request, (span) => ({
    ...span,
    startTimeUnixNano: move(span.startTimeUnixNano),
    endTimeUnixNano: move(span.endTimeUnixNano),
  }));
}

/** The id of a trace that is sent again as another one. */
export const newTraceId = (traceId: string, seed: string): string =>
  createHash('sha256').update(`${seed} ${traceId}`).digest('hex').slice(0, 32);

/** A request with these spans, in their order, and with new trace ids. */
export const requestOf = (spans: readonly SentSpan[], seed: string): Request => ({
  resourceSpans: spans.map(({ resource, scope, span }) => ({
    resource,
    scopeSpans: [{ scope, spans: [{ ...span, traceId: newTraceId(span.traceId, seed) }] }],
  })),
});
