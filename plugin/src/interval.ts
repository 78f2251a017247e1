/** The intervals of the API, and the choice of one for a panel. */

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** From narrow to wide. The width of a month is nominal. */
const BUCKETS = [
  { interval: 'minute', title: '1 minute', ms: MINUTE },
  { interval: '5m', title: '5 minutes', ms: 5 * MINUTE },
  { interval: '15m', title: '15 minutes', ms: 15 * MINUTE },
  { interval: 'hour', title: '1 hour', ms: HOUR },
  { interval: '6h', title: '6 hours', ms: 6 * HOUR },
  { interval: 'day', title: '1 day', ms: DAY },
  { interval: 'week', title: '1 week', ms: 7 * DAY },
  { interval: 'month', title: '1 month', ms: 30 * DAY },
] as const;

export type Bucket = (typeof BUCKETS)[number]['interval'];
/** `none` returns one row per group for the whole range. */
export type Interval = Bucket | 'none';

/** Menu options without `auto` and `none`. */
export const BUCKET_TITLES: ReadonlyArray<{ interval: Bucket; title: string }> = BUCKETS;

/** Assumed for exporters that do not report how long they keep minutes. */
const DEFAULT_MINUTE_HOURS = 48;
/** Allows for clock skew, and for minutes that expire while the query is in flight. */
const MARGIN = 5 * MINUTE;

interface IntervalContext {
  /** Both in milliseconds since the epoch. */
  from: number;
  now: number;
  /** Minimum width of a bucket in milliseconds. */
  atLeast: number;
  /** Intervals of the metric; all if the catalog is not known. */
  allowed?: readonly string[];
  /** Hours for which the exporter keeps minutes. */
  minuteHours?: number;
}

/** The narrowest interval that is wide enough and available for the whole range. */
export function autoInterval({
  from,
  now,
  atLeast,
  allowed,
  minuteHours = DEFAULT_MINUTE_HOURS,
}: IntervalContext): Interval {
  const hasMinutes = from >= now - minuteHours * HOUR + MARGIN;
  const possible = BUCKETS.filter(
    ({ interval, ms }) => (!allowed || allowed.includes(interval)) && (ms >= HOUR || hasMinutes),
  );
  return (possible.find(({ ms }) => ms >= atLeast) ?? possible.at(-1))?.interval ?? 'none';
}

/** Milliseconds of a bucket; undefined for months, which differ in length. */
export function bucketWidth(interval: Interval): number | undefined {
  return interval === 'month' ? undefined : BUCKETS.find((bucket) => bucket.interval === interval)?.ms;
}

/** Whether the exporter keeps buckets of this width for a limited time only. */
export function needsMinutes(interval: Interval): boolean {
  return (bucketWidth(interval) ?? HOUR) < HOUR;
}

/** The end of a bucket: the start of the next one if there is one. */
export function bucketEnd(start: number, next: number | undefined, interval: Interval): number {
  return next ?? start + (bucketWidth(interval) ?? 30 * DAY);
}
