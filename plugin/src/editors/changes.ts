/** What a choice in the query editor means for the choices made before it. */
import type { Metric } from '../api/types';
import type { AnalyticsQuery, Format } from '../types';
import { formatOptions, intervalOptions } from './options';

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
  return settleOrder({ ...query, format, sparkline: format === 'table' ? query.sparkline : undefined });
}

/** Drops an order by something that the query no longer has. */
export function settleOrder(query: AnalyticsQuery): AnalyticsQuery {
  const { orderBy, groupBy, interval, sparkline } = query;
  const known = ['value', ...(interval === 'none' || sparkline ? [] : ['time']), ...groupBy];
  return orderBy && !known.includes(orderBy.by) ? { ...query, orderBy: undefined } : query;
}

/** A limit as typed: 1 to 10,000, or none. */
export function parseLimit(text: string): number | undefined {
  const limit = Math.trunc(Number(text));
  return Number.isFinite(limit) && limit >= 1 ? Math.min(limit, 10_000) : undefined;
}
