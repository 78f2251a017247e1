/** OTLP/HTTP for traces, both encodings: the few messages of the specification that matter here. */
import protobuf from 'protobufjs';
import type { Attributes, AttributeValue } from './attributes.js';
import { isGenAi, isNamed } from './mapping.js';

/** A span as it came, before anything is made of it. */
export interface RawSpan {
  /** Hex; whatever was sent, of any length. */
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  /** Milliseconds, with a fraction down to the microsecond; NaN where none was sent. */
  start: number;
  end: number;
  attributes: Attributes;
  /** 0 unset, 1 ok, 2 error. */
  statusCode: number;
  statusMessage: string;
}

const string = (id: number) => ({ type: 'string', id });
const bytes = (id: number) => ({ type: 'bytes', id });
const list = (type: string, id: number) => ({ rule: 'repeated', type, id });

/** opentelemetry.proto.collector.trace.v1 and what it needs; fields that are not listed are skipped. */
const root = protobuf.Root.fromJSON({
  nested: {
    ExportTraceServiceRequest: { fields: { resourceSpans: list('ResourceSpans', 1) } },
    ResourceSpans: { fields: { resource: { type: 'Resource', id: 1 }, scopeSpans: list('ScopeSpans', 2) } },
    Resource: { fields: { attributes: list('KeyValue', 1) } },
    ScopeSpans: { fields: { spans: list('Span', 2) } },
    Span: {
      fields: {
        traceId: bytes(1),
        spanId: bytes(2),
        parentSpanId: bytes(4),
        name: string(5),
        startTimeUnixNano: { type: 'fixed64', id: 7 },
        endTimeUnixNano: { type: 'fixed64', id: 8 },
        attributes: list('KeyValue', 9),
        events: list('Event', 11),
        status: { type: 'Status', id: 15 },
      },
    },
    Event: { fields: { name: string(2), attributes: list('KeyValue', 3) } },
    Status: { fields: { message: string(2), code: { type: 'int32', id: 3 } } },
    KeyValue: { fields: { key: string(1), value: { type: 'AnyValue', id: 2 } } },
    AnyValue: {
      oneofs: {
        value: {
          oneof: [
            'stringValue',
            'boolValue',
            'intValue',
            'doubleValue',
            'arrayValue',
            'kvlistValue',
            'bytesValue',
          ],
        },
      },
      fields: {
        stringValue: string(1),
        boolValue: { type: 'bool', id: 2 },
        intValue: { type: 'int64', id: 3 },
        doubleValue: { type: 'double', id: 4 },
        arrayValue: { type: 'ArrayValue', id: 5 },
        kvlistValue: { type: 'KeyValueList', id: 6 },
        bytesValue: bytes(7),
      },
    },
    ArrayValue: { fields: { values: list('AnyValue', 1) } },
    KeyValueList: { fields: { values: list('KeyValue', 1) } },
    ExportTraceServiceResponse: { fields: { partialSuccess: { type: 'PartialSuccess', id: 1 } } },
    PartialSuccess: { fields: { rejectedSpans: { type: 'int64', id: 1 }, errorMessage: string(2) } },
    RpcStatus: { fields: { code: { type: 'int32', id: 1 }, message: string(2) } },
  },
});
const Request = root.lookupType('ExportTraceServiceRequest');
const Response = root.lookupType('ExportTraceServiceResponse');
const RpcStatus = root.lookupType('RpcStatus');

/** The common form of both encodings; every part may be missing or of another type. */
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
interface WireRequest {
  resourceSpans?: { resource?: { attributes?: WireKeyValue[] }; scopeSpans?: { spans?: WireSpan[] }[] }[];
}

/** @throws Error for bytes that are no such message */
export function decodeProtobuf(body: Uint8Array): RawSpan[] {
  // As a plain object, which has only what was sent: a message answers every field of a union with its default.
  const spans = spansOf(Request.toObject(Request.decode(body), { longs: String }) as WireRequest);
  if (spans.length > 0 && spans.every(isOfAnotherSignal)) {
    throw new Error('it holds no spans; logs and metrics have endpoints of their own');
  }
  return spans;
}

/**
 * Requests of logs and metrics nest as those of spans do, so that their bytes may decode as spans. A record of a log or a
 * metric has no times where a span has them, and in place of a name none or the bytes of another message.
 */
const isOfAnotherSignal = ({ name, start, end }: RawSpan): boolean =>
  Number.isNaN(start) && Number.isNaN(end) && /^(?:$|\p{Cc})/u.test(name);

/** @param request as JSON.parse left it. @throws Error for what is not of the envelope's shape */
export function decodeJson(request: unknown): RawSpan[] {
  if (!isObject(request)) throw new Error('it must be an object');
  const { resourceSpans, ...others } = request;
  // OTLP has receivers ignore fields that they do not know; a request of nothing else is of another signal, or misspelt.
  const [other] = resourceSpans === undefined ? Object.keys(others) : [];
  if (other !== undefined)
    throw new Error(`unknown field "${other.slice(0, 64)}"; spans stand in resourceSpans`);
  if (!Array.isArray(resourceSpans ?? [])) throw new Error('resourceSpans must be an array');
  return spansOf(request as WireRequest);
}

export interface PartialSuccess {
  rejectedSpans: number;
  errorMessage: string;
}

/** Empty where everything was taken, as the specification wants it. */
export const encodeProtobuf = (partialSuccess: PartialSuccess | undefined): Buffer =>
  Buffer.from(Response.encode(Response.create(partialSuccess && { partialSuccess })).finish());

/** google.rpc.Code by the status of HTTP; what is not listed is INTERNAL. */
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

/** An error as google.rpc.Status, which is what a request in protobuf is answered with. */
export const encodeStatus = (httpStatus: number, message: string): Buffer =>
  Buffer.from(
    RpcStatus.encode(RpcStatus.create({ code: RPC_CODES[httpStatus] ?? INTERNAL, message })).finish(),
  );

/** 64-bit integers are text in OTLP's JSON. */
export const encodeJson = (partialSuccess: PartialSuccess | undefined): object =>
  partialSuccess === undefined
    ? {}
    : { partialSuccess: { ...partialSuccess, rejectedSpans: String(partialSuccess.rejectedSpans) } };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const items = <T>(value: T[] | undefined): T[] => (Array.isArray(value) ? value.filter(isObject) : []) as T[];

function spansOf({ resourceSpans }: WireRequest): RawSpan[] {
  return items(resourceSpans).flatMap(({ resource, scopeSpans }) => {
    const common = commonOf(attributesOf(isObject(resource) ? resource.attributes : undefined));
    return items(scopeSpans).flatMap(({ spans }) => items(spans).map((span) => spanOf(span, common)));
  });
}

/** UTF-16 units of a resource's attribute. */
const MAX_COMMON = 256;

/** Of a resource what says who it is, as far as it is read: each of its spans has it again. */
const commonOf = (attributes: Attributes): Attributes =>
  new Map(
    [...attributes].filter(
      ([name, value]) => isNamed(name) && typeof value !== 'object' && String(value).length <= MAX_COMMON,
    ),
  );

/** The resource's attributes stand behind the span's own. */
function spanOf(span: WireSpan, common: Attributes): RawSpan {
  const { status } = span;
  const exception = exceptionOf(span.events);
  const statusCode = isObject(status) ? statusCodeOf(status.code) : 0;
  const statusMessage = isObject(status) ? textOf(status.message) : '';
  return {
    traceId: hexOf(span.traceId),
    spanId: hexOf(span.spanId),
    parentSpanId: hexOf(span.parentSpanId),
    name: textOf(span.name),
    start: millisecondsOf(span.startTimeUnixNano),
    end: millisecondsOf(span.endTimeUnixNano),
    attributes: readOf(common, exception, attributesOf(span.attributes)),
    statusCode,
    statusMessage:
      statusCode === STATUS_ERROR && statusMessage === ''
        ? textOf(exception.get('exception.message'))
        : statusMessage,
  };
}

/** Those that are read of them; the later go before the earlier. */
function readOf(...all: readonly Attributes[]): Attributes {
  const read = new Map<string, AttributeValue>();
  for (const attributes of all) {
    for (const [name, value] of attributes) if (isNamed(name) || isGenAi(name)) read.set(name, value);
  }
  return read;
}

const NONE: Attributes = new Map();

/** What an SDK records of an exception: an event of the span. The last one is the one that ended it. */
function exceptionOf(events: WireEvent[] | undefined): Attributes {
  const last = items(events).findLast(({ name }) => name === 'exception');
  return last === undefined ? NONE : attributesOf(last.attributes);
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Protobuf has bytes, JSON has hex. */
function hexOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return typeof value === 'string' ? value.toLowerCase() : '';
}

export const STATUS_OK = 1;
export const STATUS_ERROR = 2;

/** Some exporters write the enum's names. */
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

/** Of arrays and maps in each other; what lies deeper is left out, rather than the request refused. */
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

/** JSON has numbers as text where they are 64-bit integers, and may have others so. */
function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}
