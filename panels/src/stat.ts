import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  PercentChangeColorMode,
  ReduceDataOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { COLOR, colorByThreshold, colorMappings, fixedColor, set, thresholds } from './color.js';
import { applySpec, type PanelSpec } from './panel.js';

export interface StatSpec extends PanelSpec {
  /** How a field is reduced to one value: `sum`, `mean`, `max`, `lastNotNull` … */
  calc: string;
  /** Regular expression between slashes for the field to show; default: numeric fields. */
  fields?: string;
  /** Shows a sparkline; requires a time series. */
  graph?: boolean;
  color?: string;
  /** The base colour, then pairs of a value and the colour from that value on. */
  thresholds?: [string, ...[number, string][]];
  decimals?: number;
  /** Shows the change from the first to the last point, coloured by whether an increase is good. */
  change?: 'increase is good' | 'increase is bad' | 'neutral';
  /** Colours of text values, such as a status. */
  mappings?: Record<string, string>;
}

const CHANGE_COLORS = {
  'increase is good': PercentChangeColorMode.Standard,
  'increase is bad': PercentChangeColorMode.Inverted,
  neutral: PercentChangeColorMode.SameAsValue,
};

/** A stat panel with one value. */
export function stat(spec: StatSpec): PanelBuilder {
  const reduce = new ReduceDataOptionsBuilder()
    .calcs([spec.calc])
    .fields(spec.fields ?? '')
    .values(false);
  // Overrides the unit that the data source sets.
  const builder = new PanelBuilder().overrideByFieldType('number', [set.unit(spec.unit)]);
  const panel = applySpec(builder, spec)
    .reduceOptions(reduce)
    .graphMode(spec.graph ? BigValueGraphMode.Area : BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .textMode(BigValueTextMode.Value)
    .colorScheme(spec.thresholds ? colorByThreshold() : fixedColor(spec.color ?? COLOR.neutral));
  if (spec.change) {
    panel.showPercentChange(true).percentChangeColorMode(CHANGE_COLORS[spec.change]);
  }
  if (spec.mappings) {
    panel.mappings(colorMappings(spec.mappings));
  }
  if (spec.thresholds) {
    const [base, ...steps] = spec.thresholds;
    panel.thresholds(thresholds(base, ...steps));
  }
  return spec.decimals === undefined ? panel : panel.decimals(spec.decimals);
}
