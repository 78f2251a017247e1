/** SQL for duration histograms, stored as `hist_buckets smallint[]` and `hist_counts bigint[]`, with one count per bucket. */

/**
 * A query that returns the counts per group and bucket, with the columns of `keys`, `b` and `n`. Unnesting in the select
 * list and summing as float8 takes less than half the time of a join with `unnest` and a numeric sum, and is exact up to
 * 2^53.
 * @param keys columns to group by, as `[name, expression]`
 * @param row alias of the row with the histogram
 * @param from FROM clause that contains `row`
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
  ) AS unnested GROUP BY ${names}b`;
}
