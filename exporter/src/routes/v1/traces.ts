/** `POST /v1/traces`: spans in, over OTLP/HTTP in both of its encodings. */
import { admitBody } from '../../http/admission.js';
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { writeRoute } from '../../http/route-options.js';
import { allowedBy, CaptureHeader } from '../shared/capture.js';
import { answerOtlp, isProtobuf, OTLP_ACCEPTS, OTLP_TAG, otlpAnswer, useOtlp } from '../shared/otlp.js';

const REJECTED = 'rejectedSpans';

export default function routes(app: App, context: RouteContext): void {
  useOtlp(app);
  app.post(
    '/v1/traces',
    {
      ...writeRoute({
        summary: 'Records spans, over OTLP',
        description:
          'OpenTelemetry’s OTLP/HTTP: an ExportTraceServiceRequest as `application/x-protobuf` or `application/json`, which may ' +
          'be gzipped. Spans with GenAI attributes become executions. The answer has the encoding of the request; in protobuf ' +
          'an error is a google.rpc.Status.',
        tag: OTLP_TAG,
        headers: CaptureHeader,
        answers: { 200: otlpAnswer(REJECTED, 'spans') },
        errors: ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'],
        config: { accepts: OTLP_ACCEPTS },
      }),
      ...admitBody(context),
    },
    async (request, reply) => {
      const { rejected, message } = await context.services.traces.spans(
        tenantOf(request),
        // A request without a content type has no body.
        (request.body as Buffer | undefined) ?? Buffer.alloc(0),
        isProtobuf(request) ? 'protobuf' : 'json',
        allowedBy(request),
      );
      const partial = rejected === 0 ? undefined : { rejected, errorMessage: message };
      return answerOtlp(request, reply, REJECTED, partial);
    },
  );
}
