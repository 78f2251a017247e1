/** Widths of a time bucket, from fine to coarse; `none` is one row a group. */
export const INTERVALS = ['minute', '5m', '15m', 'hour', '6h', 'day', 'week', 'month', 'none'] as const;
export type Interval = (typeof INTERVALS)[number];

const BELOW_AN_HOUR: readonly Interval[] = ['minute', '5m', '15m'];

export function needsMinutes(interval: Interval): boolean {
  return BELOW_AN_HOUR.includes(interval);
}
