import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import type {
  DataTransformerConfig,
  DynamicConfigValue,
  FieldColor,
  Panel,
  ThresholdsConfig,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { ANALYTICS_PLUGIN_ID } from './names.js';
import { letter, type Target } from './target.js';

/** Of an automatic interval: more bars than this cannot be told apart, and cost the exporter more. */
const MAX_BUCKETS = 200;

/** What every panel must say. Nothing here has a default: a panel without it does not compile. */
export interface PanelSpec {
  title: string;
  /** What the figure means and how it is counted; shown behind the panel's info icon. */
  description: string;
  /** A unit id of Grafana, such as `short`, `percent` or `ms`. */
  unit: string;
  /** Shown in place of the panel, or of a single figure, when there is nothing to show. */
  noValue: string;
  /** In 24ths of the dashboard's width. */
  width: number;
  /** In grid rows of 30 pixels. */
  height: number;
  targets: Target[];
  transformations?: DataTransformerConfig[];
  /** A range of the panel's own in place of the dashboard's, such as `now/M` for this month so far. */
  timeFrom?: string;
  /** The panel's own range moved or rounded, such as `0M/M` for whole months. */
  timeShift?: string;
  overrides?: Override[];
}

/** Settings for the fields with one name, in place of the panel's own. */
export interface Override {
  /** A field's name or display name, or all fields of a type. */
  field: string | { type: string } | { regexp: string };
  properties: DynamicConfigValue[];
}

/** What the SDK's builders of different panels have in common. */
export interface PanelBuilder extends Builder<Panel> {
  title(title: string): this;
  description(description: string): this;
  unit(unit: string): this;
  noValue(noValue: string): this;
  height(rows: number): this;
  span(columns: number): this;
  datasource(datasource: DataSourceRef): this;
  targets(targets: Builder<Dataquery>[]): this;
  maxDataPoints(points: number): this;
  transformations(transformations: DataTransformerConfig[]): this;
  timeFrom(timeFrom: string): this;
  timeShift(timeShift: string): this;
  hideTimeOverride(hide: boolean): this;
  overrideByName(name: string, properties: DynamicConfigValue[]): this;
  overrideByRegexp(regexp: string, properties: DynamicConfigValue[]): this;
  overrideByFieldType(type: string, properties: DynamicConfigValue[]): this;
  colorScheme(color: Builder<FieldColor>): this;
  thresholds(thresholds: Builder<ThresholdsConfig>): this;
}

/** Writes a spec into a builder of any kind of panel. */
export function describe<B extends PanelBuilder>(builder: B, spec: PanelSpec): B {
  const [first] = spec.targets;
  if (!first) {
    throw new Error(`the panel '${spec.title}' has no query`);
  }
  builder
    .title(spec.title)
    .description(spec.description)
    .unit(spec.unit)
    .noValue(spec.noValue)
    .span(spec.width)
    .height(spec.height)
    .datasource(first.datasource)
    .targets(spec.targets.map((target, index) => target.query(letter(index))));
  if (first.datasource.type === ANALYTICS_PLUGIN_ID) {
    builder.maxDataPoints(MAX_BUCKETS);
  }
  if (spec.transformations) {
    builder.transformations(spec.transformations);
  }
  if (spec.timeFrom) {
    builder.timeFrom(spec.timeFrom);
  }
  if (spec.timeShift) {
    // Shown as it is written, it would explain nothing; the title and the description do.
    builder.timeShift(spec.timeShift).hideTimeOverride(true);
  }
  for (const { field, properties } of spec.overrides ?? []) {
    if (typeof field === 'string') {
      builder.overrideByName(field, properties);
    } else if ('type' in field) {
      builder.overrideByFieldType(field.type, properties);
    } else {
      builder.overrideByRegexp(field.regexp, properties);
    }
  }
  return builder;
}
