/** The days that a run is about: the last whole ones in the report's time zone. */
import { PERIODS, type PeriodName } from '../query/executions/period.js';
import type { Range } from '../query/segments.js';
import { offsetAt } from '../query/zone.js';
import { DAY, floorTo, formatDate, HOUR } from '../time.js';

/** Whole days; `24h` is the last one. */
export const DAYS: Record<PeriodName, number> = Object.fromEntries(
  PERIODS.map((name) => [name, name === '24h' ? 1 : Number.parseInt(name, 10)]),
) as Record<PeriodName, number>;

/** When a local day begins. Where clocks are turned over midnight, it is the first instant of that day. */
function startOf(localMidnight: number, zone: string): number {
  const offsets = [localMidnight - DAY, localMidnight + DAY].map((near) => offsetAt(zone, near));
  const readings = offsets
    .map((offset) => ({ offset, instant: localMidnight - offset }))
    .filter(({ offset, instant }) => offsetAt(zone, instant) === offset)
    .map(({ instant }) => instant);
  return readings.length > 0 ? Math.min(...readings) : localMidnight - offsets[0]!;
}

/** The local midnight before an instant, as if it were UTC. */
const midnightOf = (instant: number, zone: string): number => floorTo(instant + offsetAt(zone, instant), DAY);

/** The last whole days before `now`. */
export function lastWholeDays(now: number, days: number, zone: string): Range {
  const today = midnightOf(now, zone);
  return { from: startOf(today - days * DAY, zone), to: startOf(today, zone) };
}

/** As many days just before. */
export function daysBefore({ from, to }: Range, zone: string): Range {
  const first = midnightOf(from, zone);
  const days = daysIn({ from, to }, zone);
  return { from: startOf(first - days * DAY, zone), to: from };
}

/** Local days, which may have 23 or 25 hours. */
export const daysIn = ({ from, to }: Range, zone: string): number =>
  Math.round((midnightOf(to, zone) - midnightOf(from, zone)) / DAY);

/** First and last day, `YYYY-MM-DD`. */
export const datesOf = ({ from, to }: Range, zone: string): { first: string; last: string } => ({
  first: formatDate(midnightOf(from, zone)),
  last: formatDate(midnightOf(to - HOUR, zone)),
});
