/** The period of the routes that keep whole hours apart. */
import type { QueryResultMetaNotice } from '@grafana/data';
import { HOUR, MINUTE } from '../interval';
import type { RequestContext } from './context';

/** Query parameters of a route. */
interface Period {
  start_time: string;
  end_time: string;
}

type Asked = Pick<RequestContext, 'range' | 'now'>;

const floorToHour = (time: number): number => Math.floor(time / HOUR) * HOUR;

/**
 * The hours that the time range touches. Of the last hours, such as `now-6h` to `now`, as many: the current one and those
 * before it.
 */
function hoursOf({ range: { from, to }, now }: Asked): { from: number; to: number } {
  const hours = Math.round((to - from) / HOUR);
  // Grafana reads the clock once for each end of a relative range.
  const isLast = hours > 0 && Math.abs(to - from - hours * HOUR) < MINUTE && Math.abs(now - to) < MINUTE;
  if (isLast) {
    const end = floorToHour(to) + HOUR;
    return { from: end - hours * HOUR, to: end };
  }
  return { from: floorToHour(from), to: Math.max(floorToHour(from) + HOUR, Math.ceil(to / HOUR) * HOUR) };
}

export function periodOf(asked: Asked): Period {
  const { from, to } = hoursOf(asked);
  return { start_time: new Date(from).toISOString(), end_time: new Date(to).toISOString() };
}

/** What a panel must say whose time range is shorter than the hours that it shows. */
export function periodNotices(asked: Asked): QueryResultMetaNotice[] {
  const { from, to } = asked.range;
  if (to - from > HOUR - MINUTE) {
    return [];
  }
  const hours = hoursOf(asked);
  const text = `Shows ${textOf(hours.from)} to ${textOf(hours.to)} (UTC): shorter times than hours are not kept apart.`;
  return [{ severity: 'info', text }];
}

/** To the minute. */
function textOf(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ');
}
