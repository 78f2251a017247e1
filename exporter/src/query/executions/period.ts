/** The period of the routes about executions: `24h` and times in whole hours, all others in whole UTC days. */
import { AppError } from '../../errors.js';
import { ceilTo, DAY, floorTo, formatTime, HOUR, parseTime } from '../../time.js';
import { type Range, widenToHours } from '../segments.js';
import { DEFAULT_MAX_DAYS, rangeOf, resolvePeriod } from '../reports/period.js';

export const PERIODS = ['24h', '7d', '30d', '90d'] as const;
export type PeriodName = (typeof PERIODS)[number];
const DEFAULT_PERIOD: PeriodName = '7d';
/** Of a range that has no start. */
const DEFAULT_DAYS = 7;
/** In which recommendations are found by default, and every night. */
export const RECOMMENDATION_PERIOD: PeriodName = '30d';

export interface ExecutionPeriodRequest {
  period?: string;
  start_date?: string;
  end_date?: string;
}

export interface ExecutionPeriod {
  /** Null where dates were given. */
  name: PeriodName | null;
  /** Half-open, milliseconds. */
  range: Range;
}

/**
 * `24h` is the current hour and the 23 before it, `7d` today and the 6 days before it. Dates are both included; without
 * `end_date` the range ends today, without `start_date` it has seven days.
 * @throws AppError INVALID_DATE_RANGE, VALIDATION_ERROR
 */
export function resolveExecutionPeriod(
  request: ExecutionPeriodRequest,
  now: number,
  byDefault: PeriodName = DEFAULT_PERIOD,
): ExecutionPeriod {
  const { period, start_date, end_date } = request;
  if (start_date === undefined && end_date === undefined)
    return named((period ?? byDefault) as PeriodName, now);
  if (period !== undefined) {
    throw new AppError('VALIDATION_ERROR', 'period cannot be given together with start_date or end_date');
  }
  const days = resolvePeriod({ from: start_date, to: end_date }, now, {
    daysBack: DEFAULT_DAYS - 1,
    names: ['start_date', 'end_date'],
  });
  return { name: null, range: rangeOf(days) };
}

/** A period, days, or times. */
export interface TimesRequest extends ExecutionPeriodRequest {
  /** RFC 3339, included. */
  start_time?: string;
  /** RFC 3339, excluded. */
  end_time?: string;
}

/**
 * The same as `resolveExecutionPeriod`, and a range of times in whole hours: each hour that the times touch, up to the
 * current one.
 * @throws AppError INVALID_DATE_RANGE, VALIDATION_ERROR
 */
export function resolveHourPeriod(
  request: TimesRequest,
  now: number,
  byDefault: PeriodName = DEFAULT_PERIOD,
): ExecutionPeriod {
  const { start_time, end_time, ...days } = request;
  const times = timesOf(request);
  if (times === undefined) return resolveExecutionPeriod(days, now, byDefault);
  const last = ceilTo(now + 1, HOUR);
  const to = Math.min(times.to ?? last, last);
  const from = times.from ?? to - DEFAULT_DAYS * DAY;
  if (from >= to) throw new AppError('INVALID_DATE_RANGE', 'start_time lies after the current hour');
  if (to - from > DEFAULT_MAX_DAYS * DAY) {
    throw new AppError(
      'INVALID_DATE_RANGE',
      `the range has more than ${DEFAULT_MAX_DAYS} days; at most ${DEFAULT_MAX_DAYS} are answered here`,
    );
  }
  return { name: null, range: widenToHours({ from, to }) };
}

/**
 * The range of the list of executions, by a period, by days or by times; everything where none is given.
 * @throws AppError INVALID_DATE_RANGE, VALIDATION_ERROR
 */
export function resolveListRange(request: TimesRequest, now: number): Partial<Range> {
  const times = timesOf(request);
  if (times !== undefined) return times;
  const { start_time, end_time, ...days } = request;
  return isGiven(days) ? resolveExecutionPeriod(days, now).range : {};
}

const isGiven = (days: ExecutionPeriodRequest): boolean =>
  Object.values(days).some((value) => value !== undefined);

/** Undefined where the request has no times. */
function timesOf({ start_time, end_time, ...days }: TimesRequest): Partial<Range> | undefined {
  if (start_time === undefined && end_time === undefined) return undefined;
  if (isGiven(days)) {
    throw new AppError(
      'VALIDATION_ERROR',
      'start_time and end_time cannot be given together with period, start_date or end_date',
    );
  }
  // Their schema has validated that they are times.
  const [from, to] = [start_time, end_time].map((text) => (text === undefined ? undefined : parseTime(text)));
  if (from !== undefined && to !== undefined && from >= to)
    throw new AppError('INVALID_DATE_RANGE', 'start_time must lie before end_time');
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

function named(name: PeriodName, now: number): ExecutionPeriod {
  if (name === '24h') {
    const to = floorTo(now, HOUR) + HOUR;
    return { name, range: { from: to - DAY, to } };
  }
  const to = floorTo(now, DAY) + DAY;
  return { name, range: { from: to - Number.parseInt(name, 10) * DAY, to } };
}

/** The period of the same length just before. */
export function periodBefore({ from, to }: Range): Range {
  return { from: from - (to - from), to: from };
}

export const daysIn = ({ from, to }: Range): number => (to - from) / DAY;

/** The wire form; `end` is exclusive. */
export function periodAnswer({ name, range }: ExecutionPeriod): {
  name: string | null;
  start: string;
  end: string;
} {
  return { name, start: formatTime(range.from), end: formatTime(range.to) };
}
