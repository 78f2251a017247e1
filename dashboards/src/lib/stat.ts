import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  PercentChangeColorMode,
  ReduceDataOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { COLOR, colorByThreshold, colorMappings, fixedColor, set, thresholds } from './color.js';
import { describe, type PanelSpec } from './panel.js';

export interface StatSpec extends PanelSpec {
  /** How a column becomes one figure: `sum`, `mean`, `max`, `lastNotNull` … */
  calc: string;
  /** A regular expression between slashes for the column to show; without it, the numeric ones. */
  fields?: string;
  /** A small chart under the figure; wants a time series. */
  graph?: boolean;
  color?: string;
  /** The colour from the bottom, then pairs of a value and the colour from there on. */
  thresholds?: [string, ...[number, string][]];
  decimals?: number;
  /** Shows by how much the last of two or more points differs from the first, and whether more is good. */
  change?: 'more is good' | 'more is bad' | 'neither';
  /** A text in place of a figure, such as a status, with the colour of each value. */
  mappings?: Record<string, string>;
}

const CHANGE_COLORS = {
  'more is good': PercentChangeColorMode.Standard,
  'more is bad': PercentChangeColorMode.Inverted,
  neither: PercentChangeColorMode.SameAsValue,
};

/** One figure. */
export function stat(spec: StatSpec): PanelBuilder {
  const reduce = new ReduceDataOptionsBuilder()
    .calcs([spec.calc])
    .fields(spec.fields ?? '')
    .values(false);
  // The panel's unit wins over the one that the data source gives the figure.
  const builder = new PanelBuilder().overrideByFieldType('number', [set.unit(spec.unit)]);
  const panel = describe(builder, spec)
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
