/** The protobuf messages of OTLP for traces. */
import protobuf from 'protobufjs';

const string = (id: number) => ({ type: 'string', id });
const bytes = (id: number) => ({ type: 'bytes', id });
const list = (type: string, id: number) => ({ rule: 'repeated', type, id });

/** opentelemetry.proto.collector.trace.v1 and its dependencies. Fields that are not listed are skipped. */
const root = protobuf.Root.fromJSON({
  nested: {
    ExportTraceServiceRequest: { fields: { resourceSpans: list('ResourceSpans', 1) } },
    ResourceSpans: { fields: { resource: { type: 'Resource', id: 1 }, scopeSpans: list('ScopeSpans', 2) } },
    Resource: { fields: { attributes: list('KeyValue', 1) } },
    ScopeSpans: { fields: { scope: { type: 'Scope', id: 1 }, spans: list('Span', 2) } },
    Scope: { fields: { name: string(1) } },
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
export const Request = root.lookupType('ExportTraceServiceRequest');
export const Response = root.lookupType('ExportTraceServiceResponse');
export const RpcStatus = root.lookupType('RpcStatus');
