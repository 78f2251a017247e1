/** Histograms of durations in SQL: columns `hist_buckets smallint[]` and `hist_counts bigint[]`, one count a bucket. */

/**
 * The counts by group and bucket, as a select of the columns of `keys`, `b` and `n`. The arrays are unnested in the
 * select list and summed as floats, which takes well under half the time of a join with `unnest` and a numeric sum. It is
 * exact up to 2^53.
 * @param keys columns to group by, as `[name, expression]`
 * @param from a FROM clause with the histograms in the row `row`
 */
export function mergedHistograms(
  keys: readonly (readonly [name: string, sql: string])[],
  row: string,
  from: string,
): string {
  const selected = keys.map(([name, sql]) => `${sql} AS ${name}, `).join('');
  const names = keys.map(([name]) => `${name}, `).join('');
  return `SELECT ${names}b, sum(n)::bigint AS n FROM (
    SELECT ${selected}unnest(${row}.hist_buckets) AS b, unnest(${row}.hist_counts)::float8 AS n ${from}
  ) AS apart GROUP BY ${names}b`;
}
