import { loadConfig } from '../src/config.js';
import { slotAfter, slotsBetween } from '../src/cron.js';
import { formatTime } from '../src/time.js';

const NOON = Date.parse('2026-03-18T12:00:00Z');

/** Accepted by AGGREGATION_CRON, and not read alike by every library. */
const EXPRESSIONS: Record<string, [before: string, after: string]> = {
  '5 0 * * *': ['2026-03-18T00:05:00.000Z', '2026-03-19T00:05:00.000Z'],
  '5/10 0 * * *': ['2026-03-18T00:55:00.000Z', '2026-03-19T00:05:00.000Z'],
  // A Monday or the first of a month.
  '5 0 1 * 1': ['2026-03-16T00:05:00.000Z', '2026-03-23T00:05:00.000Z'],
  '5 0 L * *': ['2026-02-28T00:05:00.000Z', '2026-03-31T00:05:00.000Z'],
  '0 0 29 2 *': ['2024-02-29T00:00:00.000Z', '2028-02-29T00:00:00.000Z'],
  '5 0 ? * MON#1': ['2026-03-02T00:05:00.000Z', '2026-04-06T00:05:00.000Z'],
  '5 0 * * 5L': ['2026-02-27T00:05:00.000Z', '2026-03-27T00:05:00.000Z'],
  '5 0 * jan,Feb sun-tue': ['2026-02-24T00:05:00.000Z', '2027-01-03T00:05:00.000Z'],
};

it.each(Object.entries(EXPRESSIONS))(
  '%s is accepted, with the same slots before and after',
  (cron, slots) => {
    const secret = 'a secret of the tests that is long enough';
    expect(loadConfig({ AUTH_JWT_SECRET: secret, AGGREGATION_CRON: cron }).aggregationCron).toBe(cron);
    const found = [...slotsBetween(cron, undefined, NOON), slotAfter(cron, NOON)];
    expect(found.map(formatTime)).toEqual(slots);
  },
);

describe('slots between two instants', () => {
  const between = (from: string, to: string, max?: number): string[] =>
    slotsBetween('*/20 * * * *', Date.parse(from), Date.parse(to), max).map((slot) =>
      formatTime(slot).slice(11, 16),
    );

  it('exclude the first instant and include the last', () => {
    expect(between('2026-03-18T12:00:00Z', '2026-03-18T12:40:00Z')).toEqual(['12:20', '12:40']);
    expect(between('2026-03-18T12:00:00Z', '2026-03-18T12:39:59.999Z')).toEqual(['12:20']);
    expect(between('2026-03-18T11:59:59.999Z', '2026-03-18T12:19:00Z')).toEqual(['12:00']);
  });

  it('are the latest ones if there are too many', () => {
    expect(between('2026-03-17T12:00:00Z', '2026-03-18T12:00:00Z', 3)).toEqual(['11:20', '11:40', '12:00']);
  });

  it('are none if the first instant lies in the future', () => {
    expect(between('2026-03-19T12:00:00Z', '2026-03-18T12:00:00Z')).toEqual([]);
  });
});
