/** Instants, UTC dates and their text forms. Instants are milliseconds since the epoch. */

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(\.\d+)?(?:([Zz])|([+-])(\d{2}):(\d{2}))$/;

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Date.UTC maps years below 100 to the 1900s. The margin also allows for default ranges that start before the given time. */
const FIRST_YEAR = 1000;

function existsDate(year: number, month: number, day: number): boolean {
  return year >= FIRST_YEAR && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

/** Reads `count` digits at this position; NaN if there are fewer. */
function digits(text: string, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i += 1) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

const UTC_SECONDS = 'YYYY-MM-DDTHH:MM:SSZ'.length;
const UTC_MILLISECONDS = 'YYYY-MM-DDTHH:MM:SS.mmmZ'.length;

/** Fast path for the two UTC forms that programs usually write; several times as fast as the pattern. */
function parseUtc(text: string): number | undefined {
  const { length } = text;
  if (length !== UTC_MILLISECONDS && length !== UTC_SECONDS) return undefined;
  if (text[length - 1] !== 'Z' || text[10] !== 'T' || text[4] !== '-' || text[7] !== '-') return undefined;
  if (text[13] !== ':' || text[16] !== ':') return undefined;
  if (length === UTC_MILLISECONDS && text[19] !== '.') return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  const second = digits(text, 17, 2);
  const millis = length === UTC_SECONDS ? 0 : digits(text, 20, 3);
  if (!existsDate(year, month, day) || hour > 23 || minute > 59 || second > 59) return undefined;
  const time = Date.UTC(year, month - 1, day, hour, minute, second, millis);
  return Number.isNaN(time) ? undefined : time;
}

/** The form that `parseTime` accepts, for messages. */
export const TIME_WANTED = 'an RFC 3339 time that exists, such as 2026-03-06T09:15:00Z';

/** Parses an RFC 3339 time with an offset, to the millisecond; undefined if it is malformed or does not exist. */
export function parseTime(text: string): number | undefined {
  const utc = parseUtc(text);
  if (utc !== undefined) return utc;
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

/** Midnight UTC of a date `YYYY-MM-DD`; undefined if it is malformed or does not exist. */
export function parseDate(text: string): number | undefined {
  if (text.length !== 10 || text[4] !== '-' || text[7] !== '-') return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
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

/** Monday 00:00 UTC of the ISO week. */
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

export interface Retention {
  /** Retention of raw events. */
  retentionDays: number;
  /** Retention of minute aggregates. */
  minuteRetentionHours: number;
}

/** Start of the retention period of raw events; older events are rejected. */
export function rawStart(now: number, retention: Retention): number {
  return floorTo(now, DAY) - retention.retentionDays * DAY;
}

/** First hour that has minute aggregates. */
export function minuteStart(now: number, retention: Retention): number {
  return floorTo(now, HOUR) - retention.minuteRetentionHours * HOUR;
}
