/** How changes in the metric editor affect the other fields of the query. */
import type { Metric } from '../../api/types';
import type { Format } from '../../types';
import { formatOptions, intervalOptions } from './options';
import type { MetricQuery } from './query';

/** Maximum number of groups that the API returns. */
export const MAX_GROUPS = 10_000;

/** Whether the query returns one value for the whole time range, which can be compared with the previous period. */
export function isSingleValue({ format, interval }: MetricQuery): boolean {
  return format === 'timeseries' && interval === 'none';
}

/** Keeps everything that the new metric supports. */
export function changeMetric(query: MetricQuery, name: string, metric: Metric | undefined): MetricQuery {
  const changed = { ...query, metric: name };
  if (!metric) {
    return changed;
  }
  const has = (dimension: string) => dimension.startsWith('$') || metric.dimensions.includes(dimension);
  const offers = (options: Array<{ value: string }>, value: string) =>
    options.some((option) => option.value === value);
  return dropInvalidOrder({
    ...changed,
    groupBy: query.groupBy.filter(has),
    filters: query.filters.filter(({ dimension }) => dimension === '' || has(dimension)),
    interval: offers(intervalOptions(metric), query.interval) ? query.interval : 'auto',
    format: offers(formatOptions(metric), query.format) ? query.format : 'timeseries',
  });
}

export function changeGroupBy(query: MetricQuery, groupBy: string[]): MetricQuery {
  return dropInvalidOrder({ ...query, groupBy });
}

export function changeFormat(query: MetricQuery, format: Format): MetricQuery {
  return dropInvalidOrder({
    ...query,
    format,
    sparkline: format === 'table' ? query.sparkline : undefined,
    previous: format === 'timeseries' ? query.previous : undefined,
  });
}

/** Removes an order by a column that the query no longer returns. */
export function dropInvalidOrder(query: MetricQuery): MetricQuery {
  const { orderBy, groupBy, interval, sparkline } = query;
  const known = ['value', ...(interval === 'none' || sparkline ? [] : ['time']), ...groupBy];
  return orderBy && !known.includes(orderBy.by) ? { ...query, orderBy: undefined } : query;
}
