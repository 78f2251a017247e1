/** Instants, UTC dates and their text forms. Instants are milliseconds since the epoch. */

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(\.\d+)?(?:([Zz])|([+-])(\d{2}):(\d{2}))$/;
const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function existsDate(year: number, month: number, day: number): boolean {
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

/** An RFC 3339 time with its offset, or undefined where it is malformed or does not exist. Keeps milliseconds. */
export function parseTime(text: string): number | undefined {
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (!existsDate(year, month, day) || hour > 23 || minute > 59 || second > 59) return undefined;
  const millis = match[7] === undefined ? 0 : Math.floor(Number(match[7]) * 1000 + 1e-6);
  const local = Date.UTC(year, month - 1, day, hour, minute, second, millis);
  if (match[8] !== undefined) return local;
  const offsetHours = Number(match[10]);
  const offsetMinutes = Number(match[11]);
  if (offsetHours > 23 || offsetMinutes > 59) return undefined;
  const offset = offsetHours * HOUR + offsetMinutes * MINUTE;
  return match[9] === '+' ? local - offset : local + offset;
}

/** Midnight UTC of a date `YYYY-MM-DD`, or undefined where it is malformed or does not exist. */
export function parseDate(text: string): number | undefined {
  const match = ISO_DATE.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  return existsDate(year, month, day) ? Date.UTC(year, month - 1, day) : undefined;
}

export function formatDate(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}

export function formatTime(instant: number): string {
  return new Date(instant).toISOString();
}

/** The largest multiple of `width` that is at most `instant`. */
export function floorTo(instant: number, width: number): number {
  return Math.floor(instant / width) * width;
}

/** The smallest multiple of `width` that is at least `instant`. */
export function ceilTo(instant: number, width: number): number {
  return Math.ceil(instant / width) * width;
}

/** Monday, 00:00 UTC, of the ISO week. */
export function startOfWeek(instant: number): number {
  const day = floorTo(instant, DAY);
  const sinceMonday = (new Date(day).getUTCDay() + 6) % 7;
  return day - sinceMonday * DAY;
}

export function startOfMonth(instant: number): number {
  const date = new Date(instant);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

export function nextMonth(instant: number): number {
  const date = new Date(instant);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

/** Where the kept data begins. */
export interface Retention {
  /** Days that raw events are kept. */
  retentionDays: number;
  /** Hours that minute aggregates are kept. */
  minuteRetentionHours: number;
}

/** First instant whose raw events are kept; an older event is refused. */
export function rawStart(now: number, retention: Retention): number {
  return floorTo(now, DAY) - retention.retentionDays * DAY;
}

/** First hour that has minute aggregates. */
export function minuteStart(now: number, retention: Retention): number {
  return floorTo(now, HOUR) - retention.minuteRetentionHours * HOUR;
}
