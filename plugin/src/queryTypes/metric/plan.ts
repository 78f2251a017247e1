/** The queries that are sent for a metric, with their intervals. */
import { findMetric } from '../../api/catalog';
import { bucketWidth, HOUR, type Interval } from '../../interval';
import type { Range, RequestContext } from '../../queries/context';
import { intervalFor, type Plan, type PlannedQuery } from '../../queries/plan';
import type { AnsweredPlan } from '../../queries/run';
import type { MetricQuery } from './query';

export type AnsweredMetric = AnsweredPlan<MetricQuery>;

/** Default number of rows of a heatmap. More would not be readable. */
const HEATMAP_ROWS = 50;
/** The dimension of the heatmaps by day. */
const BY_DAY = { 'heatmap-agent-day': 'agent', 'heatmap-user-day': 'user' } as const;
/** Approximate maximum number of points of a sparkline. */
const SPARKLINE_POINTS = 100;

export function planMetric(query: MetricQuery, context: RequestContext): Plan<MetricQuery> {
  const wire = (changes: Partial<PlannedQuery>): PlannedQuery => ({
    metric: query.metric,
    groupBy: query.groupBy,
    filters: query.filters,
    interval: chosenInterval(query, context, context.intervalMs),
    ...(query.orderBy && { orderBy: query.orderBy }),
    ...(query.limit && { limit: query.limit }),
    ...changes,
  });
  return {
    query,
    metric: findMetric(context.catalog, query.metric),
    automatic: query.interval === 'auto' || query.interval === 'none',
    ...queriesOf(query, context, wire),
  };
}

type Wire = (changes: Partial<PlannedQuery>) => PlannedQuery;

function queriesOf(
  query: MetricQuery,
  context: RequestContext,
  wire: Wire,
): Pick<Plan, 'main' | 'detail' | 'previous'> {
  switch (query.format) {
    case 'heatmap-agent-day':
    case 'heatmap-user-day': {
      const limit = query.limit ?? HEATMAP_ROWS;
      return { main: wire({ groupBy: [BY_DAY[query.format]], interval: 'day', limit, orderBy: undefined }) };
    }
    case 'heatmap-weekday-hour': {
      const groupBy = ['weekday', 'hourOfDay'];
      return { main: wire({ groupBy, interval: 'none', limit: undefined, orderBy: undefined }) };
    }
    case 'table':
      return query.sparkline ? withSparkline(query, context, wire) : { main: wire({}) };
    default: {
      const main = wire({});
      const compared = query.previous && main.interval === 'none';
      return { main, ...(compared && { previous: previousRange(query.metric, context) }) };
    }
  }
}

/**
 * The period of the same length just before the range. Both are aligned to buckets here, because the exporter widens
 * ranges to whole buckets, and would count the bucket between them twice.
 */
function previousRange(metric: string, context: RequestContext): Range {
  const { from, to } = context.range;
  const both = { ...context, range: { from: from - (to - from), to } };
  const width = bucketWidth(intervalFor(metric, both, 0)) ?? HOUR;
  const end = Math.floor(from / width) * width;
  return { from: end - (Math.ceil(to / width) * width - end), to: end };
}

function withSparkline(
  query: MetricQuery,
  context: RequestContext,
  wire: Wire,
): Pick<Plan, 'main' | 'detail'> {
  const { from, to } = context.range;
  const atLeast = Math.max(context.intervalMs, (to - from) / SPARKLINE_POINTS);
  const interval =
    query.interval === 'none'
      ? intervalFor(query.metric, context, atLeast)
      : chosenInterval(query, context, atLeast);
  return {
    main: wire({ interval: 'none', orderBy: query.orderBy?.by === 'time' ? undefined : query.orderBy }),
    // A metric that is only available for a whole range has no trend.
    detail: interval === 'none' ? undefined : wire({ interval, orderBy: undefined }),
  };
}

function chosenInterval(query: MetricQuery, context: RequestContext, atLeast: number): Interval {
  return query.interval === 'auto' ? intervalFor(query.metric, context, atLeast) : query.interval;
}
