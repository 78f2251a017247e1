/** Percentiles of the durations that rows carry as histograms. */
import { mergedHistograms } from '../aggregates/histograms.js';
import type { Key } from './shape.js';

/**
 * CTEs for the percentiles of each group: `ranked` has a row a bucket of durations, with how many are at most that long
 * and how many there are in all.
 * @param from a FROM clause with the histograms in the row `row`
 */
export function rankedDurations(keys: readonly Key[], row: string, from: string): string {
  const partition = keys.length === 0 ? '' : `PARTITION BY ${keys.map(({ name }) => name).join(', ')}`;
  const counts = mergedHistograms(
    keys.map(({ name, sql }) => [name, sql]),
    row,
    from,
  );
  return `exploded AS (
  ${counts}
), ranked AS (
  SELECT *, sum(n) OVER (${partition} ORDER BY b) AS running, sum(n) OVER (${partition}) AS total FROM exploded
)`;
}

/**
 * A percentile over the rows of a group in `ranked`.
 * @param p as SQL, such as 0.95
 */
export const percentileSql = (p: string | number): string =>
  `duration_of_bucket(min(b) FILTER (WHERE running >= ceil(total * ${p})))`;
