/** `GET /costs/forecast`: this month as it is known, and as it will have been. */
import { NOW, testApp, type TestApp } from '../support/app.js';
import { execution, type TestExecution } from '../support/executions.js';
import { FLEET, sendAndRollup } from './fleet.js';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

const send = (tenant: string, executions: readonly TestExecution[]): Promise<void> =>
  sendAndRollup(t, tenant, executions);

type Day = Record<
  'actual_usd' | 'projected_usd' | 'cumulative_usd' | 'lower_usd' | 'upper_usd',
  number | null
> & {
  date: string;
};
type Answer = { month: string; daily: Day[] } & Record<
  'month_to_date_usd' | 'projected_month_usd' | 'lower_usd' | 'upper_usd',
  number
>;

describe('GET /costs/forecast', () => {
  it('says that there is too little history', async () => {
    const tenant = t.tenant();
    await send(tenant, FLEET);
    expect(await t.read('costs/forecast', tenant)).toMatchObject({
      month: '2026-03',
      month_to_date_usd: 7,
      method: expect.stringContaining('under 14 days'),
      history_days: 8,
    });
    expect(await t.read('costs/forecast', t.tenant())).toMatchObject({
      projected_month_usd: 0,
      method: expect.stringContaining('under 14 days'),
      history_days: 0,
    });
  });

  it('projects a weekly season, within its interval', async () => {
    const tenant = t.tenant();
    const days = Array.from(
      { length: 60 },
      (_, i) => new Date(Date.parse('2026-03-17T10:00:00Z') - i * 86_400_000),
    );
    await send(
      tenant,
      days.map((day, i) =>
        execution(i, day.toISOString(), { cost_usd: [0, 6].includes(day.getUTCDay()) ? 1 : 10 }),
      ),
    );
    const answer = await t.read<Record<string, number>>('costs/forecast', tenant);
    expect(answer).toMatchObject({ method: 'weekly season on a smoothed level', history_days: 60 });
    // 22 weekdays and 9 days of weekends in March 2026.
    expect(answer.projected_month_usd).toBeCloseTo(229, -1);
    expect(answer.lower_usd).toBeLessThanOrEqual(answer.projected_month_usd!);
    expect(answer.upper_usd).toBeGreaterThanOrEqual(answer.projected_month_usd!);
  });

  it('has the course of the month: known days summed, those to come with a band that widens to the interval', async () => {
    const tenant = t.tenant();
    const days = Array.from(
      { length: 40 },
      (_, i) => new Date(Date.parse('2026-03-18T10:00:00Z') - i * 86_400_000),
    );
    await send(
      tenant,
      days.map((day, i) => execution(i, day.toISOString(), { cost_usd: i === 0 ? 1 : 4 + (i % 3) })),
    );
    const answer = await t.read<Answer>('costs/forecast', tenant);
    const { daily } = answer;
    expect(daily).toHaveLength(31);
    let sum = 0;
    for (const day of daily.slice(0, 17)) {
      sum += day.actual_usd!;
      expect(day).toMatchObject({ cumulative_usd: sum, lower_usd: null, upper_usd: null });
    }
    expect(answer.month_to_date_usd).toBe(sum + 1);
    const ahead = daily.slice(17);
    expect(ahead[0]).toMatchObject({ date: '2026-03-18', actual_usd: 1 });
    expect(ahead[0]!.cumulative_usd).toBeCloseTo(sum + 5, 0);
    const widths = ahead.map((day) => day.upper_usd! - day.cumulative_usd!);
    expect(widths.every((width, i) => width > 0 && width >= (widths[i - 1] ?? 0))).toBe(true);
    expect(ahead.every((day) => day.lower_usd! >= sum + 1 && day.lower_usd! <= day.cumulative_usd!)).toBe(
      true,
    );
    expect(ahead.at(-1)).toMatchObject({
      cumulative_usd: answer.projected_month_usd,
      lower_usd: answer.lower_usd,
      upper_usd: answer.upper_usd,
    });
  });

  it.each([
    ['on the first day of a month', '2026-03-01T12:00:00Z', 31],
    ['in the last hour of a month', '2026-03-31T23:30:00Z', 31],
    ['in February of a leap year', '2028-02-10T12:00:00Z', 29],
    ['in the first minute of a year', '2027-01-01T00:00:30Z', 31],
    ['on a day that cost more than it was to', '2026-03-18T12:00:00Z', 31, 50],
  ])('adds up %s', async (_when, now, length, today = 1) => {
    t.setNow(now);
    const tenant = t.tenant();
    const [at, month] = [Date.parse(now), now.slice(0, 7)];
    await send(
      tenant,
      Array.from({ length: 40 }, (_, i) =>
        execution(i, new Date(at - i * 86_400_000).toISOString(), {
          cost_usd: i === 0 ? today : 4 + (i % 3),
        }),
      ),
    );
    const answer = await t.read<Answer>('costs/forecast', tenant);
    expect(answer.month).toBe(month);
    const { daily, month_to_date_usd, projected_month_usd } = answer;
    const dates = daily.map(({ date }) => date);
    expect([dates.length, dates[0], dates.at(-1)]).toEqual([length, `${month}-01`, `${month}-${length}`]);
    const sum = (values: readonly (number | null)[]): number =>
      values.reduce<number>((total, value) => total + (value ?? 0), 0);
    expect(month_to_date_usd).toBeCloseTo(sum(daily.map(({ actual_usd }) => actual_usd)), 4);
    // A day is what it has cost, or what it will: today's projection is of the whole day.
    const whole = daily.map(({ actual_usd, projected_usd }) => projected_usd ?? actual_usd);
    expect(projected_month_usd).toBeCloseTo(sum(whole), 4);
    expect(daily.filter(({ date }) => date > now.slice(0, 10)).every((day) => day.actual_usd === null)).toBe(
      true,
    );
    const isToday = daily.find(({ date }) => date === now.slice(0, 10))!;
    expect(isToday.actual_usd).toBe(today);
    expect(isToday.projected_usd).toBeGreaterThanOrEqual(today);
    expect(answer.lower_usd).toBeGreaterThanOrEqual(month_to_date_usd);
    expect(answer.lower_usd).toBeLessThanOrEqual(projected_month_usd);
    expect(answer.upper_usd).toBeGreaterThanOrEqual(projected_month_usd);
  });

  it('of what has no price projects nothing', async () => {
    t.setNow(NOW);
    const tenant = t.tenant();
    const tokens = { model_name: 'nobody-knows', input_tokens: 10, output_tokens: 1 };
    await send(
      tenant,
      Array.from({ length: 20 }, (_, i) =>
        execution(i, new Date(Date.parse(NOW) - i * 86_400_000).toISOString(), tokens),
      ),
    );
    expect(await t.read('costs/forecast', tenant)).toMatchObject({
      month_to_date_usd: 0,
      projected_month_usd: 0,
      lower_usd: 0,
      upper_usd: 0,
      history_days: 0,
    });
  });

  it('takes in cost items, of which the days to come are known', async () => {
    const tenant = t.tenant();
    const headers = await t.headers({ tenant, scopes: ['analytics:admin'] });
    const item = { category: 'storage', amount_usd: 31, start_date: '2026-03-01', end_date: '2026-03-31' };
    const url = '/api/v1/analytics/cost-items';
    expect((await t.app.inject({ method: 'POST', url, headers, payload: item })).statusCode).toBe(201);
    await send(tenant, [execution(1, '2026-03-18T10:00:00Z', { cost_usd: 2 })]);
    const { daily, ...answer } = await t.read<Answer>('costs/forecast', tenant);
    expect(answer).toMatchObject({ month_to_date_usd: 20, history_days: 0 });
    expect(daily[0]).toMatchObject({ date: '2026-03-01', actual_usd: 1, cumulative_usd: 1 });
    expect(daily[17]).toMatchObject({
      date: '2026-03-18',
      actual_usd: 3,
      projected_usd: 3,
      cumulative_usd: 20,
    });
    expect(daily.at(-1)).toMatchObject({ actual_usd: null, projected_usd: 1, cumulative_usd: 33 });
  });
});
