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

/** Maximum number of buckets of an automatic interval. More bars are hard to tell apart and expensive to query. */
const MAX_BUCKETS = 200;

/** Options of all panels. The required ones have no defaults, so that every panel sets them. */
export interface PanelSpec {
  title: string;
  /** What the panel shows and how it is counted. Shown as the panel's info tooltip. */
  description: string;
  /** Grafana unit id, such as `short`, `percent` or `ms`. */
  unit: string;
  /** Shown if there is no data. */
  noValue: string;
  /** In 24ths of the dashboard's width. */
  width: number;
  /** In grid rows of 30 pixels. */
  height: number;
  targets: Target[];
  transformations?: DataTransformerConfig[];
  /** Time range of the panel instead of the dashboard's, such as `now/M` for this month so far. */
  timeFrom?: string;
  /** Shift of the panel's time range, such as `0M/M` to round to whole months. */
  timeShift?: string;
  overrides?: Override[];
}

/** Properties for some of the fields. */
export interface Override {
  /** A field name or display name, a field type, or a regular expression for names. */
  field: string | { type: string } | { regexp: string };
  properties: DynamicConfigValue[];
}

/** The common interface of the SDK's panel builders. */
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

/** Applies the spec to the builder of any kind of panel. */
export function applySpec<B extends PanelBuilder>(builder: B, spec: PanelSpec): B {
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
    // Hide Grafana's label for the shift, such as `0M/M`, which readers would not understand.
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
