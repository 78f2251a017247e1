/**
 * The cost of this month, projected: a level that follows the last weeks, a factor for each weekday, and an interval from
 * how far such a forecast was off on the days that are known.
 */

export interface DailyCost {
  /** 0 is Sunday. */
  weekday: number;
  usd: number;
}

export type ForecastMethod =
  | 'weekly season on a smoothed level'
  | 'mean of the known days, because there are under 14 days of history'
  | 'only what is known, because there are under 14 days of history';

export interface Forecast {
  method: ForecastMethod;
  /** A day each. */
  projected: number[];
  /** How far the sum of the first days may be off either way, 80 % of the time: after each day, so that it only grows. */
  spread: number[];
}

const LEAST_HISTORY = 14;
/** Weight of the latest day in the level: half of it is of the last two weeks. */
const SMOOTHING = 0.05;
/** Standard deviations on either side that hold 80 % of a normal distribution. */
const EIGHTY_PERCENT = 1.2816;
const WEEK = 7;

/**
 * @param history complete days, oldest first, without gaps
 * @param weekdays of the days to project, the first following the history
 */
export function forecast(history: readonly DailyCost[], weekdays: readonly number[]): Forecast {
  if (history.length === 0)
    return {
      method: 'only what is known, because there are under 14 days of history',
      projected: weekdays.map(() => 0),
      spread: weekdays.map(() => 0),
    };
  if (history.length < LEAST_HISTORY) {
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

/** Each weekday's share of an average day, from whole weeks at the end of the history; 1 where nothing is known. */
function seasonOf(history: readonly DailyCost[]): number[] {
  const weeks = history.slice(history.length % WEEK);
  const mean = meanOf(weeks.map(({ usd }) => usd));
  return Array.from({ length: WEEK }, (_, weekday) => {
    const days = weeks.filter((day) => day.weekday === weekday);
    return mean === 0 || days.length === 0 ? 1 : meanOf(days.map(({ usd }) => usd)) / mean;
  });
}

/** The level after the last day, and what each day was off from what its eve said of it. */
function smooth(
  history: readonly DailyCost[],
  season: readonly number[],
): { level: number; errors: number[] } {
  let level = meanOf(history.slice(0, WEEK).map(({ usd }) => usd));
  const errors: number[] = [];
  for (const { weekday, usd } of history) {
    const factor = season[weekday]!;
    errors.push(usd - level * factor);
    // A weekday that never costs anything says nothing about the level.
    if (factor > 0) level += SMOOTHING * (usd / factor - level);
  }
  return { level, errors };
}

/** Errors of the days as independent of each other, and of the level as common to all. */
function spreadOf(days: number, errors: readonly number[]): number[] {
  const deviation = Math.sqrt(meanOf(errors.map((error) => error * error)));
  return Array.from({ length: days }, (_, i) => {
    const ofLevel = (deviation * (i + 1)) / Math.sqrt(Math.max(1, errors.length));
    return EIGHTY_PERCENT * Math.sqrt(deviation * deviation * (i + 1) + ofLevel * ofLevel);
  });
}

const meanOf = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
