/** Bucket widths: which there are, and which of them suits a panel. */

const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** From fine to coarse. A month's width is nominal. */
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
/** `none` is one row a group, over the whole range. */
export type Interval = Bucket | 'none';

/** Values for a choice; `auto` and `none` are the caller's to name. */
export const BUCKET_TITLES: ReadonlyArray<{ interval: Bucket; title: string }> = BUCKETS;

/** For which an exporter keeps minutes that says nothing of it. */
const DEFAULT_MINUTE_HOURS = 48;
/** For the clocks of browser and server, and for a query that is still on its way when its first minute goes. */
const MARGIN = 5 * MINUTE;

export interface IntervalContext {
  /** Both in milliseconds since the epoch. */
  from: number;
  now: number;
  /** Milliseconds that one point should stand for at least. */
  atLeast: number;
  /** What the metric can be asked in; all, where the catalog is not known. */
  allowed?: readonly string[];
  /** Hours for which the exporter keeps minutes. */
  minuteHours?: number;
}

/** The finest bucket that is at least as wide as asked for and can be answered for the whole range. */
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

/** Milliseconds of a bucket; undefined where buckets differ in length, as months do. */
export function bucketWidth(interval: Interval): number | undefined {
  return interval === 'month' ? undefined : BUCKETS.find((bucket) => bucket.interval === interval)?.ms;
}

/** Whether buckets of this width are kept for some time only. */
export function needsMinutes(interval: Interval): boolean {
  return (bucketWidth(interval) ?? HOUR) < HOUR;
}
