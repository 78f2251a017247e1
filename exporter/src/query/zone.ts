/** Time zones: which are known, and how far their offsets matter to buckets that are kept by the UTC hour. */
import { LRUCache } from 'lru-cache';
import { DAY, HOUR, MINUTE } from '../time.js';

/** The region names only: PostgreSQL reads a bare offset such as "+05:30" with its sign turned round. */
const ZONE_NAME = /^[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*$/;
/** No zone keeps an offset for less than this, so that sampling finds every one within a range. */
const SAMPLE = 14 * DAY;

/** By name in lower case, since names have no case. There are fewer zones than this. */
const formats = new LRUCache<string, Intl.DateTimeFormat>({ max: 1_000 });

export function isTimeZone(name: string): boolean {
  if (!ZONE_NAME.test(name)) return false;
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** @throws RangeError for a name that is none */
function formatOf(zone: string): Intl.DateTimeFormat {
  const name = zone.toLowerCase();
  let format = formats.get(name);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
    formats.set(name, format);
  }
  return format;
}

/** Offset of local time from UTC, milliseconds. */
export function offsetAt(zone: string, instant: number): number {
  const name =
    formatOf(zone)
      .formatToParts(instant)
      .find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const match = /^GMT([+-])(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(name);
  if (match === null) return 0;
  const size = Number(match[2]) * HOUR + Number(match[3]) * MINUTE + Number(match[4] ?? 0) * 1000;
  return match[1] === '-' ? -size : size;
}

/** No clock is turned by more than this. */
const MOST_TURNED = 3 * HOUR;

/**
 * The first instant with the local time of this one: where clocks are turned back over midnight, a day has two, PostgreSQL
 * takes the second, and a bucket starts with the first.
 */
export function firstReading(zone: string, instant: number): number {
  const offset = offsetAt(zone, instant);
  const turned = offsetAt(zone, instant - MOST_TURNED) - offset;
  return turned > 0 && offsetAt(zone, instant - turned) === offset + turned ? instant - turned : instant;
}

/** The same of an instant that PostgreSQL has made of a local time; there, clocks are turned by an hour. */
export function firstReadingSql(instant: string, zone: string): string {
  const before = `(${instant} - interval '1 hour')`;
  return `CASE WHEN ${before} AT TIME ZONE ${zone} = ${instant} AT TIME ZONE ${zone} THEN ${before} ELSE ${instant} END`;
}

export interface ZoneUse {
  /** Local time is UTC throughout the range. */
  utc: boolean;
  /** The offset is not of whole hours somewhere in the range. */
  partHours: boolean;
}

/** The queries of a request ask for the same range, and a long one takes many samples. */
const uses = new LRUCache<string, ZoneUse>({ max: 1_000 });

export function zoneWithin(zone: string, from: number, to: number): ZoneUse {
  const key = `${zone.toLowerCase()} ${from} ${to}`;
  let use = uses.get(key);
  if (use === undefined) {
    use = sampleZone(zone, from, to);
    uses.set(key, use);
  }
  return use;
}

function sampleZone(zone: string, from: number, to: number): ZoneUse {
  let utc = true;
  let partHours = false;
  for (let instant = from; ; instant = Math.min(instant + SAMPLE, to)) {
    const offset = offsetAt(zone, instant);
    utc &&= offset === 0;
    partHours ||= offset % HOUR !== 0;
    if (instant >= to) return { utc, partHours };
  }
}
