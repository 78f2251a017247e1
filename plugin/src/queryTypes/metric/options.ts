/** The options of the metric editor's menus. */
import { getValueFormats } from '@grafana/data';
import type { ComboboxOption } from '@grafana/ui';
import type { Catalog, Metric } from '../../api/types';
import { variableOptions } from '../../editors/options';
import { BUCKET_TITLES } from '../../interval';
import type { Format, IntervalChoice } from '../../types';
import { labels } from './labels';
import type { MetricQuery } from './query';

const KIND_TITLES: Record<Metric['kind'], string> = {
  count: 'Counts',
  rate: 'Rates',
  duration: 'Durations',
  gauge: 'States',
};

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

/** @param trend whether the interval is that of a sparkline, which always has buckets */
export function intervalOptions(
  metric: Metric | undefined,
  trend = false,
): Array<ComboboxOption<IntervalChoice>> {
  const { auto, none } = labels.interval;
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
  { value: 'heatmap-user-day', label: 'Heatmap user × day', needs: ['user'] },
  { value: 'heatmap-weekday-hour', label: 'Heatmap weekday × hour', needs: ['weekday', 'hourOfDay'] },
];

/** A heatmap is offered if the metric has both of its dimensions. */
export function formatOptions(metric: Metric | undefined): Array<ComboboxOption<Format>> {
  return FORMATS.filter(
    ({ needs }) => !metric || needs.every((dimension) => metric.dimensions.includes(dimension)),
  ).map(({ value, label }) => ({ value, label }));
}

export const DEFAULT_ORDER = '';

export function orderOptions(
  catalog: Catalog | undefined,
  query: MetricQuery,
): Array<ComboboxOption<string>> {
  const titles = new Map(catalog?.dimensions.map(({ name, title }) => [name, title]));
  const byTime = query.interval !== 'none' && !query.sparkline;
  return [
    { value: DEFAULT_ORDER, label: labels.orderBy.default },
    { value: 'value', label: 'Value' },
    ...(byTime ? [{ value: 'time', label: 'Time' }] : []),
    ...query.groupBy.map((name) => ({ value: name, label: titles.get(name) ?? name })),
  ];
}

/** The name of one of Grafana's units. */
export function unitTitle(unit: string): string {
  const known = getValueFormats()
    .flatMap(({ submenu }) => submenu ?? [])
    .find(({ value }) => value === unit);
  return unit === 'short' || unit === '' ? 'number' : (known?.text ?? unit);
}
