/** `GET /dashboards/{id}/grafana`: the dashboard as one of Grafana. */
import { Type } from 'typebox';
import { grafanaDashboard } from '../../../custom-dashboards/grafana.js';
import { readDashboard } from '../../../custom-dashboards/store.js';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { readRoute } from '../../../http/route-options.js';
import { DashboardParams, DASHBOARDS_TAG } from '../../shared/dashboards.js';

export default function routes(app: App, _context: RouteContext): void {
  app.get(
    '/dashboards/:id/grafana',
    readRoute({
      summary: 'The dashboard as JSON that Grafana imports',
      description: 'It queries the data source of the plugin, and has a variable to choose which one.',
      tag: DASHBOARDS_TAG,
      params: DashboardParams,
      answer: Type.Unsafe<object>({ type: 'object', additionalProperties: true }),
      errors: ['NOT_FOUND'],
    }),
    async (request) =>
      grafanaDashboard(
        await readDashboard(request.reader, tenantOf(request), request.params.id.toLowerCase()),
      ),
  );
}
