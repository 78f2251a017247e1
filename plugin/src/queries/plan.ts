/** The queries that are sent for targets that use `POST /query`. */
import { findMetric } from '../api/catalog';
import type { Metric, WireQuery } from '../api/types';
import { autoInterval, needsMinutes, type Interval } from '../interval';
import type { BaseQuery } from '../types';
import type { Range, RequestContext } from './context';

export interface Plan<Query extends BaseQuery = BaseQuery> {
  /** Interpolated, with ad-hoc filters. */
  query: Query;
  metric?: Metric;
  main: PlannedQuery;
  /** A second query for details of the first: the trend of each row, or the agents behind each sum. */
  detail?: PlannedQuery;
  /** The range over which the main query is repeated for comparison. */
  previous?: Range;
  /** Whether the plugin chose the buckets, so that it may also choose wider ones. */
  automatic: boolean;
}

/** A query whose `refId` is set when the whole request is known. */
export type PlannedQuery = Omit<WireQuery, 'refId'>;

/** Whether the buckets may be wider, and are so narrow that the exporter may not have them. */
export function canBeCoarser({ automatic, main, detail }: Plan): boolean {
  return automatic && [main, detail].some((wire) => wire && needsMinutes(wire.interval));
}

/** The plan with hours in place of minutes. */
export function coarser(plan: Plan): Plan {
  const hours = (wire: PlannedQuery): PlannedQuery =>
    needsMinutes(wire.interval) ? { ...wire, interval: 'hour' } : wire;
  return { ...plan, main: hours(plan.main), detail: plan.detail && hours(plan.detail) };
}

/** The narrowest interval of a metric that has at least this many milliseconds and is available for the whole range. */
export function intervalFor(metric: string, context: RequestContext, atLeast: number): Interval {
  const { range, now, catalog } = context;
  return autoInterval({
    from: range.from,
    now,
    atLeast,
    allowed: findMetric(catalog, metric)?.intervals,
    minuteHours: catalog?.minuteRetentionHours,
  });
}
