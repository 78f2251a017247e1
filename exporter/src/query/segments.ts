/** Which level of the aggregates answers which part of a range: whole UTC days from days, the ragged ends from finer levels. */
import type { Level } from '../aggregates/index.js';
import { ceilTo, DAY, floorTo, HOUR, MINUTE } from '../time.js';

export interface Range {
  from: number;
  to: number;
}

export interface Segment extends Range {
  level: Level;
}

/** Widened to whole minutes where minutes are kept, and to whole hours before. */
export function widen({ from, to }: Range, minutesFrom: number): Range {
  return {
    from: floorTo(from, from >= minutesFrom ? MINUTE : HOUR),
    to: ceilTo(to, to > minutesFrom ? MINUTE : HOUR),
  };
}

export function widenToHours({ from, to }: Range): Range {
  return { from: floorTo(from, HOUR), to: ceilTo(to, HOUR) };
}

/** Splits a widened range. `days`: whether whole UTC days may be read from the day tables. */
export function segmentsOf({ from, to }: Range, days: boolean): Segment[] {
  const hours: Range = { from: ceilTo(from, HOUR), to: floorTo(to, HOUR) };
  if (hours.from > hours.to) return [{ level: 'minute', from, to }];
  const whole: Range = { from: ceilTo(hours.from, DAY), to: floorTo(hours.to, DAY) };
  const middle: Segment[] =
    days && whole.from < whole.to
      ? [
          { level: 'hour', from: hours.from, to: whole.from },
          { level: 'day', ...whole },
          { level: 'hour', from: whole.to, to: hours.to },
        ]
      : [{ level: 'hour', ...hours }];
  const all: Segment[] = [
    { level: 'minute', from, to: hours.from },
    ...middle,
    { level: 'minute', from: hours.to, to },
  ];
  return all.filter((segment) => segment.from < segment.to);
}

/** For zones that are off UTC by part of an hour: minutes where they are kept, hours before. */
export function segmentsByMinutes({ from, to }: Range, minutesFrom: number): Segment[] {
  const border = Math.min(Math.max(from, minutesFrom), to);
  const all: Segment[] = [
    { level: 'hour', ...widenToHours({ from, to: border }) },
    { level: 'minute', from: border, to },
  ];
  return all.filter((segment) => segment.from < segment.to && (segment.level === 'minute' || from < border));
}
