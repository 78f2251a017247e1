/** What the routes of OTLP/HTTP share: both encodings in, and errors in that of the request. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { admitBody } from '../../http/admission.js';
import type { App, RouteContext } from '../../http/context.js';
import { writeRoute } from '../../http/route-options.js';
import { encodeJson, encodeProtobuf, encodeStatus, type PartialSuccess } from '../../ingest/otlp/protocol.js';
import { Strict } from '../../schemas.js';

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';

export const OTLP_TAG = 'Executions in';
export const OTLP_ACCEPTS = `${PROTOBUF} or ${JSON_TYPE}`;

/** Both encodings arrive as bytes, and an error of a protobuf request is a google.rpc.Status. */
export function useOtlp(app: App): void {
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
}

export const isProtobuf = ({ headers }: FastifyRequest): boolean =>
  headers['content-type']?.toLowerCase().startsWith(PROTOBUF) === true;

/** Answers in the encoding of the request. @param rejected name of the count of what was rejected */
export function answerOtlp(
  request: FastifyRequest,
  reply: FastifyReply,
  rejected: string,
  partial: PartialSuccess | undefined,
): object {
  if (!isProtobuf(request)) return encodeJson(rejected, partial);
  reply.type(PROTOBUF);
  // Fastify sends bytes as they are; the schema describes the JSON encoding.
  return encodeProtobuf(partial) as unknown as object;
}

export const otlpAnswer = (rejected: string, what: string) =>
  Strict({
    partialSuccess: Type.Optional(
      Strict({
        [rejected]: Type.String({ description: `Number of rejected ${what}; a 64-bit integer as text.` }),
        errorMessage: Type.String({ description: 'What was rejected or is not kept, and why.' }),
      }),
    ),
  });

/**
 * A signal that is not kept. SDKs send it beside traces and log an error for each request that is not answered with 200.
 * @param rejected name of the count of what was rejected
 */
export function ignoredSignal(
  app: App,
  context: RouteContext,
  { path, what, rejected }: { path: string; what: string; rejected: string },
): void {
  useOtlp(app);
  app.post(
    path,
    {
      ...writeRoute({
        summary: `Accepts ${what} over OTLP, and does not keep them`,
        description: `SDKs send them beside traces. The answer is a partial success that says that ${what} are not kept.`,
        tag: OTLP_TAG,
        answers: { 200: otlpAnswer(rejected, what) },
        errors: ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'],
        config: { accepts: OTLP_ACCEPTS },
      }),
      ...admitBody(context),
    },
    // The body is not decoded.
    (request, reply) =>
      answerOtlp(request, reply, rejected, {
        rejected: 0,
        errorMessage: `${what} are not kept; only traces are, at /v1/traces`,
      }),
  );
}
