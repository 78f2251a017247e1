/** A tenant's own dashboard as one of Grafana, made of the same panels as the project's own. */
import { datasourceVariable, stored } from 'agentidp-analytics-panels/analytics';
import { pieChart, timeSeries } from 'agentidp-analytics-panels/chart';
import { buildDashboard } from 'agentidp-analytics-panels/dashboard';
import { funnel } from 'agentidp-analytics-panels/funnel';
import { heatmap } from 'agentidp-analytics-panels/heatmap';
import { dashboardDropdown } from 'agentidp-analytics-panels/links';
import type { PanelBuilder, PanelSpec } from 'agentidp-analytics-panels/panel';
import { stat } from 'agentidp-analytics-panels/stat';
import { table } from 'agentidp-analytics-panels/table';
import { findMetric } from '../catalog/index.js';
import type { PeriodName } from '../query/executions/period.js';
import type { CustomDashboard, Widget, WidgetType } from './schema.js';
import { heatmapOf, HEATMAPS, periodOf, queryOf } from './widgets.js';

/** Start of a period in Grafana's words, as the API has it: the current hour or day, and those before it. */
const FROM: Record<PeriodName, string> = {
  '24h': 'now-23h/h',
  '7d': 'now-6d/d',
  '30d': 'now-29d/d',
  '90d': 'now-89d/d',
};

/** Width and height by default. */
const SIZES: Record<WidgetType, [number, number]> = {
  metric: [6, 4],
  chart: [12, 8],
  table: [12, 8],
  pie: [8, 8],
  heatmap: [24, 9],
  funnel: [12, 8],
};

const AREA_OPACITY = 30;

/** Stable, so that publishing again updates. Grafana allows 40 characters. */
const uidOf = ({ id }: Pick<CustomDashboard, 'id'>): string => `aidp-${id.replaceAll('-', '')}`;

export function grafanaDashboard(dashboard: CustomDashboard) {
  const period = mostCommon(dashboard.widgets.map(periodOf));
  return buildDashboard({
    uid: uidOf(dashboard),
    title: dashboard.name,
    description: 'Published from AgentIdP Analytics. Publishing it again replaces what was changed here.',
    tags: [],
    from: FROM[period],
    refresh: '1m',
    variables: [datasourceVariable()],
    annotations: [],
    links: [dashboardDropdown()],
    rows: [{ title: dashboard.name, panels: dashboard.widgets.map((widget) => panelOf(widget, period)) }],
  });
}

function panelOf(widget: Widget, shared: PeriodName): PanelBuilder {
  const [width, height] = SIZES[widget.type];
  const metric = widget.metric === undefined ? undefined : findMetric(widget.metric);
  const period = periodOf(widget);
  const spec: PanelSpec = {
    title: widget.title,
    description: metric?.description ?? 'Sessions that did the steps one after the other.',
    unit: metric?.unit ?? 'short',
    noValue: 'No data in this period',
    width: widget.width ?? width,
    height: widget.height ?? height,
    targets: [stored(targetOf(widget))],
    // The others follow the time range of the dashboard.
    ...(period !== shared && { timeFrom: FROM[period] }),
  };
  switch (widget.type) {
    case 'metric':
      return stat({ ...spec, calc: 'lastNotNull' });
    case 'chart': {
      const chart = timeSeries({ ...spec, draw: widget.chart_type === 'bar' ? 'bars' : 'lines' });
      return widget.chart_type === 'area' ? chart.fillOpacity(AREA_OPACITY) : chart;
    }
    case 'table':
      return table(spec);
    case 'pie':
      return pieChart(spec);
    case 'heatmap':
      return heatmap({ ...spec, cell: metric?.title ?? widget.title });
    case 'funnel':
      return funnel(spec);
  }
}

/** The query of the plugin. */
function targetOf(widget: Widget): object {
  const asked = queryOf(widget);
  const { filters = [] } = widget;
  if (asked.kind === 'funnel') {
    const { steps } = asked;
    const defaults = { metric: '', groupBy: [], interval: 'auto' };
    return { ...defaults, queryType: 'funnel', funnelSteps: steps, filters, format: 'bars' };
  }
  const { metric, groupBy = [], interval = 'none', limit } = asked.query;
  const query = { queryType: 'metric', metric, groupBy, filters, interval, ...(limit && { limit }) };
  switch (widget.type) {
    case 'chart':
      // The interval follows the time range, unless the widget has one.
      return { ...query, interval: widget.interval ?? 'auto', format: 'timeseries' };
    case 'heatmap':
      return { ...query, format: HEATMAPS[heatmapOf(widget)] };
    default:
      return { ...query, format: 'table' };
  }
}

/** The first one among equals; that of an empty dashboard is a week. */
function mostCommon(periods: readonly PeriodName[]): PeriodName {
  const counts = new Map<PeriodName, number>();
  for (const period of periods) counts.set(period, (counts.get(period) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return [...counts].find(([, count]) => count === most)?.[0] ?? '7d';
}
