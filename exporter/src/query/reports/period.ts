/** The period of a named endpoint: whole UTC days, both ends included. */
import { AppError } from '../../errors.js';
import { DAY, floorTo, formatDate, parseDate } from '../../time.js';

/** Days that the default period goes back from its end. */
const DEFAULT_DAYS_BACK = 30;
/** Days of a period at most, where a route sets no limit of its own. */
export const DEFAULT_MAX_DAYS = 365;

export interface Period {
  /** First day, `YYYY-MM-DD`. */
  from: string;
  /** Last day, included. */
  to: string;
}

export interface PeriodRequest {
  from?: string;
  to?: string;
}

export interface PeriodRules {
  maxDays?: number;
  /** How many days `from` lies before `to` by default. */
  daysBack?: number;
  /** The parameters' names in messages. */
  names?: readonly [string, string];
}

const invalid = (message: string): AppError => new AppError('INVALID_DATE_RANGE', message);

function dateOf(name: string, text: string): number {
  const date = parseDate(text);
  if (date === undefined)
    throw invalid(`${name} must be a date that exists, such as 2026-03-06, not "${text.slice(0, 40)}"`);
  return date;
}

/**
 * `to` defaults to today, `from` to `daysBack` days before `to`.
 * @throws AppError INVALID_DATE_RANGE
 */
export function resolvePeriod(
  request: PeriodRequest,
  now: number,
  { maxDays = DEFAULT_MAX_DAYS, daysBack = DEFAULT_DAYS_BACK, names = ['from', 'to'] }: PeriodRules = {},
): Period {
  const today = floorTo(now, DAY);
  const [first, last] = names;
  const to = request.to === undefined ? today : dateOf(last, request.to);
  const from = request.from === undefined ? to - daysBack * DAY : dateOf(first, request.from);
  if (from > to) throw invalid(`${first} (${formatDate(from)}) lies after ${last} (${formatDate(to)})`);
  if (to > today) throw invalid(`${last} (${formatDate(to)}) lies after today (${formatDate(today)}, UTC)`);
  const days = daysBetween(from, to);
  if (days > maxDays) throw invalid(`the range has ${days} days; at most ${maxDays} are answered here`);
  return { from: formatDate(from), to: formatDate(to) };
}

const daysBetween = (from: number, to: number): number => (to - from) / DAY + 1;

export function daysOf({ from, to }: Period): number {
  return daysBetween(parseDate(from)!, parseDate(to)!);
}

/** Every day of the period. */
export function datesOf(period: Period): string[] {
  const first = parseDate(period.from)!;
  return Array.from({ length: daysOf(period) }, (_, i) => formatDate(first + i * DAY));
}

/** The period as `[from, to)` in milliseconds. */
export function rangeOf(period: Period): { from: number; to: number } {
  return { from: parseDate(period.from)!, to: parseDate(period.to)! + DAY };
}
