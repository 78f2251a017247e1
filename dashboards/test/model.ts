import type { AnalyticsQuery } from '../src/lib/analytics.js';
import { ANALYTICS_PLUGIN_ID, PROMETHEUS_PLUGIN_ID } from 'agentidp-analytics-panels/names';
import { dashboards } from '../src/index.js';

/** The properties of a panel's JSON that the tests use. */
export interface PanelJson {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: TargetJson[];
  options?: Record<string, unknown>;
  fieldConfig?: {
    defaults: { unit?: string; noValue?: string; links?: LinkJson[] };
    overrides: { properties: { id: string; value: unknown }[] }[];
  };
}

export interface TargetJson extends Partial<AnalyticsQuery> {
  refId: string;
  datasource: { type: string; uid: string };
  expr?: string;
}

export interface LinkJson {
  title: string;
  url?: string;
  type?: string;
  tags?: string[];
  keepTime?: boolean;
}

export interface DashboardJson {
  uid: string;
  title: string;
  description: string;
  tags: string[];
  schemaVersion: number;
  panels: PanelJson[];
  links: LinkJson[];
  templating: { list: { name: string; type: string; query?: unknown; datasource?: { uid: string } }[] };
  annotations: { list: { name: string; enable: boolean; hide: boolean; target: TargetJson }[] };
}

/** The dashboards as they are written to disk. */
export const written: DashboardJson[] = dashboards.map(
  ({ dashboard }) => JSON.parse(JSON.stringify(dashboard)) as DashboardJson,
);

/** All panels except rows, named for the test output. */
export const panels = written.flatMap((dashboard) =>
  dashboard.panels
    .filter((panel) => panel.type !== 'row')
    .map((panel) => ({ name: `${dashboard.title}: ${panel.title}`, dashboard, panel })),
);

/** All queries of panels, annotations and variables. */
export const targets = [
  ...panels.flatMap(({ name, panel }) =>
    (panel.targets ?? []).map((target) => ({ name: `${name} ${target.refId}`, target })),
  ),
  ...written.flatMap(({ title, annotations }) =>
    annotations.list.map(({ name, target }) => ({ name: `${title}: annotation ${name}`, target })),
  ),
];

export const analyticsTargets = targets.filter(
  ({ target }) => target.datasource.type === ANALYTICS_PLUGIN_ID,
);
export const prometheusTargets = targets.filter(
  ({ target }) => target.datasource.type === PROMETHEUS_PLUGIN_ID,
);

/** Data links of a panel. */
export function dataLinks(panel: PanelJson): LinkJson[] {
  const overrides = panel.fieldConfig?.overrides.flatMap(({ properties }) => properties) ?? [];
  return [
    ...(panel.fieldConfig?.defaults.links ?? []),
    ...overrides.filter(({ id }) => id === 'links').flatMap(({ value }) => value as LinkJson[]),
  ];
}
