/** `GET /reports/preview`: a report as it would look, without making one. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { readRoute } from '../../../http/route-options.js';
import { MAX_FILTER_VALUES, MAX_GROUP_BY, MAX_METRICS } from '../../../reports/bounds.js';
import { previewSettings } from '../../../reports/preview.js';
import { TEMPLATE_NAMES, type TemplateName } from '../../../reports/templates.js';
import { NO_NUL } from '../../../ids.js';
import { Strict } from '../../../schemas.js';
import { HTML_HEADERS, periodProperty, tag } from '../../shared/reports.js';

const list = (description: string, most: number) =>
  Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 16_384,
      pattern: NO_NUL,
      description: `${description}, separated by commas; at most ${most}.`,
    }),
  );

export default function routes(app: App, { services }: RouteContext): void {
  const options = readRoute({
    summary: 'A report as HTML, without making one',
    description: 'Of a template, or of metrics. Without either it is the executive summary.',
    tag,
    querystring: Strict({
      template: Type.Optional(Type.Unsafe<TemplateName>(Type.String({ enum: [...TEMPLATE_NAMES] }))),
      metrics: list('Metrics of the catalog', MAX_METRICS),
      group_by: list('Dimensions', MAX_GROUP_BY),
      period: periodProperty,
      time_zone: Type.Optional(Type.String({ maxLength: 64, default: 'UTC', description: 'IANA name.' })),
      agent_ids: list('Agents', MAX_FILTER_VALUES),
      agent_tags: list('Tags of agents', MAX_FILTER_VALUES),
      environments: list('Environments', MAX_FILTER_VALUES),
    }),
    answer: Type.String(),
  });
  const { response } = options.schema;
  const page: object = { description: 'The page.', content: { 'text/html': { schema: { type: 'string' } } } };
  app.get(
    '/reports/preview',
    { ...options, schema: { ...options.schema, response: { ...response, 200: page } } },
    async (request, reply) => {
      const tenant = tenantOf(request);
      const { reader } = request;
      const content = await services.previewReport({
        ...{ pool: reader, tenantId: tenant, settings: previewSettings(request.query) },
        readBudgets: () => reader.run(() => services.budgets.list(tenant)),
      });
      void reply.headers(HTML_HEADERS).serializer((payload: unknown) => payload as string);
      return services.reportRenderer.page(content);
    },
  );
}
