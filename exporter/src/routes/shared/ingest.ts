/** Routes that take an array of facts. */
import { type Static, type TSchema, Type } from 'typebox';
import type { Capture } from '../../config.js';
import { AppError, type ErrorCode } from '../../errors.js';
import { admitBody } from '../../http/admission.js';
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { writeRoute } from '../../http/route-options.js';
import type { Tag } from '../../http/tags.js';
import { compileValidator } from '../../http/validation.js';
import { MAX_BODY_BYTES } from '../../facts/event/wire.js';
import { type FactKind, type IngestAnswer, refusalCodes, type Rejection } from '../../facts/refusal.js';
import { Count, Strict } from '../../schemas.js';
import { allowedBy, CaptureHeader } from './capture.js';

export interface IngestRoute<P extends TSchema> {
  path: string;
  /** Name of the array in the body. */
  field: string;
  item: TSchema;
  maxItems: number;
  summary: string;
  description: string;
  tag: Tag;
  params?: P;
  answer: ReturnType<typeof IngestAnswerSchema>;
  errors?: readonly ErrorCode[];
  /** Whether the items have content, of which a sender can ask to keep less. */
  hasContent?: true;
  ingest: (
    tenantId: string,
    items: readonly unknown[],
    params: Static<P>,
    allowed: Capture | undefined,
  ) => Promise<IngestAnswer>;
}

/** Registers the route. Ingest checks each item, keeps the valid ones and names the others. */
export function ingestRoute<P extends TSchema>(app: App, context: RouteContext, route: IngestRoute<P>): void {
  const {
    path,
    field,
    item,
    maxItems,
    summary,
    description,
    tag,
    params,
    answer,
    errors = [],
    hasContent,
    ingest,
  } = route;
  const things = field.replace('_', ' ');
  const body = Strict({ [field]: Type.Array(item, { maxItems }) });
  // Validation sees only that there is an array: one invalid item must not refuse the whole request.
  const envelope: object = Strict({ [field]: Type.Array(Type.Unknown()) });
  app.post(
    path,
    {
      ...writeRoute({
        summary,
        description:
          `At most ${maxItems} ${things} and ${MAX_BODY_BYTES / 1024 / 1024} MiB after decompression; ` +
          `gzip is accepted. ${description} A request of which everything is rejected is answered with 400, and ` +
          '`details.rejected` is the list.',
        tag,
        body,
        params,
        ...(hasContent && { headers: CaptureHeader }),
        answers: { 200: answer },
        config: { checksItems: true },
        errors: ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', ...errors],
      }),
      ...admitBody(context),
      validatorCompiler: (part) =>
        compileValidator(part.httpPart === 'body' ? { ...part, schema: envelope } : part),
    },
    async (request) => {
      const items = (request.body as Record<string, readonly unknown[]>)[field]!;
      if (items.length > maxItems) {
        throw new AppError(
          'PAYLOAD_TOO_LARGE',
          `at most ${maxItems} ${things} a request, these are ${items.length}`,
        );
      }
      const allowed = hasContent && allowedBy(request);
      const outcome = await ingest(tenantOf(request), items, request.params as Static<P>, allowed);
      const { accepted, duplicates, rejected } = outcome;
      request.ingested = { accepted, duplicates, rejected: rejected.length };
      if (items.length > 0 && rejected.length === items.length) {
        context.metrics.refusedRequests.inc({ kind: field });
        throw allRejected(things, rejected);
      }
      return outcome;
    },
  );
}

/** Senders look at the status first: a 200 would hide that nothing of a request was stored. */
function allRejected(things: string, rejected: readonly Rejection[]): AppError {
  const { index, message } = rejected[0]!;
  return new AppError(
    'VALIDATION_ERROR',
    `all ${things} were rejected (${rejected.length}); the first, at index ${index}: ${message}`,
    { details: { rejected } },
  );
}

/**
 * @param accepted which facts count as accepted
 * @param duplicates which facts count as duplicates
 */
export const IngestAnswerSchema = (kind: FactKind, accepted: string, duplicates: string) =>
  Strict({
    accepted: Count(`${accepted}, durable now.`),
    duplicates: Count(duplicates),
    rejected: Type.Array(
      Strict({
        index: Type.Integer({ minimum: 0, description: 'Position in the request.' }),
        code: Type.String({ enum: refusalCodes(kind) }),
        message: Type.String(),
      }),
    ),
  });

export const ExecutionsAnswer = (what: string) =>
  IngestAnswerSchema(
    'EXECUTION',
    `${what} that were new or changed something`,
    `${what} that changed nothing.`,
  );
