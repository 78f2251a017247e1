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
    summary: 'Appends token usages to an execution',
    description:
      'A usage replaces one with the same `id`; without an id, one with the same component, model, step_number and position ' +
      'among equal ones in the request.',
    tag: 'Executions in',
    params: ExecutionParams,
    answer: ExecutionsAnswer('Token usages'),
    errors: ['EXECUTION_NOT_FOUND'],
    ingest: (tenantId, items, { id }) => executions.tokenUsages(tenantId, id, items),
  });
}
