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
import { describe, type PanelSpec } from './panel.js';

export interface TableSpec extends PanelSpec {
  /** The column that the table is sorted by until the reader clicks another, largest first; the API's order without. */
  sortBy?: string;
}

/** What an empty cell shows: the panel's own no-data text is for a table without rows. */
const EMPTY_CELL = '–';

const UNKNOWN_COST: ValueMapping[] = [
  { type: MappingType.ValueToText, options: { 0: { text: EMPTY_CELL, index: 0 } } },
  {
    type: MappingType.SpecialValue,
    options: { match: SpecialValueMatch.NotANumber, result: { text: EMPTY_CELL, index: 1 } },
  },
];

/** In pixels; eight columns fit beside each other on a laptop. */
const MIN_COLUMN = 90;

/** A sortable, filterable table. */
export function table(spec: TableSpec): PanelBuilder {
  const panel = new PanelBuilder()
    // With a numeric unit an id of digits alone would be shown, and linked, as '1.23 K'.
    .overrideByFieldType('string', [set.unit('string'), set.noValue(EMPTY_CELL)])
    .overrideByFieldType('time', [set.noValue(EMPTY_CELL)])
    .overrideByFieldType('number', [set.noValue(EMPTY_CELL)]);
  const built = describe(panel, spec)
    .showHeader(true)
    .cellHeight(TableCellHeight.Sm)
    .minWidth(MIN_COLUMN)
    .filterable(true);
  const { sortBy } = spec;
  return sortBy === undefined
    ? built
    : built.sortBy([new TableSortByFieldStateBuilder().displayName(sortBy).desc(true)]);
}

/** Kinds of cells, as properties of an override. */
export const cell = {
  /** A count: the API names no group in which nothing was counted. */
  count: (): DynamicConfigValue[] => [set.noValue('0')],
  /** A sum of money, of which nothing is known where it is zero: its executions have no price, or used no model. */
  cost: (decimals = 2): DynamicConfigValue[] => [
    set.unit('currencyUSD'),
    set.decimals(decimals),
    { id: 'mappings', value: UNKNOWN_COST },
  ],
  /** A part of such a sum, 0 to 1, likewise. */
  costShare: (color: string): DynamicConfigValue[] => [
    set.unit('percentunit'),
    set.decimals(1),
    ...cell.bar(color),
    { id: 'mappings', value: UNKNOWN_COST },
  ],
  /** A bar from 0 to the column's largest value, or to `max`. */
  bar: (color: string): DynamicConfigValue[] => [
    set.custom('cellOptions', {
      type: TableCellDisplayMode.Gauge,
      mode: BarGaugeDisplayMode.Basic,
      valueDisplayMode: BarGaugeValueMode.Text,
    }),
    set.color(color),
    set.min(0),
    // Otherwise the largest value of all columns would be the bar's end.
    { id: 'fieldMinMax', value: true },
  ],
  /** A small chart per row; wants a column of frames. */
  sparkline: (color: string): DynamicConfigValue[] => [
    set.custom('cellOptions', {
      type: TableCellDisplayMode.Sparkline,
      drawStyle: GraphDrawStyle.Line,
      lineWidth: 1,
      fillOpacity: 20,
      // Any other would draw in a colour of its own.
      gradientMode: GraphGradientMode.None,
      hideValue: true,
    }),
    set.color(color),
    set.noValue(EMPTY_CELL),
    set.custom('width', 160),
    set.custom('filterable', false),
  ],
  /** The cell's background by its thresholds. */
  byThreshold: (base: string, ...steps: [number, string][]): DynamicConfigValue[] => [
    set.custom('cellOptions', {
      type: TableCellDisplayMode.ColorBackground,
      mode: TableCellBackgroundDisplayMode.Basic,
    }),
    { id: 'color', value: { mode: 'thresholds' } },
    set.thresholds(base, ...steps),
  ],
  /** A text in the colour of its mapping. */
  text: (): DynamicConfigValue[] => [
    set.custom('cellOptions', { type: TableCellDisplayMode.ColorText }),
    { id: 'color', value: { mode: 'thresholds' } },
    set.thresholds('text'),
  ],
  /** A long text over as many lines as it takes. */
  wrapped: (): DynamicConfigValue[] => [
    set.custom('cellOptions', { type: TableCellDisplayMode.Auto, wrapText: true }),
  ],
  /** Kept for links, not shown. */
  hidden: (): DynamicConfigValue[] => [set.custom('hideFrom.viz', true)],
};
