/** Measures as SQL: which columns of an aggregate each reads, and how rows become one value. */
import type { StoredDimension } from '../catalog/index.js';

/** Rows with one of these values of a key. */
export interface Only {
  column: string;
  values: readonly string[];
}

export interface MeasureSql {
  columns: readonly string[];
  /** The value over rows of this alias. Absent: a histogram, or times, which are read by statements of their own. */
  sql?: (row: string) => string;
  /** Only these rows count. */
  only?: Only;
  /** Null means that the value is not known, which is not 0. */
  unknown?: true;
  /** By these dimensions another aggregate has the value, though the rows carry them. */
  notBy?: readonly StoredDimension[];
}

/** The sum of columns. */
export const total = (...columns: readonly string[]): Required<Pick<MeasureSql, 'columns' | 'sql'>> => ({
  columns,
  sql: (row) => `sum(${columns.map((column) => `${row}.${column}`).join(' + ')})`,
});

/** How much more the sum of one column is than that of another. */
export const difference = (column: string, less: string): MeasureSql => ({
  columns: [column, less],
  sql: (row) => `sum(${row}.${column}) - sum(${row}.${less})`,
});

/** Money for the wire, the sum of columns; null where the condition, which reads further columns, does not hold. */
export const rounded = (
  summed: readonly string[],
  read: readonly string[] = [],
  isKnown?: (row: string) => string,
): MeasureSql => {
  const { columns, sql } = total(...summed);
  const amount = (row: string): string => `coalesce(round(${sql(row)}, 6), 0)`;
  return {
    columns: [...columns, ...read],
    sql: (row) => (isKnown === undefined ? amount(row) : `CASE WHEN ${isKnown(row)} THEN ${amount(row)} END`),
    unknown: true,
  };
};

/** The sum of columns over the rows whose `column` meets the condition. */
export const totalWhere = (summed: readonly string[], column: string, condition: string): MeasureSql => {
  const { columns, sql } = total(...summed);
  return {
    columns: [...columns, column],
    sql: (row) => `${sql(row)} FILTER (WHERE ${row}.${column} ${condition})`,
  };
};

/** How many values a column has. */
export const distinct = (column: string): MeasureSql => ({
  columns: [column],
  sql: (row) => `count(DISTINCT ${row}.${column})`,
});

/** The same over these rows only. */
export const distinctOnly = (column: string, only: Only): MeasureSql => ({
  columns: [column, only.column],
  sql: (row) => `count(DISTINCT ${row}.${column}) FILTER (WHERE ${isOneOf(only, row)})`,
  only,
});

export const histogram: MeasureSql = { columns: ['hist_buckets', 'hist_counts'] };

/**
 * Whether what is summed has a price, where some of it has none. What has used nothing and costs nothing is neither.
 * @param row prefix of the columns
 */
export const hasPriceSql = (row = ''): string =>
  `(coalesce(sum(${row}unpriced), 0) = 0 OR sum(${row}priced_tokens) > 0 OR sum(${row}cost_usd) > 0)`;

/** Money for the wire. Where nothing has a price the cost is not known, which is not $0. */
export const cost: MeasureSql = {
  columns: ['cost_usd', 'unpriced', 'priced_tokens'],
  sql: (row) => `CASE WHEN ${hasPriceSql(`${row}.`)} THEN coalesce(round(sum(${row}.cost_usd), 6), 0) END`,
  unknown: true,
};

/** That a row of that alias is one of these. The values are words of the catalog. */
export const isOneOf = ({ column, values }: Only, row: string): string =>
  `${row}.${column} IN (${values.map((value) => `'${value}'`).join(', ')})`;
