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
import { applySpec, type PanelSpec } from './panel.js';

export interface TimeSeriesSpec extends PanelSpec {
  draw: 'lines' | 'bars';
  stacked?: boolean;
  /** Values per series in the legend (`sum`, `max`, `mean` …), which is then shown as a table. */
  legendCalcs?: string[];
  legendAt?: 'bottom' | 'right';
  /** `name`: the same colour for a name on all charts. `order` (default): colours that are easy to tell apart. */
  colors?: 'name' | 'order';
  /** Minimum upper end of the axis, so that small changes of a rate do not look large. */
  softMax?: number;
  max?: number;
}

/** Lines or bars over time. */
export function timeSeries(spec: TimeSeriesSpec): series.PanelBuilder {
  const drawn = spec.draw === 'bars';
  const stacking = new StackingConfigBuilder()
    .mode(spec.stacked ? StackingMode.Normal : StackingMode.None)
    .group('A');
  const panel = applySpec(new series.PanelBuilder(), spec)
    .drawStyle(drawn ? GraphDrawStyle.Bars : GraphDrawStyle.Line)
    .lineWidth(drawn ? 0 : 1)
    .fillOpacity(drawn ? 80 : 0)
    .lineInterpolation(LineInterpolation.Linear)
    .showPoints(drawn ? VisibilityMode.Never : VisibilityMode.Auto)
    .pointSize(4)
    .spanNulls(false)
    .stacking(stacking)
    // The timestamp is the start of the bucket.
    .barAlignment(BarAlignment.After)
    .min(0)
    .colorScheme(spec.colors === 'name' ? colorByName() : colorByOrder())
    .legend(legend(spec.legendCalcs ?? [], spec.legendAt ?? 'bottom'))
    .tooltip(multiTooltip());
  if (spec.softMax !== undefined) {
    panel.axisSoftMax(spec.softMax);
  }
  return spec.max === undefined ? panel : panel.max(spec.max);
}

/** Characters of a label below a bar. */
const MAX_LABEL = 40;

export interface BarChartSpec extends PanelSpec {
  /** Column with the names of the bars. Default: the first one with text. */
  xField?: string;
  /** Vertical bars whose columns are stacked, with a legend. */
  stacked?: boolean;
}

/** Horizontal bars, one per row of a table. */
export function barChart(spec: BarChartSpec): bars.PanelBuilder {
  const panel = applySpec(new bars.PanelBuilder(), spec)
    .orientation(spec.stacked ? VizOrientation.Vertical : VizOrientation.Horizontal)
    .showValue(spec.stacked ? VisibilityMode.Never : VisibilityMode.Auto)
    .stacking(spec.stacked ? StackingMode.Normal : StackingMode.None)
    .text(new VizTextDisplayOptionsBuilder().valueSize(12))
    .barWidth(0.8)
    .groupWidth(0.8)
    .fillOpacity(80)
    .lineWidth(0)
    .min(0)
    .colorScheme(colorByOrder())
    .legend(spec.stacked ? legend([], 'bottom') : new VizLegendOptionsBuilder().showLegend(false))
    .tooltip(
      spec.stacked
        ? multiTooltip()
        : new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Single).sort(SortOrder.None),
    );
  // The SDK's default is 0, which leaves nothing of a label below a bar.
  if (spec.stacked) panel.xTickLabelMaxLength(MAX_LABEL);
  return spec.xField === undefined ? panel : panel.xField(spec.xField);
}

/** Slices, one per row of a table. */
export function pieChart(spec: PanelSpec): pie.PanelBuilder {
  const slices = new pie.PieChartLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(LegendDisplayMode.Table)
    .placement(LegendPlacement.Right)
    .values([pie.PieChartLegendValues.Percent]);
  return applySpec(new pie.PanelBuilder(), spec)
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

function multiTooltip(): VizTooltipOptionsBuilder {
  return new VizTooltipOptionsBuilder()
    .mode(TooltipDisplayMode.Multi)
    .sort(SortOrder.Descending)
    .hideZeros(true);
}
