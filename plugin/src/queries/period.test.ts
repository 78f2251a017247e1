import { periodNotices, periodOf } from './period';

const NOW = Date.parse('2026-04-14T15:30:00Z');
const HOUR = 3_600_000;

const asked = (from: string, to: string) => ({
  range: { from: Date.parse(from), to: Date.parse(to) },
  now: NOW,
});
const period = (from: string, to: string) => periodOf(asked(from, to));
const times = (start: string, end: string) => ({ start_time: `${start}.000Z`, end_time: `${end}.000Z` });

describe('the period of a route with hours', () => {
  it('has every hour that the time range touches', () => {
    expect(period('2026-04-01T21:59:59Z', '2026-04-03T00:00:00.001Z')).toEqual(
      times('2026-04-01T21:00:00', '2026-04-03T01:00:00'),
    );
  });

  it('has no hour after a range that ends on the hour, or just before it', () => {
    const day = times('2026-04-01T00:00:00', '2026-04-03T00:00:00');
    expect(period('2026-04-01T00:00:00Z', '2026-04-03T00:00:00Z')).toEqual(day);
    expect(period('2026-04-01T00:00:00Z', '2026-04-02T23:59:59.999Z')).toEqual(day);
    expect(period('2026-04-14T09:00:00Z', '2026-04-14T15:00:00Z')).toEqual(
      times('2026-04-14T09:00:00', '2026-04-14T15:00:00'),
    );
  });

  it('has at least one hour', () => {
    expect(period('2026-04-01T10:00:00Z', '2026-04-01T10:00:00Z')).toEqual(
      times('2026-04-01T10:00:00', '2026-04-01T11:00:00'),
    );
  });

  it.each([
    [1, '2026-04-14T15:00:00'],
    [6, '2026-04-14T10:00:00'],
    [24, '2026-04-13T16:00:00'],
    [7 * 24, '2026-04-07T16:00:00'],
  ])('has the current hour and those before it for the last %d hours', (hours, start) => {
    // As `now-6h` to `now`, with the clock read twice.
    const last = { from: NOW - hours * HOUR - 500, to: NOW - 498 };
    expect(periodOf({ range: last, now: NOW })).toEqual(times(start, '2026-04-14T16:00:00'));
  });

  it('has every hour that as many hours of the past touch', () => {
    expect(period('2026-04-10T12:30:00Z', '2026-04-11T12:30:00Z')).toEqual(
      times('2026-04-10T12:00:00', '2026-04-11T13:00:00'),
    );
  });
});

describe('a time range shorter than an hour', () => {
  const textsOf = (from: string, to: string) => periodNotices(asked(from, to)).map(({ text }) => text);

  it('has a notice that names the hours that are shown', () => {
    expect(textsOf('2026-04-10T12:05:00Z', '2026-04-10T12:20:00Z')).toEqual([
      'Shows 2026-04-10 12:00 to 2026-04-10 13:00 (UTC): shorter times than hours are not kept apart.',
    ]);
    expect(textsOf('2026-04-10T23:45:00Z', '2026-04-11T00:15:00Z')).toEqual([
      'Shows 2026-04-10 23:00 to 2026-04-11 01:00 (UTC): shorter times than hours are not kept apart.',
    ]);
  });

  it('has none for an hour and more', () => {
    expect(textsOf('2026-04-10T12:00:00Z', '2026-04-10T13:00:00Z')).toEqual([]);
    expect(periodNotices({ range: { from: NOW - HOUR, to: NOW - 1 }, now: NOW })).toEqual([]);
  });
});
