/** `POST /v1/traces`: spans in, over OTLP/HTTP in both of its encodings. */
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { admitBody } from '../../http/admission.js';
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { writeRoute } from '../../http/route-options.js';
import { encodeJson, encodeProtobuf, encodeStatus, type PartialSuccess } from '../../ingest/otlp/protocol.js';
import { Strict } from '../../schemas.js';
import { allowedBy, CaptureHeader } from '../shared/capture.js';

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';

const TracesAnswer = Strict({
  partialSuccess: Type.Optional(
    Strict({
      rejectedSpans: Type.String({ description: 'Number of rejected spans; a 64-bit integer as text.' }),
      errorMessage: Type.String({ description: 'Why they were rejected.' }),
    }),
  ),
});

export default function routes(app: App, context: RouteContext): void {
  // Both encodings arrive as bytes: the decoder runs in a worker.
  app.removeContentTypeParser(JSON_TYPE);
  app.addContentTypeParser([PROTOBUF, JSON_TYPE], { parseAs: 'buffer' }, (_request, body, parsed) =>
    parsed(null, body),
  );
  app.addHook('onSend', async (request, reply, payload) => {
    if (!isProtobuf(request) || reply.statusCode < 400 || typeof payload !== 'string') return payload;
    const { code, message } = JSON.parse(payload) as { code: string; message: string };
    const status = encodeStatus(reply.statusCode, `${code}: ${message}`);
    reply.type(PROTOBUF).header('content-length', status.length);
    return status;
  });
  app.post(
    '/v1/traces',
    {
      ...writeRoute({
        summary: 'Records spans, over OTLP',
        description:
          'OpenTelemetry’s OTLP/HTTP: an ExportTraceServiceRequest as `application/x-protobuf` or `application/json`, which may ' +
          'be gzipped. Spans with GenAI attributes become executions. The answer has the encoding of the request; in protobuf ' +
          'an error is a google.rpc.Status.',
        tag: 'Executions in',
        headers: CaptureHeader,
        answers: { 200: TracesAnswer },
        errors: ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'],
        config: { accepts: `${PROTOBUF} or ${JSON_TYPE}` },
      }),
      ...admitBody(context),
    },
    async (request, reply) => {
      const binary = isProtobuf(request);
      const { rejected, message } = await context.services.traces.spans(
        tenantOf(request),
        // A request without a content type has no body.
        (request.body as Buffer | undefined) ?? Buffer.alloc(0),
        binary ? 'protobuf' : 'json',
        allowedBy(request),
      );
      const partial: PartialSuccess | undefined =
        rejected === 0 ? undefined : { rejectedSpans: rejected, errorMessage: message };
      if (!binary) return encodeJson(partial);
      reply.type(PROTOBUF);
      // Fastify sends bytes as they are; the schema describes the JSON encoding.
      return encodeProtobuf(partial) as unknown as object;
    },
  );
}

const isProtobuf = ({ headers }: FastifyRequest): boolean =>
  headers['content-type']?.toLowerCase().startsWith(PROTOBUF) === true;
