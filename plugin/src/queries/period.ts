/** The period of the routes that know whole days only. */
import type { QueryResultMetaNotice } from '@grafana/data';
import { DAY, HOUR, MINUTE } from '../interval';
import type { RequestContext } from './context';

/** Query parameters of a route. */
type Period = { period: '24h' } | { start_date: string; end_date: string };

type Asked = Pick<RequestContext, 'range' | 'now'>;

/** The UTC days that the time range touches, up to today. The last 24 hours are also known by the hour. */
export function periodOf({ range: { from, to }, now }: Asked): Period {
  // Grafana reads the clock once for each end of a relative range.
  const isLastDay = Math.abs(to - from - DAY) < MINUTE && Math.abs(now - to) < HOUR;
  if (isLastDay) {
    return { period: '24h' };
  }
  const last = Math.min(to - 1, now);
  return { start_date: dateOf(from), end_date: dateOf(Math.max(from, last)) };
}

/** What a panel must say whose time range is much shorter than the days that it shows. */
export function periodNotices(asked: Asked): QueryResultMetaNotice[] {
  const { from, to } = asked.range;
  const period = periodOf(asked);
  if ('period' in period || to - from >= DAY) {
    return [];
  }
  const days = [...new Set([period.start_date, period.end_date])].join(' and ');
  return [{ severity: 'info', text: `Shows all of ${days} (UTC): shorter times are not kept apart.` }];
}

function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
