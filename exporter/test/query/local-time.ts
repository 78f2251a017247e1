/** Wall clocks of time zones, by the runtime's own calendar and not by the service's. */

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const QUARTER = 15 * MINUTE;

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

function wallClock(zone: string, instant: number): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
    formats.set(zone, format);
  }
  const parts = Object.fromEntries(
    format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]),
  );
  return Date.UTC(parts.year!, parts.month! - 1, parts.day, parts.hour, parts.minute);
}

/** Local time minus UTC; it changes at quarters of an hour only. */
function offsetAt(zone: string, instant: number): number {
  const quarter = Math.floor(instant / QUARTER) * QUARTER;
  const key = `${zone} ${quarter}`;
  let offset = offsets.get(key);
  if (offset === undefined) {
    offset = wallClock(zone, quarter) - quarter;
    offsets.set(key, offset);
  }
  return offset;
}

/** The wall clock as if it were UTC, so that its fields can be read with the getUTC methods. */
export function toLocal(zone: string, instant: number): number {
  return instant + offsetAt(zone, instant);
}

function toInstant(zone: string, local: number): number {
  for (const near of [local - DAY, local + DAY]) {
    const instant = local - offsetAt(zone, near);
    if (toLocal(zone, instant) === local) return instant;
  }
  throw new Error(`${new Date(local).toISOString()} does not exist in ${zone}`);
}

export function hasPartHours(zone: string, from: number, to: number): boolean {
  for (let instant = from; instant < to; instant += HOUR) {
    if (offsetAt(zone, instant) % HOUR !== 0) return true;
  }
  return offsetAt(zone, to) % HOUR !== 0;
}

const FIXED: Record<string, number> = { minute: MINUTE, '5m': 5 * MINUTE, '15m': QUARTER, hour: HOUR };

const floorTo = (value: number, width: number): number => Math.floor(value / width) * width;

/** Start of the bucket of an instant, and of the bucket after it. */
export function bucketOf(interval: string, zone: string, instant: number): { start: number; end: number } {
  const width = FIXED[interval];
  if (width !== undefined) {
    const start = floorTo(instant, width);
    return { start, end: start + width };
  }
  const local = toLocal(zone, instant);
  const [start, end] = localBucket(interval, local);
  return { start: toInstant(zone, start), end: toInstant(zone, end) };
}

function localBucket(interval: string, local: number): [number, number] {
  const day = floorTo(local, DAY);
  const date = new Date(day);
  switch (interval) {
    case '6h':
      return [floorTo(local, 6 * HOUR), floorTo(local, 6 * HOUR) + 6 * HOUR];
    case 'day':
      return [day, day + DAY];
    case 'week': {
      const monday = day - ((date.getUTCDay() + 6) % 7) * DAY;
      return [monday, monday + 7 * DAY];
    }
    case 'month':
      return [
        Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1),
        Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1),
      ];
    default:
      throw new Error(`no interval ${interval}`);
  }
}

/** Every bucket that has a part in `[from, to)`. */
export function bucketsWithin(
  interval: string,
  zone: string,
  from: number,
  to: number,
): { start: number; end: number }[] {
  const buckets: { start: number; end: number }[] = [];
  for (let at = from; at < to; at = buckets.at(-1)!.end) buckets.push(bucketOf(interval, zone, at));
  return buckets;
}
