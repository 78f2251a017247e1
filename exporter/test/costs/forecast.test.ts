import { type DailyCost, forecast } from '../../src/costs/forecast.js';

const days = (count: number, usd: (day: number, weekday: number) => number): DailyCost[] =>
  Array.from({ length: count }, (_, day) => ({ weekday: day % 7, usd: usd(day, day % 7) }));
const ahead = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => (from + i) % 7);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('the forecast', () => {
  it('continues a weekly season, with a narrow interval', () => {
    const season = (_: number, weekday: number): number => [2, 10, 10, 10, 10, 8, 1][weekday]!;
    const { projected, spread, method } = forecast(days(84, season), ahead(84, 14));
    projected.forEach((usd, i) => expect(usd).toBeCloseTo(season(0, i % 7), 6));
    expect(method).toBe('weekly season on a smoothed level');
    expect(2 * spread.at(-1)!).toBeLessThan(0.01 * sum(projected));
  });

  it('follows a change of the level', () => {
    const { projected } = forecast(
      days(180, (day) => (day < 60 ? 10 : 30)),
      ahead(180, 7),
    );
    for (const usd of projected) expect(Math.abs(usd - 30)).toBeLessThan(1);
  });

  it('has intervals that contain about 80 % of the actual costs', () => {
    let state = 1;
    const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const normal = (): number => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
    let within = 0;
    for (let i = 0; i < 400; i += 1) {
      const series = days(120, (_, weekday) => Math.max(0, (weekday === 0 ? 20 : 100) + 15 * normal()));
      const { projected, spread } = forecast(
        series.slice(0, 90),
        series.slice(90).map(({ weekday }) => weekday),
      );
      const actual = sum(series.slice(90).map(({ usd }) => usd));
      if (Math.abs(actual - sum(projected)) <= spread.at(-1)!) within += 1;
      expect([...spread].sort((a, b) => a - b)).toEqual(spread);
    }
    expect(within / 400).toBeGreaterThan(0.7);
    expect(within / 400).toBeLessThan(0.95);
  });

  it('reports if there is too little history', () => {
    expect(
      forecast(
        days(13, () => 5),
        ahead(13, 2),
      ),
    ).toEqual({
      method: 'mean of the known days, because there are under 14 days of history',
      projected: [5, 5],
      spread: [0, 0],
    });
    expect(forecast([], ahead(0, 2))).toEqual({
      method: 'only what is known, because there are under 14 days of history',
      projected: [0, 0],
      spread: [0, 0],
    });
  });

  it('is never negative, and 0 for weekdays without costs', () => {
    const { projected } = forecast(
      days(60, (_, weekday) => (weekday === 6 ? 0 : 3)),
      ahead(60, 14),
    );
    expect(Math.min(...projected)).toBeGreaterThanOrEqual(0);
    expect(projected[ahead(60, 14).indexOf(6)]).toBe(0);
  });
});
