/** What is remembered of time zones is bounded by the number of zones, and not by what clients send. */
import { jest } from '@jest/globals';
import { isTimeZone, zoneWithin } from '../../src/query/zone.js';
import { DAY } from '../../src/time.js';

const FROM = Date.parse('2026-03-18T00:00:00Z');

/** Spellings of a name with upper and lower case letters. */
const spellings = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) =>
    [...name]
      .map((letter, place) => ((i >> place) & 1 ? letter.toUpperCase() : letter.toLowerCase()))
      .join(''),
  );

it('all spellings of a zone are one zone', () => {
  const formats = jest.spyOn(Intl, 'DateTimeFormat');
  for (const zone of spellings('America/Indiana/Knox', 1_040)) {
    expect(isTimeZone(zone)).toBe(true);
    expect(zoneWithin(zone, FROM, FROM + DAY)).toEqual({ utc: false, partHours: false });
  }
  expect(formats).toHaveBeenCalledTimes(1);
  // The others are still remembered, too.
  zoneWithin('Europe/Berlin', FROM, FROM + DAY);
  zoneWithin('Europe/Berlin', FROM, FROM + 2 * DAY);
  expect(formats).toHaveBeenCalledTimes(2);
  formats.mockRestore();
});

it('there is room for every zone', () => {
  const zones = Intl.supportedValuesOf('timeZone');
  for (const zone of zones) zoneWithin(zone, FROM, FROM + DAY);
  const formats = jest.spyOn(Intl, 'DateTimeFormat');
  for (const zone of zones) zoneWithin(zone, FROM, FROM + 2 * DAY);
  expect(formats).not.toHaveBeenCalled();
  formats.mockRestore();
});
