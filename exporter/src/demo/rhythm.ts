/** How busy an agent is, relative to a busy hour, by weekday and hour (UTC). */
import { DAY, HOUR, nextMonth, startOfMonth } from '../time.js';

export type Rhythm = 'office' | 'americas' | 'monthEnd' | 'consumer' | 'steady' | 'night';

/** Office hours from 7 to 18, with a dip at noon. */
const WORKING_DAY = [
  0.02, 0.02, 0.02, 0.02, 0.03, 0.06, 0.2, 0.55, 0.85, 1, 1, 0.9, 0.6, 0.85, 0.95, 0.9, 0.75, 0.5, 0.25, 0.12,
  0.08, 0.05, 0.03, 0.02,
];
/** People at home, with the peak in the evening. */
const CONSUMER_DAY = [
  0.18, 0.12, 0.08, 0.07, 0.07, 0.1, 0.2, 0.35, 0.45, 0.5, 0.55, 0.6, 0.7, 0.65, 0.6, 0.62, 0.7, 0.82, 0.95,
  1, 0.98, 0.8, 0.5, 0.3,
];
const NIGHT_RUN = [0.3, 1, 1, 0.9, 0.5, 0.1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.05, 0.1];
const AMERICAS_OFFSET_HOURS = 6;
const SUNDAY = 0;
const SATURDAY = 6;

/**
 * @param hour start of an hour, milliseconds
 * @returns 0 to about 2.5, where 1 is a busy hour
 */
export function intensity(rhythm: Rhythm, hour: number): number {
  const shifted = rhythm === 'americas' ? hour - AMERICAS_OFFSET_HOURS * HOUR : hour;
  const at = new Date(shifted).getUTCHours();
  const weekday = new Date(shifted).getUTCDay();
  const weekend = weekday === SATURDAY || weekday === SUNDAY;
  switch (rhythm) {
    case 'office':
    case 'americas':
      return WORKING_DAY[at]! * (weekend ? 0.06 : fridayFactor(weekday, at));
    case 'monthEnd':
      return WORKING_DAY[at]! * (weekend ? 0.15 : 1) * monthEndFactor(hour);
    case 'consumer':
      return CONSUMER_DAY[at]! * (weekend ? 0.7 : 1);
    case 'night':
      return NIGHT_RUN[at]! * (weekday === SUNDAY ? 0.4 : 1);
    case 'steady':
      return (0.7 + 0.3 * Math.sin(((at - 9) / 24) * 2 * Math.PI)) * (weekend ? 0.55 : 1);
  }
}

const FRIDAY = 5;

function fridayFactor(weekday: number, at: number): number {
  return weekday === FRIDAY && at >= 14 ? 0.6 : 1;
}

/** The books are closed on the last two and the first two days of a month. */
function monthEndFactor(hour: number): number {
  const closing = hour - startOfMonth(hour) < 2 * DAY || nextMonth(hour) - hour <= 2 * DAY;
  return closing ? 2.5 : 1;
}
