/**
 * The statements that a rollup makes an aggregate with: its rows of some ranges are removed, and made again of raw facts or
 * of a finer level. All take $1 the tenant and $2, $3 the parallel arrays of range starts and ends; both ends lie on
 * bucket boundaries.
 */
import { type Aggregate, type Facts, type Histogram, type Level, tableOf, timeColumn } from './aggregate.js';
import { mergedHistograms } from './histograms.js';
import { partsOf } from './rows.js';

export type Finer = Exclude<Level, 'day'>;
export type Coarser = Exclude<Level, 'minute'>;

const RANGES = 'unnest($2::timestamptz[], $3::timestamptz[]) AS r (from_at, to_at)';

/** Rows of a table of that level within the ranges, as a condition. */
const inRanges = (level: Level, alias: string): string =>
  level === 'day'
    ? `${alias}.date >= (r.from_at AT TIME ZONE 'UTC')::date AND ${alias}.date < (r.to_at AT TIME ZONE 'UTC')::date`
    : `${alias}.bucket >= r.from_at AND ${alias}.bucket < r.to_at`;

/** The rows of an aggregate's table within the ranges, as a FROM item. */
export const rowsInRanges = (
  aggregate: Aggregate,
  level: Level,
  alias: string,
  ranges: string = RANGES,
): string =>
  `${ranges} JOIN ${tableOf(aggregate, level)} ${alias} ON ${alias}.tenant_id = $1 AND ${inRanges(level, alias)}`;

/** Facts within the ranges, as a FROM item and its condition. */
export const factsInRanges = ({ table, time, join = '', where }: Facts, ranges: string = RANGES): string =>
  `${ranges} JOIN ${table} e ON e.tenant_id = $1 AND e.${time} >= r.from_at AND e.${time} < r.to_at ${join}
      ${where === undefined ? '' : `WHERE ${where}`}`;

/** The ranges; of a sparse aggregate its buckets within them. */
function keptRanges({ sparse }: Aggregate, level: Level): string {
  if (sparse === undefined) return RANGES;
  const start = (after: string): string =>
    level === 'day'
      ? `(k.date + ${after})::timestamp AT TIME ZONE 'UTC'`
      : `k.bucket + interval '1 ${level}' * ${after}`;
  return `(SELECT DISTINCT ${start('0')} AS from_at, ${start('1')} AS to_at
        FROM ${rowsInRanges(sparse.keptWith, level, 'k')}) AS r`;
}

/** All rows of an aggregate within the ranges of which the coarser level is made, as a FROM item. */
function rowsToMerge(aggregate: Aggregate, level: Coarser, finer: Finer, alias: string): string {
  const ranges = keptRanges(aggregate, level);
  const parts = partsOf(aggregate, finer, 't', '$1');
  if (parts.length === 1) return rowsInRanges(aggregate, finer, alias, ranges);
  const rows = parts.map(
    ({ table, column, where }) => `
        SELECT ${columnsOf(aggregate, finer)
          .map((name) => `${column(name)} AS ${name}`)
          .join(', ')}
        FROM ${table} t WHERE t.tenant_id = $1 AND ${inRanges(finer, 't')} AND ${where}`,
  );
  return `${ranges} CROSS JOIN LATERAL (${rows.join(' UNION ALL ')}) AS ${alias}`;
}

/** date_bin rather than date_trunc: it is several times as fast. */
const bin = (level: Finer, column: string): string =>
  `date_bin('1 ${level}', ${column}, timestamptz 'epoch')`;

/** The bucket of a coarser level. */
const coarserBucket = (level: Coarser, column: string): string =>
  level === 'day' ? `(${column} AT TIME ZONE 'UTC')::date` : bin('hour', column);

const list = (names: readonly string[], prefix = ''): string => names.map((name) => prefix + name).join(', ');

/** Positions in a select list, from the first one's. */
const positions = (first: number, length: number): string =>
  Array.from({ length }, (_, i) => first + i).join(', ');

/** Removes the rows of the ranges. An upsert would leave ghosts where a fact has moved to another group. */
export const remove = (aggregate: Aggregate, level: Level): string =>
  `DELETE FROM ${tableOf(aggregate, level)} t USING ${RANGES} WHERE t.tenant_id = $1 AND ${inRanges(level, 't')}`;

/** The columns of its rows besides the tenant's. */
const columnsOf = ({ keys, figures, histogram }: Aggregate, level: Level): string[] => [
  timeColumn(level),
  ...[...keys, ...figures].map(({ column }) => column),
  ...(histogram === undefined ? [] : ['hist_buckets', 'hist_counts']),
];

const insert = (aggregate: Aggregate, level: Level): string =>
  `INSERT INTO ${tableOf(aggregate, level)} (tenant_id, ${list(columnsOf(aggregate, level))})`;

/** A histogram's arrays, from rows of its buckets and their counts. */
const arrays = (bucket: string, counts: string): string =>
  [bucket, counts]
    .map(
      (value) =>
        `coalesce(array_agg(${value} ORDER BY ${bucket}) FILTER (WHERE ${bucket} IS NOT NULL), '{}')`,
    )
    .join(', ');

const merged = ({ figures }: Aggregate, prefix = ''): string =>
  list(figures.map(({ column, merge }) => `${merge}(${prefix}${column})`));

/** Makes rows of raw facts. */
export const fromRaw = (aggregate: Aggregate, level: Finer): string =>
  `${insert(aggregate, level)} ${selectRaw(aggregate, level)}`;

/**
 * The same where most rows of the ranges are there and right: it removes those that differ and makes those that are
 * missing, in one statement. Rows are compared by their text, whose set is hashed whatever the planner expects. That
 * nothing is inserted before all that differs has been removed is due to the count, which no row depends on.
 */
export function changedFromRaw(aggregate: Aggregate, level: Finer): string {
  const columns = columnsOf(aggregate, level);
  const text = (alias: string): string => `ROW(${list(columns, `${alias}.`)})::text`;
  return `WITH fresh (tenant_id, ${list(columns)}) AS MATERIALIZED (${selectRaw(aggregate, level)}), removed AS (
      ${remove(aggregate, level)} AND ${text('t')} NOT IN (SELECT ${text('f')} FROM fresh f) RETURNING true
    )
    ${insert(aggregate, level)}
    SELECT f.* FROM fresh f
    WHERE (SELECT count(*) FROM removed) >= 0
      AND ${text('f')} NOT IN (SELECT ${text('t')} FROM ${rowsInRanges(aggregate, level, 't')})`;
}

function selectRaw(aggregate: Aggregate, level: Finer): string {
  const { keys, figures, histogram, from } = aggregate;
  const bucket = bin(level, `e.${from.time}`);
  const facts = factsInRanges(from, keptRanges(aggregate, level));
  if (histogram === undefined) {
    if (aggregate.most !== undefined) {
      const columns = [...keys, ...figures].map(({ column, raw }) => `${raw} AS ${column}`);
      return largest(
        aggregate,
        `SELECT ${bucket} AS at, ${list(columns)} FROM ${facts} GROUP BY ${positions(1, 1 + keys.length)}`,
      );
    }
    return `
    SELECT $1, ${bucket}, ${list([...keys, ...figures].map(({ raw }) => raw))}
    FROM ${facts} GROUP BY ${positions(2, 1 + keys.length)}`;
  }
  const columns = list(keys.map(({ column }) => column));
  const named = (all: readonly { column: string; raw: string }[]): string =>
    list(all.map(({ column, raw }) => `${raw} AS ${column}`));
  return `
    SELECT $1, bucket, ${columns}, ${merged(aggregate)}, ${arrays('duration', histogram.weight)}
    FROM (
      SELECT ${bucket} AS bucket, ${named(keys)}, ${histogram.bucket} AS duration, ${named(figures)}
      FROM ${facts} GROUP BY ${positions(1, 2 + keys.length)}
    ) AS by_duration GROUP BY ${positions(2, 1 + keys.length)}`;
}

/** Makes rows of a coarser level of those of a finer one. */
export function fromFiner(aggregate: Aggregate, level: Coarser, finer: Finer): string {
  const { keys, histogram } = aggregate;
  const rows = rowsToMerge(aggregate, level, finer, 'f');
  const bucket = coarserBucket(level, 'f.bucket');
  if (histogram !== undefined)
    return `${insert(aggregate, level)}\n${MERGE[histogram.merge](aggregate, bucket, rows)}`;
  if (aggregate.most !== undefined) {
    const figures = aggregate.figures.map(({ column, merge }) => `${merge}(f.${column}) AS ${column}`);
    const columns = [...keys.map(({ column }) => `f.${column}`), ...figures];
    return `${insert(aggregate, level)} ${largest(
      aggregate,
      `SELECT ${bucket} AS at, ${list(columns)} FROM ${rows} GROUP BY ${positions(1, 1 + keys.length)}`,
    )}`;
  }
  return `${insert(aggregate, level)}
    SELECT $1, ${bucket}, ${list(
      keys.map(({ column }) => column),
      'f.',
    )}, ${merged(aggregate, 'f.')}
    FROM ${rows} GROUP BY ${positions(2, 1 + keys.length)}`;
}

/** Rows of a bucket `at` with their keys and figures, of which only the largest of `most` keep its key. */
function largest(aggregate: Aggregate, rows: string): string {
  const { keys, most } = aggregate;
  const { of, values, by } = most!;
  const names = keys.map(({ column }) => column);
  const others = names.filter((name) => name !== of);
  const kept = names.map((name) => (name === of ? `CASE WHEN place <= ${values} THEN ${of} END` : name));
  return `
    SELECT $1, at, ${list(kept)}, ${merged(aggregate)}
    FROM (
      SELECT *, row_number() OVER (PARTITION BY ${list(['at', ...others])} ORDER BY ${of} IS NULL, ${by} DESC, ${of}) AS place
      FROM (${rows}) AS counted
    ) AS ranked GROUP BY ${positions(2, 1 + keys.length)}`;
}

type Merge = (aggregate: Aggregate, bucket: string, rows: string) => string;

const groups = ({ keys }: Aggregate, bucket: string): (readonly [string, string])[] => [
  ['at', bucket],
  ...keys.map(({ column }) => [column, `f.${column}`] as const),
];

const MERGE: Record<Histogram['merge'], Merge> = {
  /** Figures and histograms joined: only for keys that are never null. */
  join: (aggregate, bucket, rows) => {
    const by = groups(aggregate, bucket);
    const names = list(by.map(([name]) => name));
    const places = positions(1, by.length);
    const figures = aggregate.figures.map(({ column, merge }) => `${merge}(f.${column}) AS ${column}`);
    return `
    SELECT $1, ${names}, ${list(aggregate.figures.map(({ column }) => column))},
           coalesce(h.buckets, '{}'), coalesce(h.counts, '{}')
    FROM (
      SELECT ${list(by.map(([name, sql]) => `${sql} AS ${name}`))}, ${list(figures)}
      FROM ${rows} GROUP BY ${places}
    ) AS sums LEFT JOIN (
      SELECT ${names}, array_agg(b ORDER BY b) AS buckets, array_agg(n ORDER BY b) AS counts
      FROM (
        ${mergedHistograms(by, 'f', `FROM ${rows}`)}
      ) AS merged GROUP BY ${places}
    ) AS h USING (${names})`;
  },
  /**
   * Figures and histograms beside each other. Were they joined, the planner would take both sides for small where a table
   * has grown since it was last analyzed, and compare every group with every other.
   */
  union: (aggregate, bucket, rows) => {
    const { figures, keys } = aggregate;
    const by = groups(aggregate, bucket);
    const columns = list(keys.map(({ column }) => column));
    return `
    SELECT $1, at, ${columns}, ${merged(aggregate)}, ${arrays('b', 'n')}
    FROM (
      SELECT ${list(by.map(([name, sql]) => `${sql} AS ${name}`))}, NULL AS b, NULL AS n, ${list(
        figures.map(({ column }) => column),
        'f.',
      )}
      FROM ${rows}
      UNION ALL
      SELECT at, ${columns}, b, n, ${list(figures.map(() => 'NULL'))}
      FROM (
        ${mergedHistograms(by, 'f', `FROM ${rows}`)}
      ) AS merged
    ) AS parts GROUP BY ${positions(2, by.length)}`;
  },
};
