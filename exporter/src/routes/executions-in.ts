/** Executions in: whole, or steps and token usages appended to one. */
import { type TSchema, Type } from 'typebox';
import { AppError } from '../errors.js';
import { MAX_BODY_BYTES } from '../facts/event/wire.js';
import {
  ExecutionSchema,
  MAX_EXECUTIONS,
  MAX_STEPS,
  MAX_USAGES,
  StepSchema,
  UsageSchema,
} from '../facts/execution/wire.js';
import type { IngestAnswer } from '../facts/refusal.js';
import { wayIn } from './admission.js';
import { type App, type RouteContext, tenantOf } from './context.js';
import { writeRoute } from './guarded.js';
import { AnswerOf, ExecutionParams, Strict } from './schemas.js';

const tag = 'Executions in';

const Answer = (what: string) =>
  AnswerOf('EXECUTION', `${what} that were new or changed something`, `${what} that changed nothing.`);

interface Way {
  path: string;
  /** Name of the array in the body. */
  field: 'executions' | 'steps' | 'token_usages';
  item: TSchema;
  max: number;
  summary: string;
  description: string;
  params?: typeof ExecutionParams;
  ingest: (tenantId: string, id: string, items: readonly unknown[]) => Promise<IngestAnswer>;
}

export function executionWriteRoutes(app: App, context: RouteContext): void {
  const { executions } = context.services;
  const ways: Way[] = [
    {
      path: '/api/v1/executions',
      field: 'executions',
      item: ExecutionSchema,
      max: MAX_EXECUTIONS,
      summary: 'Executions in',
      description:
        'The same id again replaces that execution whole; arrays left out stay, and `running` never replaces a finished ' +
        'one. A 200 means durable.',
      ingest: (tenantId, _id, items) => executions.executions(tenantId, items),
    },
    {
      path: '/api/v1/executions/:id/steps',
      field: 'steps',
      item: StepSchema,
      max: MAX_STEPS,
      summary: 'Steps appended to an execution',
      description: 'A step of the same number is replaced.',
      params: ExecutionParams,
      ingest: (tenantId, id, items) => executions.steps(tenantId, id, items),
    },
    {
      path: '/api/v1/executions/:id/token-usages',
      field: 'token_usages',
      item: UsageSchema,
      max: MAX_USAGES,
      summary: 'Token usages appended to an execution',
      description:
        'A usage is the same as one before by its `id`, otherwise by component, model, step_number and its place among ' +
        'equals in the request.',
      params: ExecutionParams,
      ingest: (tenantId, id, items) => executions.tokenUsages(tenantId, id, items),
    },
  ];
  for (const way of ways) addWay(app, context, way);
}

function addWay(app: App, context: RouteContext, way: Way): void {
  const { path, field, item, max, summary, description, params, ingest } = way;
  const body = Strict({ [field]: Type.Array(item, { maxItems: max }) });
  // What the router checks; each item is checked by ingest, which keeps the good ones and names the bad.
  const envelope: object = Strict({ [field]: Type.Array(Type.Unknown()) });
  const options = writeRoute({
    summary,
    description: `At most ${max} ${field.replace('_', ' ')} and ${MAX_BODY_BYTES / 1024 / 1024} MiB after decompression; gzip is accepted. ${description}`,
    tag,
    body,
    params,
    answer: Answer(summary.split(' ')[0]!),
    errors: [
      'PAYLOAD_TOO_LARGE',
      'UNSUPPORTED_MEDIA_TYPE',
      ...(params === undefined ? [] : (['EXECUTION_NOT_FOUND'] as const)),
    ],
  });
  app.post(
    path,
    {
      ...options,
      ...wayIn(context),
      validatorCompiler: (route) =>
        context.compile(route.httpPart === 'body' ? { ...route, schema: envelope } : route),
    },
    async (request) => {
      const items = (request.body as Record<string, readonly unknown[]>)[field]!;
      if (items.length > max) {
        throw new AppError(
          'PAYLOAD_TOO_LARGE',
          `at most ${max} ${field.replace('_', ' ')} a request, these are ${items.length}`,
        );
      }
      return ingest(tenantOf(request), (request.params as { id?: string }).id ?? '', items);
    },
  );
}
