/** What is sent for a target: which of the API's queries, over which buckets. */
import type { Catalog, Metric, WireQuery } from '../api/types';
import { autoInterval, bucketWidth, DAY, HOUR, needsMinutes, type Interval } from '../interval';
import type { AnalyticsQuery } from '../types';

/** Half-open, milliseconds since the epoch. */
export interface Range {
  from: number;
  to: number;
}

/** What a whole request has in common. */
export interface RequestContext {
  range: Range;
  /** Milliseconds for which the panel draws one point. */
  intervalMs: number;
  /** An IANA name. */
  timeZone: string;
  /** Milliseconds since the epoch. */
  now: number;
  catalog?: Catalog;
  datasourceUid: string;
}

export interface Plan {
  /** Interpolated, with ad-hoc filters. */
  query: AnalyticsQuery;
  metric?: Metric;
  /** Answers with what the target shows. */
  main: PlannedQuery;
  /** Answers with the course of each row (sparkline), or the names behind each sum (annotation). */
  detail?: PlannedQuery;
  /** Over which the main query is asked once more, to be compared with. */
  previous?: Range;
}

/** A query that gets its name when all of its request's are known. */
export type PlannedQuery = Omit<WireQuery, 'refId'>;

/** Rows of a heatmap where the query names no limit: more cannot be read. */
const HEATMAP_ROWS = 50;
/** Points of a sparkline, at most about. */
const SPARKLINE_POINTS = 100;
/** Marks of an annotation over the whole range, at most about. */
const ANNOTATION_BUCKETS = 200;
/** Agents that an annotation can name. */
const ANNOTATION_AGENTS = 100;

export function findMetric(catalog: Catalog | undefined, name: string): Metric | undefined {
  return catalog?.metrics.find((metric) => metric.name === name);
}

export function planMetric(query: AnalyticsQuery, context: RequestContext): Plan {
  const metric = findMetric(context.catalog, query.metric);
  const base = { query, metric };
  const wire = (changes: Partial<PlannedQuery>): PlannedQuery => ({
    metric: query.metric,
    groupBy: query.groupBy,
    filters: query.filters,
    interval: chosenInterval(query, context, context.intervalMs),
    ...(query.orderBy && { orderBy: query.orderBy }),
    ...(query.limit && { limit: query.limit }),
    ...changes,
  });
  switch (query.format) {
    case 'heatmap-agent-day':
      return {
        ...base,
        main: wire({
          groupBy: ['agent'],
          interval: 'day',
          limit: query.limit ?? HEATMAP_ROWS,
          orderBy: undefined,
        }),
      };
    case 'heatmap-weekday-hour':
      return {
        ...base,
        main: wire({
          groupBy: ['weekday', 'hourOfDay'],
          interval: 'none',
          limit: undefined,
          orderBy: undefined,
        }),
      };
    case 'table':
      return query.sparkline
        ? { ...base, ...withSparkline(query, context, wire) }
        : { ...base, main: wire({}) };
    default: {
      const main = wire({});
      const compared = query.previous && main.interval === 'none';
      return { ...base, main, ...(compared && { previous: previousRange(query.metric, context) }) };
    }
  }
}

/**
 * As long as the range and just before it, in the buckets to which the exporter widens both: otherwise the one between
 * them would be counted twice.
 */
function previousRange(metric: string, context: RequestContext): Range {
  const { from, to } = context.range;
  const both = { ...context, range: { from: from - (to - from), to } };
  const width = bucketWidth(autoInterval(intervalContext(metric, both, 0))) ?? HOUR;
  const end = Math.floor(from / width) * width;
  return { from: end - (Math.ceil(to / width) * width - end), to: end };
}

/** Credential rotations by bucket, and the agents behind the sums. */
export function planRotations(query: AnalyticsQuery, context: RequestContext): Plan {
  const metric = 'credential_rotations';
  const interval = autoInterval(intervalContext(metric, context, rangeOf(context) / ANNOTATION_BUCKETS));
  const wire = { metric, filters: query.filters, interval };
  return {
    query,
    metric: findMetric(context.catalog, metric),
    main: { ...wire, groupBy: [] },
    detail: { ...wire, groupBy: ['agent'], limit: ANNOTATION_AGENTS },
  };
}

/** Whether the buckets were chosen here, and are fine enough that the exporter may not keep them. */
export function canBeCoarser({ query, main, detail }: Plan): boolean {
  const automatic =
    query.queryType === 'annotation' || query.interval === 'auto' || query.interval === 'none';
  return automatic && [main, detail].some((wire) => wire && needsMinutes(wire.interval));
}

/** The plan with hours where it had minutes. */
export function coarser(plan: Plan): Plan {
  const hours = (wire: PlannedQuery): PlannedQuery =>
    needsMinutes(wire.interval) ? { ...wire, interval: 'hour' } : wire;
  return { ...plan, main: hours(plan.main), detail: plan.detail && hours(plan.detail) };
}

function withSparkline(
  query: AnalyticsQuery,
  context: RequestContext,
  wire: (changes: Partial<PlannedQuery>) => PlannedQuery,
): Pick<Plan, 'main' | 'detail'> {
  const atLeast = Math.max(context.intervalMs, rangeOf(context) / SPARKLINE_POINTS);
  const interval =
    query.interval === 'none'
      ? autoInterval(intervalContext(query.metric, context, atLeast))
      : chosenInterval(query, context, atLeast);
  return {
    main: wire({ interval: 'none', orderBy: query.orderBy?.by === 'time' ? undefined : query.orderBy }),
    // A metric that can only be asked for as a whole has no course.
    detail: interval === 'none' ? undefined : wire({ interval, orderBy: undefined }),
  };
}

function chosenInterval(query: AnalyticsQuery, context: RequestContext, atLeast: number): Interval {
  return query.interval === 'auto'
    ? autoInterval(intervalContext(query.metric, context, atLeast))
    : query.interval;
}

function intervalContext(metric: string, context: RequestContext, atLeast: number) {
  const { range, now, catalog } = context;
  return {
    from: range.from,
    now,
    atLeast,
    allowed: findMetric(catalog, metric)?.intervals,
    minuteHours: catalog?.minuteRetentionHours,
  };
}

function rangeOf({ range }: RequestContext): number {
  return range.to - range.from;
}

/** Where a bucket that starts at `start` ends, by the next start where there is one. */
export function bucketEnd(start: number, next: number | undefined, interval: Interval): number {
  return next ?? start + (bucketWidth(interval) ?? 30 * DAY);
}
