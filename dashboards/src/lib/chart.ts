import * as bars from '@grafana/grafana-foundation-sdk/barchart';
import {
  BarAlignment,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTextDisplayOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import * as pie from '@grafana/grafana-foundation-sdk/piechart';
import * as series from '@grafana/grafana-foundation-sdk/timeseries';
import { colorByName, colorByOrder } from './color.js';
import { describe, type PanelSpec } from './panel.js';

export interface TimeSeriesSpec extends PanelSpec {
  draw: 'lines' | 'bars';
  stacked?: boolean;
  /** Figures per series in the legend (`sum`, `max`, `mean` …), which then becomes a table. */
  legendCalcs?: string[];
  legendAt?: 'bottom' | 'right';
  /** By `name`, a thing has one colour on all charts; by `order`, the default, colours are as far apart as can be. */
  colors?: 'name' | 'order';
  /** The axis reaches at least this far, so that small changes of a rate do not look large. */
  softMax?: number;
  max?: number;
}

/** Lines or bars over time. */
export function timeSeries(spec: TimeSeriesSpec): series.PanelBuilder {
  const drawn = spec.draw === 'bars';
  const stacking = new StackingConfigBuilder()
    .mode(spec.stacked ? StackingMode.Normal : StackingMode.None)
    .group('A');
  const panel = describe(new series.PanelBuilder(), spec)
    .drawStyle(drawn ? GraphDrawStyle.Bars : GraphDrawStyle.Line)
    .lineWidth(drawn ? 0 : 1)
    .fillOpacity(drawn ? 80 : 0)
    .lineInterpolation(LineInterpolation.Linear)
    .showPoints(drawn ? VisibilityMode.Never : VisibilityMode.Auto)
    .pointSize(4)
    .spanNulls(false)
    .stacking(stacking)
    // A bucket carries its start, and its bar covers its time.
    .barAlignment(BarAlignment.After)
    .min(0)
    .colorScheme(spec.colors === 'name' ? colorByName() : colorByOrder())
    .legend(legend(spec.legendCalcs ?? [], spec.legendAt ?? 'bottom'))
    .tooltip(manyRows());
  if (spec.softMax !== undefined) {
    panel.axisSoftMax(spec.softMax);
  }
  return spec.max === undefined ? panel : panel.max(spec.max);
}

export interface BarChartSpec extends PanelSpec {
  /** The column with the bars' names. */
  xField: string;
}

/** Horizontal bars, one per row of a table. */
export function barChart(spec: BarChartSpec): bars.PanelBuilder {
  return describe(new bars.PanelBuilder(), spec)
    .xField(spec.xField)
    .orientation(VizOrientation.Horizontal)
    .showValue(VisibilityMode.Auto)
    .stacking(StackingMode.None)
    .text(new VizTextDisplayOptionsBuilder().valueSize(12))
    .barWidth(0.8)
    .groupWidth(0.8)
    .fillOpacity(80)
    .lineWidth(0)
    .min(0)
    .colorScheme(colorByOrder())
    .legend(new VizLegendOptionsBuilder().showLegend(false))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Single).sort(SortOrder.None));
}

/** Slices, one per row of a table. */
export function pieChart(spec: PanelSpec): pie.PanelBuilder {
  const slices = new pie.PieChartLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(LegendDisplayMode.Table)
    .placement(LegendPlacement.Right)
    .values([pie.PieChartLegendValues.Percent]);
  return describe(new pie.PanelBuilder(), spec)
    .pieType(pie.PieChartType.Donut)
    .reduceOptions(new ReduceDataOptionsBuilder().values(true).calcs(['lastNotNull']).fields(''))
    .colorScheme(colorByOrder())
    .legend(slices)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Single).sort(SortOrder.None));
}

function legend(calcs: string[], at: 'bottom' | 'right'): VizLegendOptionsBuilder {
  return new VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(calcs.length > 0 ? LegendDisplayMode.Table : LegendDisplayMode.List)
    .placement(at === 'right' ? LegendPlacement.Right : LegendPlacement.Bottom)
    .calcs(calcs);
}

function manyRows(): VizTooltipOptionsBuilder {
  return new VizTooltipOptionsBuilder()
    .mode(TooltipDisplayMode.Multi)
    .sort(SortOrder.Descending)
    .hideZeros(true);
}
