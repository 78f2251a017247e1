/**
 * Projects the cost of the current month: a smoothed level of the last weeks, a factor per weekday, and an interval from
 * the errors of such forecasts in the past.
 */

export interface DailyCost {
  /** 0: Sunday. */
  weekday: number;
  usd: number;
}

export type ForecastMethod =
  | 'weekly season on a smoothed level'
  | 'mean of the known days, because there are under 14 days of history'
  | 'only what is known, because there are under 14 days of history';

export interface Forecast {
  method: ForecastMethod;
  /** Cost per day. */
  projected: number[];
  /** Half the width of the 80 % interval of the cumulative cost, after each day. Never decreases. */
  spread: number[];
}

const MIN_HISTORY_DAYS = 14;
/** Weight of the latest day in the level; the last two weeks make up half of the level. */
const SMOOTHING = 0.05;
/** 80 % of a normal distribution lie within this many standard deviations of the mean. */
const EIGHTY_PERCENT = 1.2816;
const WEEK = 7;

/**
 * @param history complete days, oldest first, without gaps
 * @param weekdays weekdays of the days to project, which follow the history
 */
export function forecast(history: readonly DailyCost[], weekdays: readonly number[]): Forecast {
  if (history.length === 0)
    return {
      method: 'only what is known, because there are under 14 days of history',
      projected: weekdays.map(() => 0),
      spread: weekdays.map(() => 0),
    };
  if (history.length < MIN_HISTORY_DAYS) {
    const mean = meanOf(history.map(({ usd }) => usd));
    const projected = weekdays.map(() => mean);
    return {
      method: 'mean of the known days, because there are under 14 days of history',
      projected,
      spread: spreadOf(
        projected.length,
        history.map(({ usd }) => usd - mean),
      ),
    };
  }
  const season = seasonOf(history);
  const { level, errors } = smooth(history, season);
  const projected = weekdays.map((weekday) => Math.max(0, level * season[weekday]!));
  return {
    method: 'weekly season on a smoothed level',
    projected,
    spread: spreadOf(projected.length, errors),
  };
}

/** The factor of each weekday relative to an average day, from the last whole weeks; 1 if unknown. */
function seasonOf(history: readonly DailyCost[]): number[] {
  const weeks = history.slice(history.length % WEEK);
  const mean = meanOf(weeks.map(({ usd }) => usd));
  return Array.from({ length: WEEK }, (_, weekday) => {
    const days = weeks.filter((day) => day.weekday === weekday);
    return mean === 0 || days.length === 0 ? 1 : meanOf(days.map(({ usd }) => usd)) / mean;
  });
}

/** The level after the last day, and the error of each day's forecast made on the day before. */
function smooth(
  history: readonly DailyCost[],
  season: readonly number[],
): { level: number; errors: number[] } {
  let level = meanOf(history.slice(0, WEEK).map(({ usd }) => usd));
  const errors: number[] = [];
  for (const { weekday, usd } of history) {
    const factor = season[weekday]!;
    errors.push(usd - level * factor);
    // A weekday that never costs anything has no influence on the level.
    if (factor > 0) level += SMOOTHING * (usd / factor - level);
  }
  return { level, errors };
}

/** Treats errors of days as independent of each other, and the error of the level as common to all days. */
function spreadOf(days: number, errors: readonly number[]): number[] {
  const deviation = Math.sqrt(meanOf(errors.map((error) => error * error)));
  return Array.from({ length: days }, (_, i) => {
    const levelError = (deviation * (i + 1)) / Math.sqrt(Math.max(1, errors.length));
    return EIGHTY_PERCENT * Math.sqrt(deviation * deviation * (i + 1) + levelError * levelError);
  });
}

const meanOf = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
