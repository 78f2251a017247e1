/** A tenant's own dashboard as the API has it. */
import { type Static, Type } from 'typebox';
import { INTERVALS } from '../catalog/index.js';
import { NO_NUL } from '../ids.js';
import { OPERATORS } from '../query/plan.js';
import { PERIODS } from '../query/executions/period.js';
import { Strict, TimeText } from '../schemas.js';

export const WIDGET_TYPES = ['metric', 'chart', 'table', 'pie', 'heatmap', 'funnel'] as const;
export type WidgetType = (typeof WIDGET_TYPES)[number];
export const CHART_TYPES = ['line', 'bar', 'area'] as const;

export const MAX_DASHBOARDS = 100;
export const MAX_WIDGETS = 50;
/** Characters of a dashboard's widgets as JSON. */
export const MAX_CHARACTERS = 64 * 1024;

const MAX_NAME = 200;
const MAX_WIDTH = 24;
const MAX_HEIGHT = 40;
/** Groups that a widget may show. */
const MAX_GROUPS = 1_000;

const name = (description: string) =>
  Type.String({ minLength: 1, maxLength: MAX_NAME, pattern: NO_NUL, description });

// Names are checked against the catalog, not by the schema, so that an error can list what would be right.
export const WidgetSchema = Strict({
  type: Type.Unsafe<WidgetType>(
    Type.String({
      enum: [...WIDGET_TYPES],
      description:
        '`metric`: one number. `chart`: over time. `table`, `pie`: groups. `heatmap`: weekday by hour, or agents or users by ' +
        'day. `funnel`: sessions that did steps one after the other.',
    }),
  ),
  title: name('Shown above the widget.'),
  metric: Type.Optional(
    Type.String({ maxLength: 128, description: 'A metric of the catalog; of every type but `funnel`.' }),
  ),
  steps: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 256, pattern: NO_NUL }), {
      maxItems: 100,
      description: '2 to 10 names of steps, in their order; of a `funnel`.',
    }),
  ),
  chart_type: Type.Optional(
    Type.Unsafe<(typeof CHART_TYPES)[number]>(
      Type.String({ enum: [...CHART_TYPES], description: 'How a `chart` is drawn. Default: `line`.' }),
    ),
  ),
  group_by: Type.Optional(
    Type.Unsafe<string | string[]>(
      Type.Union(
        [Type.String({ maxLength: 64 }), Type.Array(Type.String({ maxLength: 64 }), { maxItems: 10 })],
        { description: 'Dimensions of the metric: a name, or several.' },
      ),
    ),
  ),
  filters: Type.Optional(
    Type.Array(
      Strict({
        dimension: Type.String({ maxLength: 64 }),
        operator: Type.String({
          maxLength: 16,
          description: `One of ${OPERATORS.join(', ')}; matches takes a glob with *.`,
        }),
        values: Type.Array(Type.String({ maxLength: 2048, pattern: NO_NUL }), { maxItems: 1_000 }),
      }),
      { maxItems: 50 },
    ),
  ),
  interval: Type.Optional(
    Type.String({
      maxLength: 16,
      description: `One of ${INTERVALS.join(', ')}. Default of a chart: \`hour\` for 24h, otherwise \`day\`.`,
    }),
  ),
  period: Type.Optional(
    Type.String({ maxLength: 16, default: '7d', description: `One of ${PERIODS.join(', ')}.` }),
  ),
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_GROUPS,
      description: 'Largest groups that are shown. Default: 10, in a table 100.',
    }),
  ),
  width: Type.Optional(
    Type.Integer({ minimum: 1, maximum: MAX_WIDTH, description: 'In 24ths of the width of the dashboard.' }),
  ),
  height: Type.Optional(
    Type.Integer({ minimum: 1, maximum: MAX_HEIGHT, description: 'In rows of 30 pixels.' }),
  ),
});
export type SentWidget = Static<typeof WidgetSchema>;

/** A widget as it is stored and answered. */
export type Widget = Omit<SentWidget, 'group_by'> & { group_by?: string[]; period: string };

export const DashboardBody = Strict({
  name: name('Title of the dashboard.'),
  widgets: Type.Array(WidgetSchema, { maxItems: MAX_WIDGETS, description: 'From left to right.' }),
});
export type SentDashboard = Static<typeof DashboardBody>;

export const DashboardSchema = Strict({
  id: Type.String({ description: 'UUID.' }),
  name: name('Title of the dashboard.'),
  widgets: Type.Unsafe<Widget[]>(Type.Array(WidgetSchema)),
  created_at: TimeText('When it was created.'),
  updated_at: TimeText('When it was last changed.'),
});
export type CustomDashboard = Static<typeof DashboardSchema>;
