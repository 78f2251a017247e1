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
import { applySpec, type PanelSpec } from './panel.js';

export interface HeatmapSpec extends PanelSpec {
  /** Name of the cell's value in the tooltip. */
  cell: string;
  scheme?: string;
  /** Width of the row names, in pixels. */
  axisWidth?: number;
}

/**
 * A heatmap of buckets that the data source has already counted. All options are set explicitly, because otherwise Grafana
 * calculates buckets itself. The first row of the frame is drawn on top.
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
    applySpec(new PanelBuilder(), spec)
      .calculate(false)
      .rowsFrame(new RowsHeatmapOptionsBuilder().layout(HeatmapCellLayout.Auto).value(spec.cell))
      .color(color)
      // Zeros are shown in the lightest colour; only cells without data are empty.
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
