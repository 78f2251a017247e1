/** `POST /dashboards/{id}/publish`: pushes the dashboard to Grafana. */
import { Type } from 'typebox';
import { publish } from '../../../custom-dashboards/publish.js';
import { readDashboard } from '../../../custom-dashboards/store.js';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { adminRoute } from '../../../http/route-options.js';
import { Strict } from '../../../schemas.js';
import { DashboardParams, DASHBOARDS_TAG } from '../../shared/dashboards.js';

const Published = Strict({
  uid: Type.String({ description: 'Of the dashboard in Grafana; it stays the same.' }),
  url: Type.String({ description: 'Where Grafana shows it.' }),
  version: Type.Integer({ description: "Grafana's version of it." }),
});

export default function routes(app: App, { config }: RouteContext): void {
  app.post(
    '/dashboards/:id/publish',
    adminRoute({
      summary: 'Publishes a dashboard in Grafana',
      description:
        'In the Grafana of `GRAFANA_URL`, with `GRAFANA_TOKEN`. A second time it replaces what is there. If no Grafana is set, ' +
        'the answer is a 409; if Grafana is away or refuses the dashboard, a 503 that says why.',
      tag: DASHBOARDS_TAG,
      params: DashboardParams,
      answers: { 200: Published },
      errors: ['NOT_FOUND', 'CONFLICT'],
    }),
    async (request) => {
      const dashboard = await readDashboard(
        request.reader,
        tenantOf(request),
        request.params.id.toLowerCase(),
      );
      return publish(dashboard, { url: config.grafanaUrl, token: config.grafanaToken });
    },
  );
}
