import { autoInterval, bucketWidth, DAY, HOUR, needsMinutes } from './interval';

const now = Date.parse('2026-04-14T12:00:00Z');
const hoursAgo = (hours: number) => now - hours * HOUR;

describe('the automatic interval', () => {
  it('is the finest bucket at least as wide as a point of the panel', () => {
    expect(autoInterval({ from: hoursAgo(6), now, atLeast: 20_000 })).toBe('minute');
    expect(autoInterval({ from: hoursAgo(6), now, atLeast: 61_000 })).toBe('5m');
    expect(autoInterval({ from: hoursAgo(24), now, atLeast: 600_000 })).toBe('15m');
    expect(autoInterval({ from: hoursAgo(24), now, atLeast: HOUR })).toBe('hour');
    expect(autoInterval({ from: now - 30 * DAY, now, atLeast: 2 * HOUR })).toBe('6h');
    expect(autoInterval({ from: now - 365 * DAY, now, atLeast: 9 * HOUR })).toBe('day');
    expect(autoInterval({ from: now - 900 * DAY, now, atLeast: 2 * DAY })).toBe('week');
  });

  it('takes hours where a range begins before the minutes that are kept', () => {
    expect(autoInterval({ from: hoursAgo(49), now, atLeast: 60_000 })).toBe('hour');
  });

  it('takes hours at the very edge of the minutes, which may be gone when the query arrives', () => {
    expect(autoInterval({ from: hoursAgo(48), now, atLeast: 60_000 })).toBe('hour');
    expect(autoInterval({ from: hoursAgo(47), now, atLeast: 60_000 })).toBe('minute');
  });

  it('knows how long the minutes of this exporter are kept, with the same edge', () => {
    const week = { now, atLeast: 60_000, minuteHours: 168 };
    expect(autoInterval({ ...week, from: hoursAgo(167) })).toBe('minute');
    expect(autoInterval({ ...week, from: hoursAgo(168) })).toBe('hour');
    expect(autoInterval({ ...week, from: hoursAgo(30), minuteHours: 24 })).toBe('hour');
    expect(autoInterval({ ...week, from: hoursAgo(23), minuteHours: 24 })).toBe('minute');
  });

  it('offers only what the metric can be asked in', () => {
    expect(autoInterval({ from: hoursAgo(1), now, atLeast: 1_000, allowed: ['hour', 'day', 'none'] })).toBe(
      'hour',
    );
    expect(autoInterval({ from: hoursAgo(1), now, atLeast: 1_000, allowed: ['none'] })).toBe('none');
  });

  it('is the widest there is for points wider than that', () => {
    expect(autoInterval({ from: now - 9_000 * DAY, now, atLeast: 90 * DAY })).toBe('month');
  });
});

describe('a bucket', () => {
  it('has a width, except the month, whose lengths differ, and none', () => {
    expect(bucketWidth('15m')).toBe(900_000);
    expect(bucketWidth('month')).toBeUndefined();
    expect(bucketWidth('none')).toBeUndefined();
  });

  it('needs minutes below the hour', () => {
    expect((['minute', '5m', '15m'] as const).every(needsMinutes)).toBe(true);
    expect((['hour', 'month', 'none'] as const).some(needsMinutes)).toBe(false);
  });
});
