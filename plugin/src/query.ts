/** Stored queries: their defaults, and old or partial forms of them. */
import { findQueryType, queryTypeOf, type AnalyticsQuery, type PanelQueryType } from './queryTypes';
import type { BaseQuery, Filter } from './types';

export type { AnalyticsQuery };

const EMPTY_QUERY = {
  metric: '',
  groupBy: [],
  filters: [],
  interval: 'auto',
  format: 'timeseries',
} as const satisfies Partial<Omit<BaseQuery, 'groupBy' | 'filters'>> & { groupBy: []; filters: [] };

/** A new query of a type. */
export function defaultQuery(type: PanelQueryType = 'metric'): Omit<AnalyticsQuery, 'refId'> {
  return { queryType: type, ...EMPTY_QUERY, groupBy: [], filters: [], ...findQueryType(type)?.defaults };
}

/** Completes a stored query. Missing and malformed fields get their defaults. */
export function normalizeQuery(stored: Partial<AnalyticsQuery> & { refId: string }): AnalyticsQuery {
  const defaults: Partial<AnalyticsQuery> = findQueryType(stored.queryType)?.defaults ?? {};
  const missing = Object.entries(defaults).filter(([field]) => stored[field as keyof AnalyticsQuery] == null);
  return {
    ...stored,
    queryType: stored.queryType ?? 'metric',
    metric: stored.metric ?? EMPTY_QUERY.metric,
    groupBy: strings(stored.groupBy),
    filters: Array.isArray(stored.filters) ? stored.filters.filter(isFilter).map(normalizeFilter) : [],
    interval: stored.interval ?? EMPTY_QUERY.interval,
    format: stored.format ?? EMPTY_QUERY.format,
    ...Object.fromEntries(missing),
  };
}

/** The target of an annotation. Rotations are the default. */
export function annotationTarget(stored: Partial<AnalyticsQuery> | undefined): AnalyticsQuery {
  return normalizeQuery({
    ...defaultQuery(),
    ...stored,
    refId: stored?.refId ?? 'Anno',
    queryType: 'annotation',
    annotation: stored?.annotation ?? 'rotations',
  });
}

/** @param stored undefined, an object or, in a manually written dashboard, the name of a dimension */
export function variableQuery(stored: Partial<AnalyticsQuery> | string | undefined): AnalyticsQuery {
  const query = typeof stored === 'string' ? { dimension: stored } : (stored ?? {});
  return normalizeQuery({
    ...query,
    refId: query.refId ?? 'variable',
    queryType: 'dimensionValues',
    dimension: query.dimension || 'agent',
  });
}

/** Whether the query has everything that its request needs, and is not hidden. */
export function isRunnable(query: AnalyticsQuery): boolean {
  return !query.hide && queryTypeOf(query).isComplete(query);
}

/** A description of the query, for lists of queries. */
export function queryText(query: AnalyticsQuery): string {
  return queryTypeOf(query).displayText(query);
}

/** Changes the type. Filters that the new type supports are kept; order, limit and format mean something else there. */
export function changeType(query: AnalyticsQuery, queryType: PanelQueryType): AnalyticsQuery {
  const { metric, format } = defaultQuery(queryType);
  const removed = queryTypeOf(query).removedWithType ?? [];
  const changed = {
    ...query,
    ...Object.fromEntries(removed.map((field) => [field, undefined])),
    queryType,
    metric: metric && (query.metric || metric),
    orderBy: undefined,
    limit: undefined,
    format,
  };
  const known = queryTypeOf(changed).filterDimensions(changed, undefined);
  const filters = query.filters.filter(
    ({ dimension, operator }) => !known || (known.includes(dimension) && operator === 'in'),
  );
  return normalizeQuery({ ...changed, filters });
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

function isFilter(value: unknown): value is Partial<Filter> & { dimension: string } {
  return typeof value === 'object' && value !== null && typeof (value as Filter).dimension === 'string';
}

function normalizeFilter({ dimension, operator, values }: Partial<Filter> & { dimension: string }): Filter {
  return { dimension, operator: operator ?? 'in', values: strings(values) };
}
