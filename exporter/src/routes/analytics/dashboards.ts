/** `/dashboards`: dashboards of the tenant's own. */
import { Type } from 'typebox';
import {
  DashboardBody,
  DashboardSchema,
  MAX_CHARACTERS,
  MAX_DASHBOARDS,
  MAX_WIDGETS,
} from '../../custom-dashboards/schema.js';
import {
  createDashboard,
  deleteDashboard,
  listDashboards,
  readDashboard,
  replaceDashboard,
} from '../../custom-dashboards/store.js';
import { checkedWidgets } from '../../custom-dashboards/widgets.js';
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { adminRoute, readRoute } from '../../http/route-options.js';
import { Nullable, Strict } from '../../schemas.js';
import { DashboardParams, DASHBOARDS_TAG, widgetContext } from '../shared/dashboards.js';
import { Deleted } from '../shared/deleted.js';

const tag = DASHBOARDS_TAG;

export default function routes(app: App, context: RouteContext): void {
  const {
    pool,
    now,
    services: { registry },
  } = context;
  app.get(
    '/dashboards',
    readRoute({
      summary: 'The dashboards of the tenant, the oldest first',
      description: `A tenant has at most ${MAX_DASHBOARDS}, which are one page.`,
      tag,
      answer: Strict({
        dashboards: Type.Array(DashboardSchema),
        next_cursor: Nullable(Type.String({ description: 'Null: there is one page.' })),
      }),
    }),
    async (request) => ({
      dashboards: await listDashboards(request.reader, tenantOf(request)),
      next_cursor: null,
    }),
  );

  app.get(
    '/dashboards/:id',
    readRoute({
      summary: 'One dashboard',
      tag,
      params: DashboardParams,
      answer: DashboardSchema,
      errors: ['NOT_FOUND'],
    }),
    (request) => readDashboard(request.reader, tenantOf(request), request.params.id.toLowerCase()),
  );

  app.post(
    '/dashboards',
    adminRoute({
      summary: 'Creates a dashboard',
      description:
        `At most ${MAX_DASHBOARDS} per tenant, each of at most ${MAX_WIDGETS} widgets and ${MAX_CHARACTERS} characters. A ` +
        'widget that names a metric, a dimension, an interval or a period that there is not, or that do not go together, is ' +
        'refused, and the error says what would be right.',
      tag,
      body: DashboardBody,
      answers: { 201: DashboardSchema },
      errors: ['CONFLICT'],
    }),
    async (request, reply) => {
      const tenant = tenantOf(request);
      const at = now();
      const widgets = checkedWidgets(request.body, widgetContext(context, tenant, at));
      await registry.register(tenant, []);
      const made = await createDashboard(pool, tenant, { name: request.body.name, widgets }, at);
      reply.code(201);
      return made;
    },
  );

  app.put(
    '/dashboards/:id',
    adminRoute({
      summary: 'Replaces a dashboard',
      tag,
      params: DashboardParams,
      body: DashboardBody,
      answers: { 200: DashboardSchema },
      errors: ['NOT_FOUND'],
    }),
    async (request) => {
      const tenant = tenantOf(request);
      const at = now();
      const widgets = checkedWidgets(request.body, widgetContext(context, tenant, at));
      const id = request.params.id.toLowerCase();
      return replaceDashboard(pool, tenant, id, { name: request.body.name, widgets }, at);
    },
  );

  app.delete(
    '/dashboards/:id',
    adminRoute({
      summary: 'Deletes a dashboard',
      description: 'What was published of it stays in Grafana.',
      tag,
      params: DashboardParams,
      answers: { 204: Deleted },
      errors: ['NOT_FOUND'],
    }),
    async (request, reply) => {
      await deleteDashboard(pool, tenantOf(request), request.params.id.toLowerCase());
      reply.code(204);
      return null;
    },
  );
}
