import { jest } from '@jest/globals';
import { atEachSlot, slotAfter } from '../src/cron.js';
import { loadConfig } from '../src/config.js';
import { slotsBetween } from '../src/jobs/ledger.js';
import { DAY, formatTime, HOUR, MINUTE } from '../src/time.js';

const NOON = Date.parse('2026-03-18T12:00:00Z');

/** Which AGGREGATION_CRON takes, and which not every library reads alike. */
const EXPRESSIONS: Record<string, [before: string, after: string]> = {
  '5 0 * * *': ['2026-03-18T00:05:00.000Z', '2026-03-19T00:05:00.000Z'],
  '5/10 0 * * *': ['2026-03-18T00:55:00.000Z', '2026-03-19T00:05:00.000Z'],
  // A Monday or the first of a month.
  '5 0 1 * 1': ['2026-03-16T00:05:00.000Z', '2026-03-23T00:05:00.000Z'],
  '5 0 L * *': ['2026-02-28T00:05:00.000Z', '2026-03-31T00:05:00.000Z'],
  '0 0 29 2 *': ['2024-02-29T00:00:00.000Z', '2028-02-29T00:00:00.000Z'],
};

it.each(Object.entries(EXPRESSIONS))(
  '%s is accepted, with the same slots to come and gone',
  (cron, slots) => {
    const secret = 'a secret of the tests, long enough';
    expect(loadConfig({ AUTH_JWT_SECRET: secret, AGGREGATION_CRON: cron }).aggregationCron).toBe(cron);
    const found = [...slotsBetween(cron, undefined, NOON), slotAfter(cron, NOON)];
    expect(found.map(formatTime)).toEqual(slots);
  },
);

describe('a clock', () => {
  let due: string[];
  let stop: () => void;
  const start = (cron: string, now: () => number = Date.now): void => {
    stop = atEachSlot(cron, now, () => due.push(formatTime(now())));
  };
  beforeEach(() => {
    jest.useFakeTimers({ now: NOON });
    due = [];
  });
  afterEach(() => {
    stop();
    jest.useRealTimers();
  });

  it('calls at each slot, however far off, and not before', () => {
    start('5 0 1 5 *');
    jest.advanceTimersByTime(Date.parse('2026-05-01T00:04:59.999Z') - NOON);
    expect(due).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(due).toEqual(['2026-05-01T00:05:00.000Z']);
    jest.advanceTimersByTime(DAY);
    expect(due).toHaveLength(1);
  });

  it('calls once for all slots that a jump has passed, within a minute of it', () => {
    let jump = 0;
    start('20 * * * *', () => Date.now() + jump);
    jump = 5 * HOUR;
    jest.advanceTimersByTime(MINUTE);
    expect(due).toEqual(['2026-03-18T17:01:00.000Z']);
    jest.advanceTimersByTime(19 * MINUTE);
    expect(due).toEqual(['2026-03-18T17:01:00.000Z', '2026-03-18T17:20:00.000Z']);
  });

  it('goes on from the new time when it is set back', () => {
    let jump = 0;
    start('20 * * * *', () => Date.now() + jump);
    jump = -2 * DAY;
    jest.advanceTimersByTime(20 * MINUTE);
    expect(due).toEqual(['2026-03-16T12:20:00.000Z']);
  });

  it('calls no more once it has ended', () => {
    start('* * * * *');
    jest.advanceTimersByTime(MINUTE);
    stop();
    jest.advanceTimersByTime(HOUR);
    expect(due).toHaveLength(1);
  });
});
