import {
  AxisPlacement,
  HeatmapCellLayout,
  TooltipDisplayMode,
  VisibilityMode,
} from '@grafana/grafana-foundation-sdk/common';
import {
  CellValuesBuilder,
  FilterValueRangeBuilder,
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  HeatmapColorScale,
  HeatmapTooltipBuilder,
  PanelBuilder,
  RowsHeatmapOptionsBuilder,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap';
import { describe, type PanelSpec } from './panel.js';

export interface HeatmapSpec extends PanelSpec {
  /** What a cell counts, for the tooltip. */
  cell: string;
  scheme?: string;
  /** Room for the rows' names, in pixels. */
  axisWidth?: number;
}

/**
 * A heatmap of rows that the data source has already counted. Every option is written out: where one is
 * missing Grafana would count buckets itself. The first row of the frame is drawn on top.
 */
export function heatmap(spec: HeatmapSpec): PanelBuilder {
  const color = new HeatmapColorOptionsBuilder()
    .mode(HeatmapColorMode.Scheme)
    .scheme(spec.scheme ?? 'Blues')
    .fill('dark-blue')
    .scale(HeatmapColorScale.Exponential)
    .exponent(0.5)
    .steps(64)
    .reverse(false)
    .min(0);
  const yAxis = new YAxisConfigBuilder().axisPlacement(AxisPlacement.Left).reverse(true);
  if (spec.axisWidth) {
    yAxis.axisWidth(spec.axisWidth);
  }
  return (
    describe(new PanelBuilder(), spec)
      .calculate(false)
      .rowsFrame(new RowsHeatmapOptionsBuilder().layout(HeatmapCellLayout.Auto).value(spec.cell))
      .color(color)
      // A zero is a fact, drawn in the faintest colour; only a cell without data stays empty.
      .filterValues(new FilterValueRangeBuilder().le(-1))
      .cellGap(1)
      .cellValues(new CellValuesBuilder().unit(spec.unit))
      .showValue(VisibilityMode.Never)
      .yAxis(yAxis)
      .showLegend()
      .tooltip(
        new HeatmapTooltipBuilder().mode(TooltipDisplayMode.Single).yHistogram(false).showColorScale(true),
      )
  );
}
