import {
  BarGaugeDisplayMode,
  BarGaugeNamePlacement,
  BarGaugeValueMode,
  ReduceDataOptionsBuilder,
  VizOrientation,
  VizTextDisplayOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import { COLOR, fixedColor } from './color.js';
import { applySpec, type PanelSpec } from './panel.js';

/** Horizontal bars from the same left edge, one per row of a table, in its order. */
export function funnel(spec: PanelSpec): PanelBuilder {
  return (
    applySpec(new PanelBuilder(), spec)
      .reduceOptions(new ReduceDataOptionsBuilder().values(true).calcs([]).fields(''))
      .orientation(VizOrientation.Horizontal)
      .displayMode(BarGaugeDisplayMode.Basic)
      .valueMode(BarGaugeValueMode.Text)
      // On the left, a long name would take the space of its bar.
      .namePlacement(BarGaugeNamePlacement.Top)
      .text(new VizTextDisplayOptionsBuilder().titleSize(14).valueSize(20))
      .showUnfilled(true)
      .min(0)
      .colorScheme(fixedColor(COLOR.calls))
  );
}
