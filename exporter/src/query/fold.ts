/** Lists of groups are bounded: the largest ones by themselves, and what is beyond them as one row, so that sums stay whole. */

/** Groups of a list that are shown by themselves. */
export const MAX_GROUPS = 1_000;
/** Name of the row for the others, whose id is null. */
export const OTHER = 'other';

export interface Fold {
  /** Rows of one group each. */
  from: string;
  /** Columns that name a group. */
  keys: readonly string[];
  /** Columns that can be added. */
  sums: readonly string[];
  /** The largest first. */
  order: string;
  /** Groups that are shown by themselves. */
  limit: string;
}

/** The rows of the largest groups, and one of all others with `is_rest`, whose keys are null. */
export function foldedSql({ from, keys, sums, order, limit }: Fold): string {
  const columns = [
    ...keys.map((key) => `min(${key}) FILTER (WHERE place <= ${limit}) AS ${key}`),
    `bool_and(place > ${limit}) AS is_rest`,
    ...sums.map((sum) => `sum(${sum}) AS ${sum}`),
  ];
  return `SELECT ${columns.join(', ')}
    FROM (SELECT *, row_number() OVER (ORDER BY ${order}) AS place FROM ${from}) AS placed
    GROUP BY least(place, ${limit} + 1)`;
}
