/** Decodes a request of spans into what is stored. Uses no database, so that it can run in a worker thread. */
import { messageOf } from '../../errors.js';
import { uuidOfHex } from '../../ids.js';
import { MAX_MESSAGE } from '../../facts/execution/columns.js';
import { type Bounds, outside } from '../../facts/refusal.js';
import { storableText } from '../../facts/text.js';
import { Content } from '../content.js';
import { fieldsOf } from './fields.js';
import { distinct, jsonOf } from './merge.js';
import { decodeJson, decodeProtobuf, type RawSpan, STATUS_ERROR, STATUS_OK } from './protocol.js';
import type { Span } from './tree.js';

export type Encoding = 'json' | 'protobuf';

/** The spans of one trace in a part of a request. */
export interface SentTrace {
  /** As a UUID. */
  traceId: string;
  /** The spans as JSON, with distinct ids: the stored format, and the cheapest to transfer between threads. */
  json: string;
  /** Number of spans. */
  size: number;
}

/** Reasons why spans were rejected, each with the number of spans. */
export type Refused = [reason: string, spans: number][];

/** The body is not an ExportTraceServiceRequest. */
export class NotARequest extends Error {}

/**
 * Spans per part: small enough that other requests do not wait long, and that little of a request is in memory twice. A
 * larger trace is split over several parts, which are merged when they are stored.
 */
export const MAX_PART = 5_000;
/** UTF-16 units of JSON per part. */
const MAX_PART_UNITS = 8 * 1024 * 1024;

const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/;
const MAX_NAME = 512;

/** A request that is read part by part. */
export class Sent {
  readonly refused: Refused;
  private readonly traces = new Map<string, RawSpan[]>();

  /** @throws NotARequest */
  constructor(
    body: Uint8Array,
    encoding: Encoding,
    bounds: Bounds,
    private readonly content = new Content(),
  ) {
    const refused = new Map<string, number>();
    for (const span of spansIn(body, encoding)) {
      const reason = refusalOf(span, bounds);
      if (reason !== undefined) {
        refused.set(reason, (refused.get(reason) ?? 0) + 1);
        continue;
      }
      const trace = this.traces.get(span.traceId);
      if (trace === undefined) this.traces.set(span.traceId, [span]);
      else trace.push(span);
    }
    this.refused = [...refused];
  }

  /** Whether there is another part. */
  get hasMore(): boolean {
    return this.traces.size > 0;
  }

  /** Empty if there are no more parts. */
  next(): SentTrace[] {
    const part: SentTrace[] = [];
    let [spans, units] = [0, 0];
    for (const [traceId, raw] of this.traces) {
      if (spans >= MAX_PART || units >= MAX_PART_UNITS) break;
      const piece = raw.splice(0, MAX_PART);
      if (raw.length === 0) this.traces.delete(traceId);
      const all = distinct(piece.map((span) => spanOf(span, this.content)));
      const json = jsonOf(all);
      part.push({ traceId: uuidOfHex(traceId), json, size: all.length });
      spans += all.length;
      units += json.length;
    }
    return part;
  }
}

const text = new TextDecoder();

function spansIn(body: Uint8Array, encoding: Encoding): RawSpan[] {
  try {
    // JSON.parse makes __proto__ an ordinary property, which is ignored like any unknown field.
    return encoding === 'protobuf' ? decodeProtobuf(body) : decodeJson(JSON.parse(text.decode(body)));
  } catch (error) {
    throw new NotARequest(messageOf(error));
  }
}

function refusalOf({ traceId, spanId, start, end }: RawSpan, bounds: Bounds): string | undefined {
  if (!TRACE_ID.test(traceId)) return 'a span without a valid trace id (16 bytes, not all zero)';
  if (!SPAN_ID.test(spanId)) return 'a span without a valid span id (8 bytes, not all zero)';
  if (Number.isNaN(start) || Number.isNaN(end)) return 'a span without start or end time';
  if (end < start) return 'a span that ends before it starts';
  const refused = outside('EXECUTION', start, bounds);
  return refused && `${refused.code}: a span ${refused.where}`;
}

function spanOf(raw: RawSpan, content: Content): Span {
  const span = { ...raw, name: content.text(raw.name) };
  const message = span.statusMessage === '' ? undefined : content.message(span.statusMessage);
  return {
    spanId: span.spanId,
    parentSpanId: SPAN_ID.test(span.parentSpanId) ? span.parentSpanId : undefined,
    name: storableText(span.name, MAX_NAME),
    start: span.start,
    end: span.end,
    status: span.statusCode === STATUS_ERROR ? 'error' : span.statusCode === STATUS_OK ? 'ok' : undefined,
    statusMessage: message === undefined ? undefined : storableText(message, MAX_MESSAGE),
    fields: fieldsOf(span, content),
  };
}
