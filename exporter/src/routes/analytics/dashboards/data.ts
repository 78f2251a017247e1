/** `GET /dashboards/{id}/data`: the data of all widgets. */
import { Type } from 'typebox';
import { readWidgets } from '../../../custom-dashboards/data.js';
import { WIDGET_TYPES, type WidgetType } from '../../../custom-dashboards/schema.js';
import { readDashboard } from '../../../custom-dashboards/store.js';
import { periodOf, rangeOf } from '../../../custom-dashboards/widgets.js';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { sendCached } from '../../../http/response-cache.js';
import { readRoute } from '../../../http/route-options.js';
import { AnswerBudget } from '../../../query/budget.js';
import { type PeriodName, PERIODS } from '../../../query/executions/period.js';
import { Strict } from '../../../schemas.js';
import { ColumnsAnswer } from '../../shared/columns.js';
import { DashboardParams, DASHBOARDS_TAG, widgetContext } from '../../shared/dashboards.js';
import { ExecutionPeriodSchema } from '../../shared/executions.js';

const WIDGET = {
  type: Type.Unsafe<WidgetType>(Type.String({ enum: [...WIDGET_TYPES] })),
  title: Type.String(),
  period: ExecutionPeriodSchema,
};

const Data = Strict({
  id: Type.String(),
  name: Type.String(),
  widgets: Type.Array(
    Type.Union([Strict({ ...WIDGET, ...ColumnsAnswer }), Strict({ ...WIDGET, error: Type.Ref('Error#') })]),
  ),
});

export default function routes(app: App, context: RouteContext): void {
  app.get(
    '/dashboards/:id/data',
    readRoute({
      summary: 'The data of all widgets of a dashboard',
      description:
        'In the order of the widgets, in columns as `POST /query` answers them. A widget that cannot be answered has an ' +
        '`error` in their place.',
      tag: DASHBOARDS_TAG,
      params: DashboardParams,
      querystring: Strict({
        period: Type.Optional(
          Type.Unsafe<PeriodName>(
            Type.String({
              enum: [...PERIODS],
              description: 'Of all widgets. Default: the period of each.',
            }),
          ),
        ),
      }),
      answer: Data,
      errors: ['NOT_FOUND'],
    }),
    async (request, reply) => {
      const tenantId = tenantOf(request);
      const id = request.params.id.toLowerCase();
      const { period } = request.query;
      const now = context.now();
      const { name, widgets } = await readDashboard(request.reader, tenantId, id);
      const ranges = widgets.map((widget) => rangeOf(period ?? periodOf(widget), now).range);
      const cached = {
        endpoint: 'custom-dashboard',
        query: { id, name, widgets, ranges },
        to: Math.max(0, ...ranges.map(({ to }) => to)),
      };
      return sendCached(context, request, reply, cached, async () => {
        const budget = new AnswerBudget(Math.max(1, widgets.length));
        const contextOf = widgetContext(context, tenantId, now);
        const data = await readWidgets(
          request.reader,
          { tenantId, widgets, period, now, contextOf },
          budget,
        ).finally(() => request.reader.charge(budget.cellsUsed));
        return { id, name, widgets: data };
      });
    },
  );
}
