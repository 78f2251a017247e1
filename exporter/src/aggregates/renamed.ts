/** Statements that give rows of an aggregate other values of a key, and merge those that then have the same keys. */
import { type Aggregate, type Level, tableOf, timeColumn } from './aggregate.js';
import { mergedHistograms } from './histograms.js';

/**
 * Renames within a range of buckets, $2 to before $3: dates for days, otherwise instants. $1 is the tenant, $4 and $5 the
 * parallel arrays of the values before and now.
 */
export function renamed(aggregate: Aggregate, level: Level, key: string): string {
  const { keys, figures, histogram } = aggregate;
  const table = tableOf(aggregate, level);
  const time = timeColumn(level);
  const by = [time, ...keys.map(({ column }) => column)];
  const columns = [...by, ...figures.map(({ column }) => column)];
  const histograms = histogram === undefined ? [] : ['hist_buckets', 'hist_counts'];
  const merged = figures.map(({ column, merge }) => `${merge}(${column}) AS ${column}`).join(', ');
  // A key can be null, so both sides are compared row by row.
  const same = by.map((name) => `h.${name} IS NOT DISTINCT FROM s.${name}`).join(' AND ');
  const rows = `
    WITH names AS (SELECT * FROM unnest($4::text[], $5::text[]) AS names (before, now)),
    gone AS (
      DELETE FROM ${table} t WHERE t.tenant_id = $1 AND t.${time} >= $2 AND t.${time} < $3
        AND t.${key} IN (SELECT before FROM names UNION SELECT now FROM names)
      RETURNING *
    ),
    moved AS (
      SELECT ${[...columns, ...histograms]
        .map((name) => (name === key ? `coalesce(names.now, gone.${key}) AS ${key}` : `gone.${name}`))
        .join(', ')}
      FROM gone LEFT JOIN names ON names.before = gone.${key}
    ),
    sums AS (SELECT ${by.join(', ')}, ${merged} FROM moved GROUP BY ${by.join(', ')})`;
  const target = `INSERT INTO ${table} (tenant_id, ${[...columns, ...histograms].join(', ')})`;
  if (histogram === undefined) return `${rows} ${target} SELECT $1, ${columns.join(', ')} FROM sums`;
  const groups = by.map((name) => [name, `f.${name}`] as const);
  return `${rows},
    counted AS (${mergedHistograms(groups, 'f', 'FROM moved f')}),
    h AS (SELECT ${by.join(', ')}, array_agg(b ORDER BY b) AS buckets, array_agg(n ORDER BY b) AS counts
          FROM counted GROUP BY ${by.join(', ')})
    ${target}
    SELECT $1, ${columns.map((name) => `s.${name}`).join(', ')}, coalesce(h.buckets, '{}'), coalesce(h.counts, '{}')
    FROM sums s LEFT JOIN h ON ${same}`;
}
