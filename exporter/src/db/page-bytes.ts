/** Pages of rows with long texts: the database sends no more rows than fit, so that memory is bounded before it is taken. */

/** Bytes of the long texts of a page, by which its last row may pass. */
export const PAGE_BYTES = 8 * 1024 * 1024;

interface Sized {
  page_rows: string | number;
  page_bytes: string | number;
}

export interface PageOfRows<T> {
  rows: T[];
  /** There are more rows after these. */
  more: boolean;
}

/**
 * The first rows of a statement that fit, and at least one.
 * @param size bytes of the long texts of a row `page`, as SQL
 * @param order of the rows of `page`; the statement has the same
 */
export const firstThatFit = (
  statement: string,
  { size, order, maxBytes = `${PAGE_BYTES}` }: { size: string; order: string; maxBytes?: string },
): string => `
  SELECT * FROM (
    SELECT page.*, count(*) OVER () AS page_rows,
      sum(${size}) OVER (ORDER BY ${order} ROWS UNBOUNDED PRECEDING) - ${size} AS page_bytes
    FROM (${statement}) AS page
  ) AS sized WHERE page_bytes < ${maxBytes} ORDER BY ${order.replaceAll('page.', '')}`;

/** Bytes of a column as text. */
export const bytesOf = (...columns: readonly string[]): string =>
  `(${columns.map((column) => `coalesce(octet_length(page.${column}::text), 0)`).join(' + ')})`;

/** Rows that were read with `firstThatFit`, at most `limit`. The statement reads one more, to see whether there are more. */
export function fitting<T extends object>(rows: readonly T[], limit: number): PageOfRows<T> {
  const sized = rows as readonly (T & Sized)[];
  return {
    rows: sized.slice(0, limit).map(({ page_rows: _, page_bytes: __, ...row }) => row as unknown as T),
    more: Math.min(rows.length, limit) < Number(sized[0]?.page_rows ?? 0),
  };
}
