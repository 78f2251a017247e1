/** `POST /v1/traces`: OTLP/HTTP, both encodings. */
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { encodeJson, encodeProtobuf, encodeStatus, type PartialSuccess } from '../ingest/otlp/protocol.js';
import { wayIn } from '../http/admission.js';
import { type App, type RouteContext, tenantOf } from '../http/context.js';
import { changeRoute } from '../http/route-options.js';
import { Strict } from '../http/schemas.js';

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';

const TracesAnswer = Strict({
  partialSuccess: Type.Optional(
    Strict({
      rejectedSpans: Type.String({ description: 'How many spans were not taken; a 64-bit integer as text.' }),
      errorMessage: Type.String({ description: 'Why.' }),
    }),
  ),
});

export async function traceRoutes(app: App, context: RouteContext): Promise<void> {
  await app.register((scope: App, _options, done) => {
    // Bytes in both encodings: they are decoded elsewhere.
    scope.removeContentTypeParser(JSON_TYPE);
    scope.addContentTypeParser([PROTOBUF, JSON_TYPE], { parseAs: 'buffer' }, (_request, body, parsed) =>
      parsed(null, body),
    );
    scope.addHook('onSend', async (request, reply, payload) => {
      if (!isProtobuf(request) || reply.statusCode < 400 || typeof payload !== 'string') return payload;
      const { code, message } = JSON.parse(payload) as { code: string; message: string };
      const status = encodeStatus(reply.statusCode, `${code}: ${message}`);
      reply.type(PROTOBUF).header('content-length', status.length);
      return status;
    });
    const route = changeRoute({
      summary: 'Spans in, over OTLP',
      description:
        'OpenTelemetry’s OTLP/HTTP: an ExportTraceServiceRequest as `application/x-protobuf` or `application/json`, gzip ' +
        'accepted. Spans with GenAI attributes become executions. The answer is in the encoding of the request; an error is ' +
        'a google.rpc.Status where that is protobuf.',
      tag: 'Executions in',
      scope: 'analytics:write',
      answers: { 200: TracesAnswer },
      errors: ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'],
    });
    scope.post(
      '/v1/traces',
      {
        ...route,
        config: { ...route.config, accepts: `${PROTOBUF} or ${JSON_TYPE}` },
        ...wayIn(context),
      },
      async (request, reply) => {
        const binary = isProtobuf(request);
        const { rejected, message } = await context.services.traces.spans(
          tenantOf(request),
          // Without a content type there is no body.
          (request.body as Buffer | undefined) ?? Buffer.alloc(0),
          binary ? 'protobuf' : 'json',
        );
        const partial: PartialSuccess | undefined =
          rejected === 0 ? undefined : { rejectedSpans: rejected, errorMessage: message };
        if (!binary) return encodeJson(partial);
        // Bytes pass by the schema, which is of the JSON.
        return reply.type(PROTOBUF).send(encodeProtobuf(partial) as unknown as object);
      },
    );
    done();
  });
}

const isProtobuf = ({ headers }: FastifyRequest): boolean =>
  headers['content-type']?.toLowerCase().startsWith(PROTOBUF) === true;
