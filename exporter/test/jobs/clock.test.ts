/** The clock, with faked timers. */
import { jest } from '@jest/globals';
import { Clock } from '../../src/jobs/clock.js';
import { DAY, formatTime, HOUR, MINUTE } from '../../src/time.js';

const NOON = Date.parse('2026-03-18T12:00:00Z');

let due: string[];
let clock: Clock;
const start = (cron: string, now: () => number = Date.now): void => {
  clock = new Clock(now);
  clock.onSlot(cron, () => due.push(formatTime(now())));
  clock.start();
};
const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  jest.useFakeTimers({ now: NOON });
  due = [];
});
afterEach(() => {
  clock.stop();
  jest.useRealTimers();
});

it('calls at each slot, however far off, and not before', async () => {
  start('5 0 1 5 *');
  await pass(HOUR);
  jest.setSystemTime(Date.parse('2026-04-30T23:00:00Z'));
  await pass(HOUR + 5 * MINUTE - 1);
  expect(due).toEqual([]);
  await pass(1);
  expect(due).toEqual(['2026-05-01T00:05:00.000Z']);
  await pass(HOUR);
  expect(due).toHaveLength(1);
});

it('calls once for all slots that a jump has passed, within a minute of it', async () => {
  let jump = 0;
  start('20 * * * *', () => Date.now() + jump);
  jump = 5 * HOUR;
  await pass(MINUTE);
  expect(due).toEqual(['2026-03-18T17:01:00.000Z']);
  await pass(19 * MINUTE);
  expect(due).toEqual(['2026-03-18T17:01:00.000Z', '2026-03-18T17:20:00.000Z']);
});

it('goes on from the new time when it is set back', async () => {
  let jump = 0;
  start('20 * * * *', () => Date.now() + jump);
  jump = -2 * DAY;
  await pass(20 * MINUTE);
  expect(due).toEqual(['2026-03-16T12:20:00.000Z']);
});

it('goes on from the new time when the clock of the machine is set back', async () => {
  start('20 * * * *');
  await pass(30_000);
  jest.setSystemTime(NOON - 2 * DAY);
  await pass(20 * MINUTE);
  expect(due).toEqual(['2026-03-16T12:20:00.000Z']);
  await pass(HOUR);
  expect(due).toEqual(['2026-03-16T12:20:00.000Z', '2026-03-16T13:20:00.000Z']);
});

it('calls once, within seconds, when the machine wakes up after a year', async () => {
  start('20 * * * *');
  await pass(30_000);
  jest.setSystemTime(NOON + 365 * DAY);
  // In this time it must not go through the minutes of a year.
  await pass(10_000);
  expect(due).toEqual(['2027-03-18T12:00:10.000Z']);
  await pass(20 * MINUTE);
  expect(due.slice(1)).toEqual(['2027-03-18T12:20:00.000Z']);
});

it('calls late, rather than not at all, when the process was blocked', async () => {
  const monotonic = jest.spyOn(performance, 'now').mockImplementation(() => Date.now() - NOON);
  start('1 12 * * *');
  await pass(59_000);
  jest.setSystemTime(NOON + 85_000);
  await pass(1_000);
  expect(due).toEqual(['2026-03-18T12:01:26.000Z']);
  monotonic.mockRestore();
});

it('calls no more once it was stopped', async () => {
  start('* * * * *');
  await pass(MINUTE);
  clock.stop();
  await pass(HOUR);
  expect(due).toHaveLength(1);
});
