/** What a choice in the query editor means for the choices made before it. */
import type { Metric } from '../api/types';
import { filterDimensions } from '../queries/prepare';
import { DEFAULT_QUERY, normalizeQuery } from '../query';
import type { AnalyticsQuery, Format } from '../types';
import { formatOptions, intervalOptions } from './options';
import type { PanelQueryType } from './queryEditors';

/** Another kind of query: filters stay that it can have; order, limit and format mean something else there. */
export function changeType(query: AnalyticsQuery, queryType: PanelQueryType): AnalyticsQuery {
  const metric = queryType === 'metric' ? query.metric || DEFAULT_QUERY.metric : '';
  const changed = {
    ...query,
    queryType,
    metric,
    orderBy: undefined,
    limit: undefined,
    format: DEFAULT_QUERY.format,
    sparkline: undefined,
    previous: undefined,
  };
  const known = filterDimensions(changed, undefined);
  const filters = query.filters.filter(
    ({ dimension, operator }) => !known || (known.includes(dimension) && operator === 'in'),
  );
  return normalizeQuery({ ...changed, filters });
}

/** One figure over the whole time range, which can be compared with the one before. */
export function isFigure({ format, interval }: AnalyticsQuery): boolean {
  return format === 'timeseries' && interval === 'none';
}

/** Another metric: everything stays that it can be asked with. */
export function changeMetric(
  query: AnalyticsQuery,
  name: string,
  metric: Metric | undefined,
): AnalyticsQuery {
  const changed = { ...query, metric: name };
  if (!metric) {
    return changed;
  }
  const has = (dimension: string) => dimension.startsWith('$') || metric.dimensions.includes(dimension);
  const offers = (options: Array<{ value: string }>, value: string) =>
    options.some((option) => option.value === value);
  return settleOrder({
    ...changed,
    groupBy: query.groupBy.filter(has),
    filters: query.filters.filter(({ dimension }) => dimension === '' || has(dimension)),
    interval: offers(intervalOptions(metric), query.interval) ? query.interval : 'auto',
    format: offers(formatOptions(metric), query.format) ? query.format : 'timeseries',
  });
}

export function changeGroupBy(query: AnalyticsQuery, groupBy: string[]): AnalyticsQuery {
  return settleOrder({ ...query, groupBy });
}

export function changeFormat(query: AnalyticsQuery, format: Format): AnalyticsQuery {
  return settleOrder({
    ...query,
    format,
    sparkline: format === 'table' ? query.sparkline : undefined,
    previous: format === 'timeseries' ? query.previous : undefined,
  });
}

/** Drops an order by something that the query no longer has. */
export function settleOrder(query: AnalyticsQuery): AnalyticsQuery {
  const { orderBy, groupBy, interval, sparkline } = query;
  const known = ['value', ...(interval === 'none' || sparkline ? [] : ['time']), ...groupBy];
  return orderBy && !known.includes(orderBy.by) ? { ...query, orderBy: undefined } : query;
}

/** Groups that the API names at most. */
const MAX_GROUPS = 10_000;

/** A limit as typed: from 1 on, or none. */
export function parseLimit(text: string, max = MAX_GROUPS): number | undefined {
  const limit = Math.trunc(Number(text));
  return Number.isFinite(limit) && limit >= 1 ? Math.min(limit, max) : undefined;
}
