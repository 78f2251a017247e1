/** `POST /api/v1/executions/:id/token-usages`: token usages appended to an execution. */
import type { App, RouteContext } from '../../../../http/context.js';
import { MAX_USAGES, UsageSchema } from '../../../../facts/execution/wire.js';
import { ExecutionParams } from '../../../shared/executions.js';
import { ExecutionsAnswer, ingestRoute } from '../../../shared/ingest.js';

export default function routes(app: App, context: RouteContext): void {
  const { executions } = context.services;
  ingestRoute(app, context, {
    path: '/api/v1/executions/:id/token-usages',
    field: 'token_usages',
    item: UsageSchema,
    maxItems: MAX_USAGES,
    summary: 'Token usages appended to an execution',
    description:
      'A usage is the same as one before by its `id`, otherwise by component, model, step_number and its place among ' +
      'equals in the request.',
    tag: 'Executions in',
    params: ExecutionParams,
    answer: ExecutionsAnswer('Token'),
    errors: ['EXECUTION_NOT_FOUND'],
    ingest: (tenantId, items, { id }) => executions.tokenUsages(tenantId, id, items),
  });
}
