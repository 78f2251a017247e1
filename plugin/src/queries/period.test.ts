import { periodNotices, periodOf } from './period';

const NOW = Date.parse('2026-04-14T15:30:00Z');
const HOUR = 3_600_000;

const period = (from: string, to: string) =>
  periodOf({ range: { from: Date.parse(from), to: Date.parse(to) }, now: NOW });

describe('the period of a route with days', () => {
  it('has every UTC day that the time range touches', () => {
    expect(period('2026-04-01T23:59:59Z', '2026-04-03T00:00:00.001Z')).toEqual({
      start_date: '2026-04-01',
      end_date: '2026-04-03',
    });
  });

  it('has no day after a range that ends at midnight', () => {
    expect(period('2026-04-01T00:00:00Z', '2026-04-03T00:00:00Z')).toEqual({
      start_date: '2026-04-01',
      end_date: '2026-04-02',
    });
  });

  it('ends today, since the routes refuse later days', () => {
    expect(period('2026-04-14T00:00:00Z', '2026-04-15T00:00:00Z')).toEqual({
      start_date: '2026-04-14',
      end_date: '2026-04-14',
    });
  });

  it('never ends before it starts', () => {
    expect(period('2026-05-01T00:00:00Z', '2026-05-02T00:00:00Z')).toEqual({
      start_date: '2026-05-01',
      end_date: '2026-05-01',
    });
  });

  it('is that of the last 24 hours for exactly these', () => {
    // As `now-24h` to `now`, with the clock read twice.
    const last = { from: NOW - 24 * HOUR - 500, to: NOW - 498 };
    expect(periodOf({ range: last, now: NOW })).toEqual({ period: '24h' });
  });

  it('is that of the days for 24 hours of the past', () => {
    expect(period('2026-04-10T12:00:00Z', '2026-04-11T12:00:00Z')).toEqual({
      start_date: '2026-04-10',
      end_date: '2026-04-11',
    });
  });
});

describe('a time range shorter than a day', () => {
  const textsOf = (from: string, to: string) =>
    periodNotices({ range: { from: Date.parse(from), to: Date.parse(to) }, now: NOW }).map(
      ({ text }) => text,
    );

  it('has a notice that names the days that are shown', () => {
    expect(textsOf('2026-04-10T12:00:00Z', '2026-04-10T13:00:00Z')).toEqual([
      'Shows all of 2026-04-10 (UTC): shorter times are not kept apart.',
    ]);
    expect(textsOf('2026-04-10T23:30:00Z', '2026-04-11T00:30:00Z')).toEqual([
      'Shows all of 2026-04-10 and 2026-04-11 (UTC): shorter times are not kept apart.',
    ]);
  });

  it('has none for a day and more, and for the last 24 hours', () => {
    expect(textsOf('2026-04-10T12:00:00Z', '2026-04-11T12:00:00Z')).toEqual([]);
    expect(periodNotices({ range: { from: NOW - 24 * HOUR, to: NOW - 1 }, now: NOW })).toEqual([]);
  });
});
