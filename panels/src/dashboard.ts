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

/** The Grafana version that the panel options are written for, and the oldest supported version. */
const PANEL_VERSION = '12.3.0';

export interface DashboardSpec {
  uid: string;
  title: string;
  description: string;
  /** In addition to the project's tag. */
  tags: string[];
  /** Start of the initial time range, such as `now-30d/d`. It ends now. */
  from: string;
  /** Initial refresh interval, such as `1m`. */
  refresh: string;
  variables: Builder<VariableModel>[];
  annotations: Builder<AnnotationQuery>[];
  links: Builder<DashboardLink>[];
  rows: { title: string; panels: Builder<Panel>[] }[];
}

/**
 * Builds a dashboard. Panels are placed from left to right and wrap at 24 columns. The default time zone is UTC, as in the
 * REST API. Panel ids are numbered from 1 in reading order, including rows.
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
  // The SDK places both in the controls menu. Without a placement, they are shown next to the variables.
  [...(dashboard.links ?? []), ...(dashboard.annotations.list ?? [])].forEach(
    (shown) => delete shown.placement,
  );
  dashboard.panels?.forEach((panel, index) => {
    panel.id = index + 1;
    if (isPanel(panel)) {
      panel.pluginVersion = PANEL_VERSION;
    }
  });
  place(dashboard.panels ?? []);
  return dashboard;
}

const COLUMNS = 24;

/** The SDK does not wrap a panel that is wider than what is left of its line. */
function place(panels: NonNullable<Dashboard['panels']>): void {
  let [x, y, height] = [0, 0, 0];
  for (const { gridPos } of panels) {
    if (gridPos === undefined) continue;
    if (x + gridPos.w > COLUMNS) [x, y, height] = [0, y + height, 0];
    Object.assign(gridPos, { x, y });
    x += gridPos.w;
    height = Math.max(height, gridPos.h);
  }
}

function isPanel(panel: NonNullable<Dashboard['panels']>[number]): panel is Panel {
  return panel.type !== 'row';
}
