/** Rows of aggregates that no metric is made of, such as flows of sessions. */
import { type Aggregate, type Level, tableOf } from '../aggregates/index.js';
import { timeColumn } from '../aggregates/aggregate.js';
import type { Parameters } from '../db/parameters.js';
import { formatDate } from '../time.js';
import { type Range, segmentsOf } from './segments.js';

/** The rows of an aggregate within the range: its whole days, and the hours of its ragged ends. $1 is the tenant. */
export function rowsSql(
  source: Aggregate,
  range: Range,
  columns: (level: Level) => readonly string[],
  parameters: Parameters,
): string {
  return segmentsOf(range, true)
    .map(({ level, from, to }) => {
      const time = timeColumn(level);
      const at = (instant: number): string =>
        level === 'day'
          ? `${parameters.add(formatDate(instant))}::date`
          : `${parameters.add(new Date(instant))}::timestamptz`;
      return `SELECT ${columns(level).join(', ')} FROM ${tableOf(source, level)}
    WHERE tenant_id = $1 AND ${time} >= ${at(from)} AND ${time} < ${at(to)}`;
    })
    .join('\n  UNION ALL ');
}

/** The UTC day of a row. */
export const dateSql = (level: Level): string =>
  level === 'day' ? 'date' : `(bucket AT TIME ZONE 'UTC')::date`;
