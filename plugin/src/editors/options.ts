/** Menu options that several editors share. */
import { getTemplateSrv } from '@grafana/runtime';
import type { ComboboxOption } from '@grafana/ui';
import type { Catalog, Metric } from '../api/types';
import { selectors } from '../selectors';
import type { FilterOperator } from '../types';

/** The dashboard's variables, which can be used in place of any name or value. */
export function variableOptions(): Array<ComboboxOption<string>> {
  const { variable } = selectors.QueryEditor;
  return getTemplateSrv()
    .getVariables()
    .filter(({ type }) => type !== 'adhoc' && type !== 'datasource')
    .map(({ name }) => ({ value: `$${name}`, label: `$${name}`, description: variable }));
}

/** The dimensions of the metric; all dimensions if the metric is a variable or unknown. */
export function dimensionOptions(
  catalog: Catalog | undefined,
  metric: Metric | undefined,
): Array<ComboboxOption<string>> {
  return namedDimensions(catalog, metric?.dimensions ?? catalog?.dimensions.map(({ name }) => name) ?? []);
}

/** The named dimensions that the catalog knows, with its titles and in its order. */
export function namedDimensions(
  catalog: Catalog | undefined,
  names: readonly string[],
): Array<ComboboxOption<string>> {
  return (catalog?.dimensions ?? [])
    .filter(({ name }) => names.includes(name))
    .map(({ name, title, description }) => ({ value: name, label: title, description }));
}

/** For filters that can only keep values. */
export const KEEP_OPTIONS: Array<ComboboxOption<FilterOperator>> = [{ value: 'in', label: 'is one of' }];

export const OPERATOR_OPTIONS: Array<ComboboxOption<FilterOperator>> = [
  ...KEEP_OPTIONS,
  { value: 'notIn', label: 'is none of' },
  { value: 'matches', label: 'matches', description: 'With * as a wildcard, not case-sensitive' },
];

const { asc, desc } = selectors.QueryEditor.direction;

export const DIRECTION_OPTIONS = [
  { value: 'asc' as const, label: asc },
  { value: 'desc' as const, label: desc },
];
