/** OTLP/HTTP for traces in both encodings, reduced to the messages that are needed here. */
import { isObject } from '../../json.js';
import type { Attributes, AttributeValue } from './attributes.js';
import { messageOfError } from './errors.js';
import { isGenAi, isNamed } from './mapping.js';
import { Request, Response, RpcStatus } from './protobuf.js';
import type { ContentEvent } from './question.js';

/** A span as received. */
export interface RawSpan {
  /** Hex; not validated, of any length. */
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  /** Name of the instrumentation scope; empty if there is none. */
  scope: string;
  /** Milliseconds with microsecond precision; NaN if missing. */
  start: number;
  end: number;
  attributes: Attributes;
  /** Those that hold content. */
  events: readonly ContentEvent[];
  /** 0 unset, 1 ok, 2 error. */
  statusCode: number;
  statusMessage: string;
}

/** Common to both encodings. Any field may be missing or have another type. */
interface WireAny {
  stringValue?: unknown;
  boolValue?: unknown;
  intValue?: unknown;
  doubleValue?: unknown;
  arrayValue?: { values?: WireAny[] };
  kvlistValue?: { values?: WireKeyValue[] };
}
interface WireKeyValue {
  key?: unknown;
  value?: WireAny;
}
interface WireEvent {
  name?: unknown;
  attributes?: WireKeyValue[];
}
interface WireSpan {
  traceId?: unknown;
  spanId?: unknown;
  parentSpanId?: unknown;
  name?: unknown;
  startTimeUnixNano?: unknown;
  endTimeUnixNano?: unknown;
  attributes?: WireKeyValue[];
  events?: WireEvent[];
  status?: { code?: unknown; message?: unknown };
}
interface WireScopeSpans {
  scope?: { name?: unknown };
  spans?: WireSpan[];
}
interface WireRequest {
  resourceSpans?: { resource?: { attributes?: WireKeyValue[] }; scopeSpans?: WireScopeSpans[] }[];
}

/** @throws Error if the bytes cannot be decoded */
export function decodeProtobuf(body: Uint8Array): RawSpan[] {
  // toObject contains only the fields that were sent; a message returns defaults for all members of a oneof.
  const spans = spansOf(Request.toObject(Request.decode(body), { longs: String }) as WireRequest);
  if (spans.length > 0 && spans.every(isOtherSignal)) {
    throw new Error('it contains no spans; logs and metrics have their own endpoints');
  }
  return spans;
}

/**
 * Requests with logs and metrics are nested like those with spans, so their bytes may decode as spans. But these have no
 * times, and their name is empty or contains the bytes of another message.
 */
const isOtherSignal = ({ name, start, end }: RawSpan): boolean =>
  Number.isNaN(start) && Number.isNaN(end) && /^(?:$|\p{Cc})/u.test(name);

/** @param request parsed JSON. @throws Error if it does not have the structure of a request */
export function decodeJson(request: unknown): RawSpan[] {
  if (!isObject(request)) throw new Error('it must be an object');
  const { resourceSpans, ...others } = request;
  // OTLP requires receivers to ignore unknown fields, but a request with nothing else has another signal or a typo.
  const [other] = resourceSpans === undefined ? Object.keys(others) : [];
  if (other !== undefined)
    throw new Error(`unknown field "${other.slice(0, 64)}"; spans are expected in resourceSpans`);
  if (!Array.isArray(resourceSpans ?? [])) throw new Error('resourceSpans must be an array');
  return spansOf(request as WireRequest);
}

/** The same for all signals, except for the name of the count in JSON. */
export interface PartialSuccess {
  rejected: number;
  errorMessage: string;
}

/** Empty if everything was accepted, as specified. */
export function encodeProtobuf(partial: PartialSuccess | undefined): Buffer {
  const answer = partial && {
    partialSuccess: { rejectedSpans: partial.rejected, errorMessage: partial.errorMessage },
  };
  return Buffer.from(Response.encode(Response.create(answer)).finish());
}

/** google.rpc.Code by HTTP status; INTERNAL for any other. */
const RPC_CODES: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  413: 8,
  415: 3,
  429: 8,
  503: 14,
};
const INTERNAL = 13;

/** An error as google.rpc.Status, the error format for protobuf requests. */
export const encodeStatus = (httpStatus: number, message: string): Buffer =>
  Buffer.from(
    RpcStatus.encode(RpcStatus.create({ code: RPC_CODES[httpStatus] ?? INTERNAL, message })).finish(),
  );

/** OTLP's JSON encodes 64-bit integers as strings. */
export const encodeJson = (rejected: string, partial: PartialSuccess | undefined): object =>
  partial === undefined
    ? {}
    : { partialSuccess: { [rejected]: String(partial.rejected), errorMessage: partial.errorMessage } };

const items = <T>(value: T[] | undefined): T[] => (Array.isArray(value) ? value.filter(isObject) : []) as T[];

function spansOf({ resourceSpans }: WireRequest): RawSpan[] {
  return items(resourceSpans).flatMap(({ resource, scopeSpans }) => {
    const common = commonOf(attributesOf(isObject(resource) ? resource.attributes : undefined));
    return items(scopeSpans).flatMap(({ scope, spans }) => {
      const name = isObject(scope) ? textOf(scope.name) : '';
      return items(spans).map((span) => spanOf(span, name, common));
    });
  });
}

/** Maximum length of a resource attribute, in UTF-16 units. */
const MAX_COMMON = 256;

/** The resource attributes that the mapping reads. Only short ones, because each span gets a copy. */
const commonOf = (attributes: Attributes): Attributes =>
  new Map(
    [...attributes].filter(
      ([name, value]) => isNamed(name) && typeof value !== 'object' && String(value).length <= MAX_COMMON,
    ),
  );

/** The span's attributes take precedence over those of the resource. */
function spanOf(span: WireSpan, scope: string, common: Attributes): RawSpan {
  const { status } = span;
  const exception = exceptionOf(span.events);
  const attributes = attributesOf(span.attributes);
  const statusCode = isObject(status) ? statusCodeOf(status.code) : 0;
  const statusMessage = isObject(status) ? textOf(status.message) : '';
  return {
    traceId: hexOf(span.traceId),
    spanId: hexOf(span.spanId),
    parentSpanId: hexOf(span.parentSpanId),
    name: textOf(span.name),
    scope,
    start: millisecondsOf(span.startTimeUnixNano),
    end: millisecondsOf(span.endTimeUnixNano),
    attributes: readOf(common, exception, attributes),
    events: contentEventsOf(span.events),
    statusCode,
    statusMessage:
      statusCode === STATUS_ERROR
        ? messageOfError(statusMessage, textOf(exception.get('exception.message'))) ||
          textOf(attributes.get('error.message'))
        : statusMessage,
  };
}

/** Merges the attributes that are needed. Later arguments take precedence. */
function readOf(...all: readonly Attributes[]): Attributes {
  const read = new Map<string, AttributeValue>();
  for (const attributes of all) {
    for (const [name, value] of attributes) if (isNamed(name) || isGenAi(name)) read.set(name, value);
  }
  return read;
}

const NONE: Attributes = new Map();

/** SDKs record exceptions as events of the span. The last one ended the span. */
function exceptionOf(events: WireEvent[] | undefined): Attributes {
  const last = items(events).findLast(({ name }) => name === 'exception');
  return last === undefined ? NONE : attributesOf(last.attributes);
}

const CONTENT_EVENT = 'gen_ai.';

const contentEventsOf = (events: WireEvent[] | undefined): ContentEvent[] =>
  items(events).flatMap(({ name, attributes }) => {
    const named = textOf(name);
    return named.startsWith(CONTENT_EVENT) ? [{ name: named, attributes: attributesOf(attributes) }] : [];
  });

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Ids are bytes in protobuf and hex in JSON. */
function hexOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return typeof value === 'string' ? value.toLowerCase() : '';
}

export const STATUS_OK = 1;
export const STATUS_ERROR = 2;

/** Some exporters send the names of the enum. */
function statusCodeOf(code: unknown): number {
  if (code === 'STATUS_CODE_ERROR') return STATUS_ERROR;
  if (code === 'STATUS_CODE_OK') return STATUS_OK;
  return Number(code ?? 0) || 0;
}

function millisecondsOf(nanoseconds: unknown): number {
  if (nanoseconds === undefined || nanoseconds === null) return NaN;
  const text = String(nanoseconds);
  return /^\d{1,20}$/.test(text) && text !== '0' ? Number(BigInt(text) / 1_000n) / 1_000 : NaN;
}

function attributesOf(attributes: WireKeyValue[] | undefined, depth = 0): Map<string, AttributeValue> {
  const found = new Map<string, AttributeValue>();
  for (const { key, value } of items(attributes)) {
    const plain = valueOf(value, depth);
    if (typeof key === 'string' && plain !== undefined) found.set(key, plain);
  }
  return found;
}

/** Maximum nesting of arrays and maps. Deeper values are left out, so that the request is not rejected. */
const MAX_DEPTH = 32;

function valueOf(value: WireAny | undefined, depth = 0): AttributeValue | undefined {
  if (!isObject(value) || depth > MAX_DEPTH) return undefined;
  const { stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue } = value as WireAny;
  if (typeof stringValue === 'string') return stringValue;
  if (typeof boolValue === 'boolean') return boolValue;
  if (intValue !== undefined && intValue !== null) return numberOf(intValue);
  if (doubleValue !== undefined && doubleValue !== null) return numberOf(doubleValue);
  if (isObject(arrayValue)) return items(arrayValue.values).flatMap((item) => valueOf(item, depth + 1) ?? []);
  if (isObject(kvlistValue)) return Object.fromEntries(attributesOf(kvlistValue.values, depth + 1));
  return undefined;
}

/** In JSON, 64-bit integers are strings, and other numbers may be. */
function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}
