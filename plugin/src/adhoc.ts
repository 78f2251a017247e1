/** Ad-hoc filters: a dashboard's own filters, which apply to every query of the data source. */
import type { AdHocVariableFilter, MetricFindValue } from '@grafana/data';
import type { Catalog, DimensionValue } from './api/types';
import type { AnalyticsQuery, Filter } from './types';

/** What a dashboard can filter by: whatever any of the queries that it shows can be, or everything there is. */
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

export interface AdHocResult {
  query: AnalyticsQuery;
  /** Dimensions of the filters that were left out because the query cannot be filtered by them. */
  skipped: string[];
}

/**
 * The query restricted further by the dashboard's filters, as far as it can be.
 * @param dimensions what the query can be filtered by; without them all filters are taken
 * @throws Error for an operator that no filter of the API stands for
 */
export function applyAdHocFilters(
  query: AnalyticsQuery,
  filters: readonly AdHocVariableFilter[] | undefined,
  dimensions?: readonly string[],
): AdHocResult {
  const complete = (filters ?? []).filter(({ key, value, values }) => key && (value || values?.length));
  const applies = ({ key }: AdHocVariableFilter) => !dimensions || dimensions.includes(key);
  return {
    query: { ...query, filters: [...query.filters, ...complete.filter(applies).map(toFilter)] },
    skipped: [...new Set(complete.filter((filter) => !applies(filter)).map(({ key }) => key))],
  };
}

/** The query with one more value to keep or leave out, as a click on a table's cell asks. */
export function addFilter(
  query: AnalyticsQuery,
  dimension: string,
  value: string,
  keep: boolean,
): AnalyticsQuery {
  const operator = keep ? 'in' : 'notIn';
  const present = query.filters.find(
    (filter) => filter.dimension === dimension && filter.operator === operator,
  );
  // Two values to leave out are one filter; a value to keep replaces another, as no row could have both.
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

/** A regular expression as globs, as far as it says no more than a glob can: texts, `.*` and alternatives. */
function globs(key: string, pattern: string): string[] {
  const alternatives = pattern.replace(/^\^?\(?(.*?)\)?\$?$/, '$1').split('|');
  return alternatives.map((alternative) => {
    const glob = alternative.replace(/\.\*/g, '*').replace(/\\([.\-/{}])/g, '$1');
    if (/[\\^$+?()[\]]/.test(glob)) {
      throw new Error(
        `The filter “${key} =~ ${pattern}” cannot be applied: only .* and | have a meaning in it.`,
      );
    }
    return glob;
  });
}
