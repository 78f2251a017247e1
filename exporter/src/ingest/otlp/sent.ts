/** A request of spans as what is to be kept of it; free of the database, so that it can be worked out beside it. */
import { uuidOfHex } from '../../ids.js';
import { formatTime } from '../../time.js';
import { MAX_AHEAD } from '../event-schema.js';
import { MAX_MESSAGE } from '../executions/schema.js';
import { storableText } from '../text.js';
import { fieldsOf } from './fields.js';
import { BEYOND, MergedSpans } from './merge.js';
import { decodeJson, decodeProtobuf, type RawSpan, STATUS_ERROR, STATUS_OK } from './protocol.js';
import type { Span } from './tree.js';

export type Encoding = 'json' | 'protobuf';

/** The instants that a span has to begin within. */
export interface Bounds {
  now: number;
  oldest: number;
}

/** Of a trace what one request has. */
export interface SentTrace {
  /** As a UUID. */
  traceId: string;
  /** JSON of its spans, no two with one id: as it is kept, and as it travels best. */
  json: string;
  /** How many spans those are. */
  size: number;
}

export interface Sent {
  /** Whole traces, so many at a time that nobody else waits long: a request may have a hundred thousand. */
  parts: SentTrace[][];
  /** Why spans are not taken, each reason with their number. */
  refused: [reason: string, spans: number][];
}

/** Spans of one part, but for the rest of its last trace. */
export const MAX_PART = 5_000;

const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/;
const MAX_NAME = 512;

/** @throws Error for bytes that are no ExportTraceServiceRequest */
export function readSent(body: Uint8Array, encoding: Encoding, bounds: Bounds): Sent {
  const raw =
    encoding === 'protobuf'
      ? decodeProtobuf(body)
      : decodeJson(JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()));
  const refused = new Map<string, number>();
  const refuse = (reason: string, spans = 1): unknown =>
    refused.set(reason, (refused.get(reason) ?? 0) + spans);
  const traces = new Map<string, Span[]>();
  for (const span of raw) {
    const reason = refusalOf(span, bounds);
    if (reason !== undefined) {
      refuse(reason);
      continue;
    }
    const trace = traces.get(span.traceId);
    if (trace === undefined) traces.set(span.traceId, [spanOf(span)]);
    else trace.push(spanOf(span));
  }
  const parts: SentTrace[][] = [];
  let room = 0;
  for (const [traceId, spans] of traces) {
    if (room <= 0) {
      parts.push([]);
      room = MAX_PART;
    }
    room -= spans.length;
    const merged = new MergedSpans();
    const beyond = merged.add(spans);
    if (beyond > 0) refuse(BEYOND, beyond);
    const all = merged.all();
    parts.at(-1)!.push({ traceId: uuidOfHex(traceId), json: JSON.stringify(all), size: all.length });
  }
  return { parts, refused: [...refused] };
}

function refusalOf({ traceId, spanId, start, end }: RawSpan, { now, oldest }: Bounds): string | undefined {
  if (!TRACE_ID.test(traceId)) return 'a span without a valid trace id (16 bytes, not all zero)';
  if (!SPAN_ID.test(spanId)) return 'a span without a valid span id (8 bytes, not all zero)';
  if (Number.isNaN(start) || Number.isNaN(end)) return 'a span without its times';
  if (end < start) return 'a span that ends before it starts';
  if (start < oldest)
    return `EXECUTION_TOO_OLD: a span before ${formatTime(oldest)}, where the kept executions begin`;
  if (start > now + MAX_AHEAD)
    return "EXECUTION_IN_FUTURE: a span more than 5 minutes ahead of the service's clock";
  return undefined;
}

const spanOf = (span: RawSpan): Span => ({
  spanId: span.spanId,
  parentSpanId: SPAN_ID.test(span.parentSpanId) ? span.parentSpanId : undefined,
  name: storableText(span.name, MAX_NAME),
  start: span.start,
  end: span.end,
  status: span.statusCode === STATUS_ERROR ? 'error' : span.statusCode === STATUS_OK ? 'ok' : undefined,
  statusMessage: span.statusMessage === '' ? undefined : storableText(span.statusMessage, MAX_MESSAGE),
  fields: fieldsOf(span),
});
