/** Durations on the wire: whole minutes, hours or days, such as `5m`. */
import { DAY, HOUR, MINUTE } from '../time.js';

const UNITS = { m: MINUTE, h: HOUR, d: DAY } as const;

/** Of at least one minute, or `0`. */
export const DURATION_PATTERN = '^(0|0[mhd]|[1-9][0-9]{0,5}[mhd])$';

/** @returns milliseconds */
export function parseDuration(text: string): number {
  const unit = text.at(-1);
  return unit === 'm' || unit === 'h' || unit === 'd' ? Number(text.slice(0, -1)) * UNITS[unit] : 0;
}

/** In the widest unit that fits: `the last 5 minutes` is said of `5m`. */
export function spokenDuration(ms: number): string {
  const [count, unit] =
    ms % DAY === 0 ? [ms / DAY, 'day'] : ms % HOUR === 0 ? [ms / HOUR, 'hour'] : [ms / MINUTE, 'minute'];
  return count === 1 ? unit : `${count} ${unit}s`;
}
