import { autoInterval, bucketWidth, DAY, HOUR, needsMinutes } from './interval';

const now = Date.parse('2026-04-14T12:00:00Z');
const hoursAgo = (hours: number) => now - hours * HOUR;

describe('the automatic interval', () => {
  it('is the narrowest one that is at least as wide as a point of the panel', () => {
    expect(autoInterval({ from: hoursAgo(6), now, atLeast: 20_000 })).toBe('minute');
    expect(autoInterval({ from: hoursAgo(6), now, atLeast: 61_000 })).toBe('5m');
    expect(autoInterval({ from: hoursAgo(24), now, atLeast: 600_000 })).toBe('15m');
    expect(autoInterval({ from: hoursAgo(24), now, atLeast: HOUR })).toBe('hour');
    expect(autoInterval({ from: now - 30 * DAY, now, atLeast: 2 * HOUR })).toBe('6h');
    expect(autoInterval({ from: now - 365 * DAY, now, atLeast: 9 * HOUR })).toBe('day');
    expect(autoInterval({ from: now - 900 * DAY, now, atLeast: 2 * DAY })).toBe('week');
  });

  it('is an hour if the range begins before the minutes that are kept', () => {
    expect(autoInterval({ from: hoursAgo(49), now, atLeast: 60_000 })).toBe('hour');
  });

  it('is an hour if the minutes may expire before the query arrives', () => {
    expect(autoInterval({ from: hoursAgo(48), now, atLeast: 60_000 })).toBe('hour');
    expect(autoInterval({ from: hoursAgo(47), now, atLeast: 60_000 })).toBe('minute');
  });

  it('depends on how long this exporter keeps minutes', () => {
    const week = { now, atLeast: 60_000, minuteHours: 168 };
    expect(autoInterval({ ...week, from: hoursAgo(167) })).toBe('minute');
    expect(autoInterval({ ...week, from: hoursAgo(168) })).toBe('hour');
    expect(autoInterval({ ...week, from: hoursAgo(30), minuteHours: 24 })).toBe('hour');
    expect(autoInterval({ ...week, from: hoursAgo(23), minuteHours: 24 })).toBe('minute');
  });

  it('is one of the intervals of the metric', () => {
    expect(autoInterval({ from: hoursAgo(1), now, atLeast: 1_000, allowed: ['hour', 'day', 'none'] })).toBe(
      'hour',
    );
    expect(autoInterval({ from: hoursAgo(1), now, atLeast: 1_000, allowed: ['none'] })).toBe('none');
  });

  it('is the widest one if none is wide enough', () => {
    expect(autoInterval({ from: now - 9_000 * DAY, now, atLeast: 90 * DAY })).toBe('month');
  });
});

describe('a bucket', () => {
  it('has a width, except for month and none', () => {
    expect(bucketWidth('15m')).toBe(900_000);
    expect(bucketWidth('month')).toBeUndefined();
    expect(bucketWidth('none')).toBeUndefined();
  });

  it('needs minutes if it is narrower than an hour', () => {
    expect((['minute', '5m', '15m'] as const).every(needsMinutes)).toBe(true);
    expect((['hour', 'month', 'none'] as const).some(needsMinutes)).toBe(false);
  });
});
