/** Metrics of the catalog over sums that are at hand, so that a named endpoint and `/query` mean the same by a rate. */
import { findMetric, type Measure } from '../catalog/index.js';

export type Sums = Partial<Record<Measure, number>>;

/** Percent of a whole; null where the whole is nothing. */
export const percentOf = (part: number, whole: number): number | null =>
  whole === 0 ? null : (100 * part) / whole;

export const meanOf = (sum: number, count: number): number | null => (count === 0 ? null : sum / count);

/**
 * The value of a rate or a mean.
 * @throws for a metric with another formula, or where a sum that it is made of is missing
 */
export function metricValue(name: string, sums: Sums): number | null {
  const formula = findMetric(name)?.formula;
  const value = (measure: Measure): number => {
    const sum = sums[measure];
    if (sum === undefined) throw new Error(`${name} is made of ${measure}`);
    return sum;
  };
  switch (formula?.op) {
    case 'percent':
      return percentOf(
        value(formula.part),
        formula.of.reduce((whole, measure) => whole + value(measure), 0),
      );
    case 'mean':
      return meanOf(value(formula.sum), value(formula.count));
    default:
      throw new Error(`${name} is no rate and no mean`);
  }
}
