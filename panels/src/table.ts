import {
  BarGaugeDisplayMode,
  BarGaugeValueMode,
  GraphDrawStyle,
  GraphGradientMode,
  TableCellBackgroundDisplayMode,
  TableCellDisplayMode,
  TableCellHeight,
  TableSortByFieldStateBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  MappingType,
  SpecialValueMatch,
  type DynamicConfigValue,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { set } from './color.js';
import { applySpec, type PanelSpec } from './panel.js';

export interface TableSpec extends PanelSpec {
  /** Column of the initial sort order, descending. Default: the order of the API. */
  sortBy?: string;
}

/** Text of an empty cell. The panel's no-data text is for a table without rows. */
const EMPTY_CELL = '–';

/** A title that does not fit into its column takes a second line. */
const WRAPPED_TITLE = set.custom('wrapHeaderText', true);

const UNKNOWN_COST: ValueMapping[] = [
  { type: MappingType.ValueToText, options: { 0: { text: EMPTY_CELL, index: 0 } } },
  {
    type: MappingType.SpecialValue,
    options: { match: SpecialValueMatch.NotANumber, result: { text: EMPTY_CELL, index: 1 } },
  },
];

/** In pixels, so that eight columns fit on a laptop screen. */
const MIN_COLUMN = 90;

/** A sortable, filterable table. */
export function table(spec: TableSpec): PanelBuilder {
  const panel = new PanelBuilder()
    // With a numeric unit, an id that consists of digits would be shown as '1.23 K', also in links.
    .overrideByFieldType('string', [set.unit('string'), set.noValue(EMPTY_CELL), WRAPPED_TITLE])
    .overrideByFieldType('time', [set.noValue(EMPTY_CELL), WRAPPED_TITLE])
    .overrideByFieldType('number', [set.noValue(EMPTY_CELL), WRAPPED_TITLE]);
  const built = applySpec(panel, spec)
    .showHeader(true)
    .cellHeight(TableCellHeight.Sm)
    .minWidth(MIN_COLUMN)
    .filterable(true);
  const { sortBy } = spec;
  return sortBy === undefined
    ? built
    : built.sortBy([new TableSortByFieldStateBuilder().displayName(sortBy).desc(true)]);
}

/** Override properties by kind of cell. */
export const cell = {
  /** A count. It is 0 if empty, because the API omits groups without a count. */
  count: (): DynamicConfigValue[] => [set.noValue('0')],
  /** A cost. Zero is shown as unknown, because the executions are unpriced or used no model. */
  cost: (decimals = 2): DynamicConfigValue[] => [
    set.unit('currencyUSD'),
    set.decimals(decimals),
    { id: 'mappings', value: UNKNOWN_COST },
  ],
  /** A share of the cost, 0 to 1. Zero is shown as unknown. */
  costShare: (color: string): DynamicConfigValue[] => [
    set.unit('percentunit'),
    set.decimals(1),
    ...cell.bar(color),
    { id: 'mappings', value: UNKNOWN_COST },
  ],
  /** A bar from 0 to the largest value of the column, or to `max`. */
  bar: (color: string): DynamicConfigValue[] => [
    set.custom('cellOptions', {
      type: TableCellDisplayMode.Gauge,
      mode: BarGaugeDisplayMode.Basic,
      valueDisplayMode: BarGaugeValueMode.Text,
    }),
    set.color(color),
    set.min(0),
    // Otherwise the largest value of all columns would be the maximum.
    { id: 'fieldMinMax', value: true },
  ],
  /** A sparkline per row; requires a column of frames. */
  sparkline: (color: string): DynamicConfigValue[] => [
    set.custom('cellOptions', {
      type: TableCellDisplayMode.Sparkline,
      drawStyle: GraphDrawStyle.Line,
      lineWidth: 1,
      fillOpacity: 20,
      // Other modes use their own colour.
      gradientMode: GraphGradientMode.None,
      hideValue: true,
    }),
    set.color(color),
    set.noValue(EMPTY_CELL),
    set.custom('width', 160),
    set.custom('filterable', false),
  ],
  /** Background colour by thresholds. */
  byThreshold: (base: string, ...steps: [number, string][]): DynamicConfigValue[] => [
    set.custom('cellOptions', {
      type: TableCellDisplayMode.ColorBackground,
      mode: TableCellBackgroundDisplayMode.Basic,
    }),
    { id: 'color', value: { mode: 'thresholds' } },
    set.thresholds(base, ...steps),
  ],
  /** Text in the colour of its value mapping. */
  text: (): DynamicConfigValue[] => [
    set.custom('cellOptions', { type: TableCellDisplayMode.ColorText }),
    { id: 'color', value: { mode: 'thresholds' } },
    set.thresholds('text'),
  ],
  /** Long text that wraps. */
  wrapped: (): DynamicConfigValue[] => [
    set.custom('cellOptions', { type: TableCellDisplayMode.Auto }),
    set.custom('wrapText', true),
  ],
  /** Hidden, but available for links. */
  hidden: (): DynamicConfigValue[] => [set.custom('hideFrom.viz', true)],
};
