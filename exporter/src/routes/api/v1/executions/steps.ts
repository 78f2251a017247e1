/** `POST /api/v1/executions/:id/steps`: steps appended to an execution. */
import type { App, RouteContext } from '../../../../http/context.js';
import { MAX_STEPS, StepSchema } from '../../../../facts/execution/wire.js';
import { ExecutionParams } from '../../../shared/executions.js';
import { ExecutionsAnswer, ingestRoute } from '../../../shared/ingest.js';

export default function routes(app: App, context: RouteContext): void {
  const { executions } = context.services;
  ingestRoute(app, context, {
    path: '/api/v1/executions/:id/steps',
    field: 'steps',
    item: StepSchema,
    maxItems: MAX_STEPS,
    summary: 'Appends steps to an execution',
    description: 'A step with the same number is replaced.',
    tag: 'Executions in',
    params: ExecutionParams,
    answer: ExecutionsAnswer('Steps'),
    errors: ['EXECUTION_NOT_FOUND'],
    hasContent: true,
    ingest: (tenantId, items, { id }, allowed) => executions.steps(tenantId, id, items, allowed),
  });
}
