/** Measures of executions by UTC day. */
import { measureSql } from '../../aggregates/index.js';
import type { Measure } from '../../catalog/index.js';
import { Parameters } from '../../db/parameters.js';
import type { ReadPool } from '../../db/read-shares.js';
import { formatDate } from '../../time.js';
import { baseSql, type Selection } from '../base.js';
import { whereSql } from '../sql.js';

/** Sums of a day as numeric text, exact. */
export type DailySums<M extends Measure> = { date: string } & Record<M, string>;

/** Every UTC day of the selection's range, those without anything included. */
export async function dailySums<M extends Measure>(
  pool: ReadPool,
  selection: Selection,
  measures: readonly M[],
): Promise<DailySums<M>[]> {
  const parameters = new Parameters();
  const base = baseSql(selection, measures, [], parameters);
  const where = whereSql(selection, parameters);
  const first = parameters.add(formatDate(selection.range.from));
  const last = parameters.add(formatDate(selection.range.to - 1));
  const sums = measures.map((measure) => `${measureSql(selection.source, measure, 'b')} AS "${measure}"`);
  const { rows } = await pool.query<DailySums<M>>(
    `WITH ${base}, sums AS (
       SELECT (b.at AT TIME ZONE 'UTC')::date AS date, ${sums.join(', ')} FROM base b ${where} GROUP BY 1
     )
     SELECT day::date AS date, ${measures.map((measure) => `coalesce("${measure}", 0) AS "${measure}"`).join(', ')}
     FROM generate_series(${first}::date, ${last}::date, interval '1 day') AS day LEFT JOIN sums ON sums.date = day::date
     ORDER BY 1`,
    parameters.values,
  );
  return rows;
}
