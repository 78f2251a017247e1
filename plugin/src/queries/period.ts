/** The period of the routes that know whole days only. */
import { DAY, HOUR } from '../interval';
import type { RequestContext } from './context';

/** Query parameters of a route. */
export type Period = { period: '24h' } | { start_date: string; end_date: string };

/**
 * The UTC days that the time range touches, up to today. The last 24 hours are also known by the hour.
 */
export function periodOf({ range: { from, to }, now }: Pick<RequestContext, 'range' | 'now'>): Period {
  const isLastDay = to - from === DAY && Math.abs(now - to) < HOUR;
  if (isLastDay) {
    return { period: '24h' };
  }
  const last = Math.min(to - 1, now);
  return { start_date: dateOf(from), end_date: dateOf(Math.max(from, last)) };
}

function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
