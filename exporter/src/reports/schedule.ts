/** When a report is due: every day, week or month at seven, or by a cron expression, in the report's time zone. */
import { checkCron, slotAfter, slotsBetween } from '../cron.js';
import { AppError, messageOf } from '../errors.js';

/** Monday, and the first of the month. */
const NAMED: Readonly<Record<string, string>> = {
  daily: '0 7 * * *',
  weekly: '0 7 * * 1',
  monthly: '0 7 1 * *',
};

export const SCHEDULE_NAMES = Object.keys(NAMED);

const cronOf = (schedule: string): string => NAMED[schedule] ?? schedule;

/** @throws AppError VALIDATION_ERROR */
export function checkSchedule(schedule: string, timeZone: string): void {
  try {
    checkCron(cronOf(schedule), timeZone);
  } catch (error) {
    throw new AppError(
      'VALIDATION_ERROR',
      `field schedule must be ${SCHEDULE_NAMES.join(', ')} or a cron expression of five fields such as "30 6 * * 1-5", ` +
        `not "${schedule}": ${messageOf(error)}`,
    );
  }
}

/** The next time after `now`, milliseconds. */
export const nextSlot = (schedule: string, timeZone: string, now: number): number =>
  slotAfter(cronOf(schedule), now, timeZone);

/** The latest time up to `now`: of those that were missed, only this one is made up for. */
export const latestSlot = (schedule: string, timeZone: string, now: number): number | undefined =>
  slotsBetween(cronOf(schedule), undefined, now, 1, timeZone)[0];
