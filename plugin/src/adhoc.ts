/** Ad-hoc filters, which a dashboard applies to every query of the data source. */
import type { AdHocVariableFilter, MetricFindValue } from '@grafana/data';
import type { Catalog, DimensionValue } from './api/types';
import type { BaseQuery, Filter } from './types';

/** The dimensions by which any query of the dashboard can be filtered; all dimensions without queries. */
export function tagKeys(
  catalog: Catalog,
  shown: ReadonlyArray<readonly string[] | undefined> = [],
): MetricFindValue[] {
  const usable = new Set(shown.flatMap((dimensions) => dimensions ?? []));
  return catalog.dimensions
    .filter(({ name }) => usable.size === 0 || usable.has(name))
    .map(({ name, title }) => ({ text: title, value: name }));
}

export function tagValues(values: DimensionValue[]): MetricFindValue[] {
  return values.map(({ value, label }) => ({ text: label, value }));
}

interface AdHocResult<Query> {
  query: Query;
  /** Dimensions of the filters that do not apply to the query. */
  skipped: string[];
}

/**
 * Adds the filters that apply to the query.
 * @param dimensions by which the query can be filtered; if undefined, all filters are added
 * @throws Error for an operator that the API does not support
 */
export function applyAdHocFilters<Query extends BaseQuery>(
  query: Query,
  filters: readonly AdHocVariableFilter[] | undefined,
  dimensions?: readonly string[],
): AdHocResult<Query> {
  const complete = (filters ?? []).filter(({ key, value, values }) => key && (value || values?.length));
  const applies = ({ key }: AdHocVariableFilter) => !dimensions || dimensions.includes(key);
  return {
    query: { ...query, filters: [...query.filters, ...complete.filter(applies).map(toFilter)] },
    skipped: [...new Set(complete.filter((filter) => !applies(filter)).map(({ key }) => key))],
  };
}

/** Adds a filter that keeps or excludes a value, for a click on a table cell. */
export function addFilter<Query extends BaseQuery>(
  query: Query,
  dimension: string,
  value: string,
  keep: boolean,
): Query {
  const operator = keep ? 'in' : 'notIn';
  const present = query.filters.find(
    (filter) => filter.dimension === dimension && filter.operator === operator,
  );
  // Excluded values share a filter. A value to keep replaces the previous one, since no row has both.
  const values = present && !keep ? [...new Set([...present.values, value])] : [value];
  return {
    ...query,
    filters: [...query.filters.filter((filter) => filter !== present), { dimension, operator, values }],
  };
}

function toFilter({ key, operator, value, values }: AdHocVariableFilter): Filter {
  const several = values?.length ? values : [value];
  switch (operator) {
    case '=':
    case '=|':
      return { dimension: key, operator: 'in', values: operator === '=' ? [value] : several };
    case '!=':
    case '!=|':
      return { dimension: key, operator: 'notIn', values: operator === '!=' ? [value] : several };
    case '=~':
      return { dimension: key, operator: 'matches', values: globs(key, value) };
    default:
      throw new Error(
        `The filter “${key} ${operator} ${value}” cannot be applied: use =, !=, =|, !=| or =~.`,
      );
  }
}

/** Converts a regular expression that consists of literal text, `.*` and alternatives to globs. */
function globs(key: string, pattern: string): string[] {
  const alternatives = pattern.replace(/^\^?\(?(.*?)\)?\$?$/, '$1').split('|');
  return alternatives.map((alternative) => {
    const glob = alternative.replace(/\.\*/g, '*').replace(/\\([.\-/{}])/g, '$1');
    if (/[\\^$+?()[\]]/.test(glob)) {
      throw new Error(`The filter “${key} =~ ${pattern}” cannot be applied: only .* and | are supported.`);
    }
    return glob;
  });
}
