/** The query model: its defaults, and old or partial forms of it. */
import type { AnalyticsQuery, ExecutionPart, Filter } from './types';

export const DEFAULT_QUERY = {
  queryType: 'metric',
  metric: 'api_calls',
  groupBy: [],
  filters: [],
  interval: 'auto',
  format: 'timeseries',
} as const satisfies Omit<AnalyticsQuery, 'refId' | 'groupBy' | 'filters'> & { groupBy: []; filters: [] };

const DEFAULT_PART: ExecutionPart = 'trace';

/**
 * A whole query out of whatever a dashboard, a link or a hand has stored. What is missing, or has the wrong form, takes
 * its default.
 */
export function normalizeQuery(stored: Partial<AnalyticsQuery> & { refId: string }): AnalyticsQuery {
  return {
    ...stored,
    queryType: stored.queryType ?? DEFAULT_QUERY.queryType,
    metric: stored.metric ?? (isMetric(stored) ? DEFAULT_QUERY.metric : ''),
    groupBy: strings(stored.groupBy),
    filters: Array.isArray(stored.filters) ? stored.filters.filter(isFilter).map(normalizeFilter) : [],
    interval: stored.interval ?? DEFAULT_QUERY.interval,
    format: stored.format ?? DEFAULT_QUERY.format,
    ...(stored.queryType === 'execution' && { part: stored.part ?? DEFAULT_PART }),
  };
}

/** Whether the query says enough to be sent; hidden ones are not. */
export function isRunnable(query: Partial<AnalyticsQuery>): boolean {
  if (query.hide) {
    return false;
  }
  switch (query.queryType) {
    case 'annotation':
      return Boolean(query.annotation);
    case 'dimensionValues':
      return Boolean(query.dimension);
    case 'execution':
      return Boolean(query.executionId);
    case 'executions':
    case 'budgets':
    case 'forecast':
      return true;
    default:
      return Boolean(query.metric);
  }
}

/** A query in words, for lists of queries. */
export function queryText(query: AnalyticsQuery): string {
  const { metric, groupBy, executionId, part } = query;
  switch (query.queryType) {
    case 'executions':
      return 'Executions';
    case 'execution':
      return `Execution ${executionId}: ${part}`;
    case 'budgets':
      return 'Budgets';
    case 'forecast':
      return 'Cost forecast';
    default:
      return groupBy.length > 0 ? `${metric} by ${groupBy.join(', ')}` : metric;
  }
}

function isMetric({ queryType }: Partial<AnalyticsQuery>): boolean {
  return queryType === undefined || queryType === 'metric';
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
