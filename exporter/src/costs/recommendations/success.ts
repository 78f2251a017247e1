/** Whether one model does worse than another. */

export interface Rate {
  succeeded: number;
  finished: number;
}

/** The one-sided 95 % of the normal distribution. */
const ONE_SIDED = 1.645;
/** The two-sided 95 %, for intervals. */
const TWO_SIDED = 1.96;

/** Below it, success rates say little. */
export const LEAST_FINISHED = 100;

export const rateOf = ({ succeeded, finished }: Rate): number => succeeded / finished;

/** Whether `other` succeeds less often than `one`: a two-proportion z-test at 95 %, one-sided. */
export function isWorse(other: Rate, one: Rate): boolean {
  const pooled = (other.succeeded + one.succeeded) / (other.finished + one.finished);
  const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / other.finished + 1 / one.finished));
  return deviation > 0 && (rateOf(other) - rateOf(one)) / deviation < -ONE_SIDED;
}

/** The 95 % interval of the difference of the rates, `other` less `one`. */
export function differenceOf(other: Rate, one: Rate): { lower: number; upper: number } {
  const variance = (rate: Rate): number => (rateOf(rate) * (1 - rateOf(rate))) / rate.finished;
  const margin = TWO_SIDED * Math.sqrt(variance(other) + variance(one));
  const difference = rateOf(other) - rateOf(one);
  return { lower: difference - margin, upper: difference + margin };
}
