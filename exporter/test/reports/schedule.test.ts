/** When reports are due in their time zones, which days they are about, and that each time has one run. */
import { daysBefore, daysIn, lastWholeDays } from '../../src/reports/period.js';
import { latestSlot, nextSlot } from '../../src/reports/schedule.js';
import { formatTime } from '../../src/time.js';
import { testApp, type TestApp } from '../support/app.js';
import { ask, makeReport, type RunAnswer } from './reports-app.js';

const iso = (instant: number): string => formatTime(instant).replace(':00.000Z', 'Z');

/** The next times after `from`. */
function slots(schedule: string, zone: string, from: string, count: number): string[] {
  let at = Date.parse(from);
  return Array.from({ length: count }, () => iso((at = nextSlot(schedule, zone, at))));
}

describe('a schedule', () => {
  it('has its times at seven, in the time zone', () => {
    expect(slots('daily', 'Europe/Berlin', '2026-03-18T12:00Z', 2)).toEqual([
      '2026-03-19T06:00Z',
      '2026-03-20T06:00Z',
    ]);
    expect(slots('weekly', 'America/New_York', '2026-03-18T12:00Z', 2)).toEqual([
      '2026-03-23T11:00Z',
      '2026-03-30T11:00Z',
    ]);
    expect(slots('monthly', 'Pacific/Chatham', '2026-03-18T12:00Z', 2)).toEqual([
      '2026-03-31T17:15Z',
      '2026-04-30T18:15Z',
    ]);
  });

  it.each([
    // Clocks are turned forward: half past two does not exist, and the time is that of the turn.
    [
      'Europe/Berlin',
      '30 2 * * *',
      '2026-03-27T12:00Z',
      ['2026-03-28T01:30Z', '2026-03-29T01:00Z', '2026-03-30T00:30Z'],
    ],
    [
      'America/New_York',
      '30 2 * * *',
      '2026-03-07T00:00Z',
      ['2026-03-07T07:30Z', '2026-03-08T07:00Z', '2026-03-09T06:30Z'],
    ],
    [
      'Pacific/Chatham',
      '0 3 * * *',
      '2026-09-25T10:00Z',
      ['2026-09-25T14:15Z', '2026-09-26T14:00Z', '2026-09-27T13:15Z'],
    ],
    // Clocks are turned back: half past two comes twice, and counts the first time.
    [
      'Europe/Berlin',
      '30 2 * * *',
      '2026-10-23T12:00Z',
      ['2026-10-24T00:30Z', '2026-10-25T00:30Z', '2026-10-26T01:30Z'],
    ],
    [
      'America/New_York',
      '30 1 * * *',
      '2026-10-31T00:00Z',
      ['2026-10-31T05:30Z', '2026-11-01T05:30Z', '2026-11-02T06:30Z'],
    ],
    [
      'Pacific/Chatham',
      '0 3 * * *',
      '2026-04-03T12:00Z',
      ['2026-04-03T13:15Z', '2026-04-04T13:15Z', '2026-04-05T14:15Z'],
    ],
  ])('in %s has %s once a day from %s, also where clocks are turned', (zone, cron, from, times) => {
    expect(slots(cron, zone, from, times.length)).toEqual(times);
    expect(times.map((time) => iso(latestSlot(cron, zone, Date.parse(time) + 59_000)!))).toEqual(times);
  });
});

describe('the days of a run', () => {
  const week = (zone: string, at: string, days = 7) => {
    const range = lastWholeDays(Date.parse(at), days, zone);
    const before = daysBefore(range, zone);
    return {
      days: [iso(range.from), iso(range.to)],
      before: iso(before.from),
      hours: (range.to - range.from) / 3_600_000,
      counted: [daysIn(range, zone), daysIn(before, zone)],
    };
  };

  it.each([
    ['UTC', '2026-03-23T07:00Z', ['2026-03-16T00:00Z', '2026-03-23T00:00Z'], '2026-03-09T00:00Z', 168],
    // An hour is missing, or comes twice.
    [
      'Europe/Berlin',
      '2026-03-30T05:00Z',
      ['2026-03-22T23:00Z', '2026-03-29T22:00Z'],
      '2026-03-15T23:00Z',
      167,
    ],
    [
      'Europe/Berlin',
      '2026-10-26T06:00Z',
      ['2026-10-18T22:00Z', '2026-10-25T23:00Z'],
      '2026-10-11T22:00Z',
      169,
    ],
    [
      'America/New_York',
      '2026-03-09T11:00Z',
      ['2026-03-02T05:00Z', '2026-03-09T04:00Z'],
      '2026-02-23T05:00Z',
      167,
    ],
    [
      'America/New_York',
      '2026-11-02T12:00Z',
      ['2026-10-26T04:00Z', '2026-11-02T05:00Z'],
      '2026-10-19T04:00Z',
      169,
    ],
    [
      'Pacific/Chatham',
      '2026-09-27T18:00Z',
      ['2026-09-20T11:15Z', '2026-09-27T10:15Z'],
      '2026-09-13T11:15Z',
      167,
    ],
  ])('in %s at %s are whole', (zone, at, days, before, hours) => {
    expect(week(zone, at)).toEqual({ days, before, hours, counted: [7, 7] });
  });

  it('begin with the day where midnight is skipped', () => {
    // In Beirut, 29 March 2026 begins at one o'clock.
    expect(week('Asia/Beirut', '2026-03-30T06:00Z', 1)).toMatchObject({
      days: ['2026-03-28T22:00Z', '2026-03-29T21:00Z'],
      hours: 23,
    });
  });
});

describe('a time that has come', () => {
  let t: TestApp;
  beforeEach(async () => {
    t = await testApp({ now: '2026-03-20T12:00:00Z' });
  });
  afterEach(() => t.close());

  const runsOf = async (id: string): Promise<RunAnswer[]> =>
    (await ask(t, 'acme', 'GET', `/${id}/runs`)).json<{ runs: RunAnswer[] }>().runs;

  it('on Monday has a run of Monday to Sunday, by one of two replicas', async () => {
    const other = await testApp({ database: t.database, now: '2026-03-23T06:00:01Z' });
    try {
      const { id } = await makeReport(t, 'acme', {
        template: 'usage_report',
        schedule: 'weekly',
        time_zone: 'Europe/Berlin',
      });
      t.setNow('2026-03-23T05:59:59Z');
      await t.services.reportRunner.runDue();
      expect(await runsOf(id)).toEqual([]);
      t.setNow('2026-03-23T06:00:01Z');
      await Promise.all([t, other].map(({ services }) => services.reportRunner.runDue()));
      await t.services.reportRunner.runDue();
      const runs = await runsOf(id);
      expect(runs).toMatchObject([
        {
          status: 'done',
          scheduled_for: '2026-03-23T06:00:00.000Z',
          period: {
            from: '2026-03-15T23:00:00.000Z',
            to: '2026-03-22T23:00:00.000Z',
            time_zone: 'Europe/Berlin',
          },
        },
      ]);
      const { next_run_at } = (await ask(t, 'acme', 'GET', `/${id}`)).json<{ next_run_at: string }>();
      expect(next_run_at).toBe('2026-03-30T05:00:00.000Z');
    } finally {
      await other.close();
    }
  });

  it('while the service was down has its run late, once, with the days of its own', async () => {
    const { id } = await makeReport(t, 'acme', { template: 'usage_report', schedule: 'daily' });
    // Three mornings were missed.
    t.setNow('2026-03-23T15:00:00Z');
    await t.services.reportRunner.runDue();
    await t.services.reportRunner.runDue();
    expect((await runsOf(id)).map(({ scheduled_for, period }) => [scheduled_for, period.to])).toEqual([
      ['2026-03-23T07:00:00.000Z', '2026-03-23T00:00:00.000Z'],
    ]);
  });

  it('has no second run where the clock was set back', async () => {
    const { id } = await makeReport(t, 'acme', { template: 'usage_report', schedule: 'daily' });
    t.setNow('2026-03-21T07:00:10Z');
    await t.services.reportRunner.runDue();
    t.setNow('2026-03-20T06:00:00Z');
    await t.services.reportRunner.runDue();
    t.setNow('2026-03-21T07:00:20Z');
    await t.services.reportRunner.runDue();
    expect(await runsOf(id)).toHaveLength(1);
  });

  it('keeps the next time if only the name of its report changes', async () => {
    const { id, next_run_at } = await makeReport(t, 'acme', { template: 'usage_report', schedule: 'daily' });
    t.setNow('2026-03-21T08:00:00Z');
    const changed = await ask(t, 'acme', 'PATCH', `/${id}`, { name: 'Other' });
    expect(changed.json()).toMatchObject({ name: 'Other', next_run_at });
    const off = await ask(t, 'acme', 'PATCH', `/${id}`, { schedule: null });
    expect(off.json()).toMatchObject({ next_run_at: null });
  });
});
