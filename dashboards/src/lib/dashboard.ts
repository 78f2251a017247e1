import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  DashboardBuilder,
  DashboardCursorSync,
  RowBuilder,
  TimePickerBuilder,
  type AnnotationQuery,
  type Dashboard,
  type DashboardLink,
  type Panel,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PROJECT_TAG } from './names.js';

/** The release whose panel options the JSON is written for; older than this, Grafana is not supported. */
const PANEL_VERSION = '12.3.0';

export interface DashboardSpec {
  uid: string;
  title: string;
  description: string;
  /** Besides the project's own. */
  tags: string[];
  /** Start of the time range at first, such as `now-30d/d`; its end is now. */
  from: string;
  /** How often the panels ask again, such as `1m`; the reader can change it. */
  refresh: string;
  variables: Builder<VariableModel>[];
  annotations: Builder<AnnotationQuery>[];
  links: Builder<DashboardLink>[];
  rows: { title: string; panels: Builder<Panel>[] }[];
}

/**
 * Puts a dashboard together. Panels flow from left to right and wrap at 24 columns. Days are UTC, as in
 * the REST API, until the reader chooses another zone. Ids count from 1 in reading order, rows included.
 */
export function buildDashboard(spec: DashboardSpec): Dashboard {
  const builder = new DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.description)
    .tags([PROJECT_TAG, ...spec.tags])
    .timezone('utc')
    .time({ from: spec.from, to: 'now' })
    .timepicker(new TimePickerBuilder().refreshIntervals(['10s', '30s', '1m', '5m', '15m', '1h']))
    .refresh(spec.refresh)
    .tooltip(DashboardCursorSync.Crosshair)
    .editable()
    .variables(spec.variables)
    .annotations(spec.annotations)
    .links(spec.links);
  for (const row of spec.rows) {
    builder.withRow(new RowBuilder(row.title));
    row.panels.forEach((panel) => builder.withPanel(panel));
  }
  const dashboard = builder.build();
  // The SDK would hide both in the menu behind the three dots; without a placement they stand beside the variables.
  [...(dashboard.links ?? []), ...(dashboard.annotations.list ?? [])].forEach(
    (shown) => delete shown.placement,
  );
  dashboard.panels?.forEach((panel, index) => {
    panel.id = index + 1;
    if (isPanel(panel)) {
      panel.pluginVersion = PANEL_VERSION;
    }
  });
  return dashboard;
}

function isPanel(panel: NonNullable<Dashboard['panels']>[number]): panel is Panel {
  return panel.type !== 'row';
}
