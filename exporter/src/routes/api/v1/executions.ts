/** `POST /api/v1/executions`: executions in, each with its steps and token usages. */
import type { App, RouteContext } from '../../../http/context.js';
import { ExecutionSchema, MAX_EXECUTIONS } from '../../../facts/execution/wire.js';
import { ExecutionsAnswer, ingestRoute } from '../../shared/ingest.js';

export default function routes(app: App, context: RouteContext): void {
  const { executions } = context.services;
  ingestRoute(app, context, {
    path: '/api/v1/executions',
    field: 'executions',
    item: ExecutionSchema,
    maxItems: MAX_EXECUTIONS,
    summary: 'Records executions',
    description:
      'An execution with a known id replaces the stored one. Arrays that are left out are kept, and `running` never replaces ' +
      'a finished execution. A 200 means that they are durable.',
    tag: 'Executions in',
    answer: ExecutionsAnswer('Executions'),
    hasContent: true,
    ingest: (tenantId, items, _params, allowed) => executions.executions(tenantId, items, allowed),
  });
}
