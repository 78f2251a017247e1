/** The forecast of daily cost over the last six months of the demo's series, against the daily mean of the month before. */
import { type DailyCost, forecast } from '../../src/costs/forecast.js';
import { PriceList } from '../../src/costs/prices.js';
import { demoTenants } from '../../src/demo/fleet.js';
import { runsOf } from '../../src/demo/runs.js';
import { STANDARD_TIER } from '../../src/facts/execution/columns.js';
import { NO_TOKENS } from '../../src/facts/tokens.js';
import { DAY, floorTo, HOUR, startOfMonth } from '../../src/time.js';
import type { Bench } from '../support/figure.js';

const MONTHS = 6;
const HISTORY_DAYS = 180;
/** Of the units in which money is counted. */
const USD = 1e18;

/** Without prices of one's own. */
const BOOK = new PriceList();

/** What the demo's runs of a day have cost. */
function costOfDay(day: number): number {
  const [demo] = demoTenants('demo');
  let usd = 0n;
  for (let hour = day; hour < day + DAY; hour += HOUR) {
    for (const { at, run } of runsOf(demo, hour)) {
      for (const usage of run.token_usages) {
        const { provider, model } = usage;
        const call = { provider, model, tier: STANDARD_TIER, at };
        usd += BOOK.costOf({ ...NO_TOKENS, ...usage }, call, 'call').usd ?? 0n;
      }
    }
  }
  return Number(usd) / USD;
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export const forecasts: Bench = {
  name: 'forecast',
  figures: () => [
    {
      title: `forecast: mean absolute percentage error of the days of ${MONTHS} months ÷ that of last month's daily mean`,
      target: { atMost: 1 },
    },
  ],
  run: async ({ progress }) => {
    const starts = [startOfMonth(Date.now())];
    while (starts.length <= MONTHS) starts.unshift(startOfMonth(starts[0]! - DAY));
    const first = floorTo(starts[0]!, DAY) - HISTORY_DAYS * DAY;
    const series: DailyCost[] = [];
    for (let day = first; day < starts[MONTHS]!; day += DAY) {
      series.push({ weekday: new Date(day).getUTCDay(), usd: costOfDay(day) });
      if (series.length % 30 === 0) progress(`${series.length} days of the series`);
    }
    const place = (instant: number): number => (instant - first) / DAY;
    const ours: number[] = [];
    const naive: number[] = [];
    for (let month = 0; month < MONTHS; month += 1) {
      const [from, to] = [place(starts[month]!), place(starts[month + 1]!)];
      const days = series.slice(from, to);
      const { projected } = forecast(
        series.slice(from - HISTORY_DAYS, from),
        days.map(({ weekday }) => weekday),
      );
      const before = place(startOfMonth(starts[month]! - DAY));
      const mean = meanOf(series.slice(before, from).map(({ usd }) => usd));
      days.forEach(({ usd }, i) => {
        ours.push(Math.abs(projected[i]! - usd) / usd);
        naive.push(Math.abs(mean - usd) / usd);
      });
    }
    const percent = (errors: readonly number[]): string => `${(100 * meanOf(errors)).toFixed(1)} %`;
    return [
      {
        value: meanOf(ours) / meanOf(naive),
        measured: `${percent(ours)} ÷ ${percent(naive)}, ${ours.length} days`,
      },
    ];
  },
};
