/** What the editors' menus offer. */
import { getValueFormats } from '@grafana/data';
import { getTemplateSrv } from '@grafana/runtime';
import type { ComboboxOption } from '@grafana/ui';
import type { Catalog, Metric } from '../api/types';
import { BUCKET_TITLES } from '../interval';
import { selectors } from '../selectors';
import type { AnalyticsQuery, FilterOperator, Format, IntervalChoice } from '../types';

const KIND_TITLES: Record<Metric['kind'], string> = {
  count: 'Counts',
  rate: 'Rates',
  duration: 'Durations',
  gauge: 'States',
};

/** The dashboard's variables, which may stand wherever a name or a value does. */
export function variableOptions(): Array<ComboboxOption<string>> {
  const { variable } = selectors.QueryEditor;
  return getTemplateSrv()
    .getVariables()
    .filter(({ type }) => type !== 'adhoc' && type !== 'datasource')
    .map(({ name }) => ({ value: `$${name}`, label: `$${name}`, description: variable }));
}

export function metricOptions(catalog: Catalog | undefined): Array<ComboboxOption<string>> {
  const metrics = (catalog?.metrics ?? []).map(({ name, title, description, kind }) => ({
    value: name,
    label: title,
    description,
    group: KIND_TITLES[kind],
  }));
  const variables = variableOptions().map((option) => ({ ...option, group: 'Variables' }));
  return [...metrics, ...variables];
}

/** Only what the metric is counted by; all dimensions where the metric is a variable or not known. */
export function dimensionOptions(
  catalog: Catalog | undefined,
  metric: Metric | undefined,
): Array<ComboboxOption<string>> {
  return namedDimensions(catalog, metric?.dimensions ?? catalog?.dimensions.map(({ name }) => name) ?? []);
}

/** Those of the dimensions that the catalog knows, by its titles and in its order. */
export function namedDimensions(
  catalog: Catalog | undefined,
  names: readonly string[],
): Array<ComboboxOption<string>> {
  return (catalog?.dimensions ?? [])
    .filter(({ name }) => names.includes(name))
    .map(({ name, title, description }) => ({ value: name, label: title, description }));
}

/** @param trend for a course, which always has buckets */
export function intervalOptions(
  metric: Metric | undefined,
  trend = false,
): Array<ComboboxOption<IntervalChoice>> {
  const { auto, none } = selectors.QueryEditor.interval;
  const buckets = BUCKET_TITLES.filter(({ interval }) => !metric || metric.intervals.includes(interval));
  return [
    { value: 'auto', label: auto },
    ...buckets.map(({ interval, title }) => ({ value: interval, label: title })),
    ...(trend ? [] : [{ value: 'none' as const, label: none }]),
  ];
}

const FORMATS: ReadonlyArray<ComboboxOption<Format> & { value: Format; needs: string[] }> = [
  { value: 'timeseries', label: 'Time series', needs: [] },
  { value: 'table', label: 'Table', needs: [] },
  { value: 'heatmap-agent-day', label: 'Heatmap agent × day', needs: ['agent'] },
  { value: 'heatmap-weekday-hour', label: 'Heatmap weekday × hour', needs: ['weekday', 'hourOfDay'] },
];

/** A heatmap is offered where the metric has both of its sides. */
export function formatOptions(metric: Metric | undefined): Array<ComboboxOption<Format>> {
  return FORMATS.filter(
    ({ needs }) => !metric || needs.every((dimension) => metric.dimensions.includes(dimension)),
  ).map(({ value, label }) => ({ value, label }));
}

/** Where values can only be kept. */
export const KEEP_OPTIONS: Array<ComboboxOption<FilterOperator>> = [{ value: 'in', label: 'is one of' }];

export const OPERATOR_OPTIONS: Array<ComboboxOption<FilterOperator>> = [
  ...KEEP_OPTIONS,
  { value: 'notIn', label: 'is none of' },
  { value: 'matches', label: 'matches', description: 'With * for any text, upper and lower case alike' },
];

const { asc, desc } = selectors.QueryEditor.direction;

export const DIRECTION_OPTIONS = [
  { value: 'asc' as const, label: asc },
  { value: 'desc' as const, label: desc },
];

export const DEFAULT_ORDER = '';

export function orderOptions(
  catalog: Catalog | undefined,
  query: AnalyticsQuery,
): Array<ComboboxOption<string>> {
  const titles = new Map(catalog?.dimensions.map(({ name, title }) => [name, title]));
  const byTime = query.interval !== 'none' && !query.sparkline;
  return [
    { value: DEFAULT_ORDER, label: selectors.QueryEditor.orderBy.default },
    { value: 'value', label: 'Value' },
    ...(byTime ? [{ value: 'time', label: 'Time' }] : []),
    ...query.groupBy.map((name) => ({ value: name, label: titles.get(name) ?? name })),
  ];
}

/** Grafana's id of a unit in words. */
export function unitTitle(unit: string): string {
  const known = getValueFormats()
    .flatMap(({ submenu }) => submenu ?? [])
    .find(({ value }) => value === unit);
  return unit === 'short' || unit === '' ? 'number' : (known?.text ?? unit);
}
