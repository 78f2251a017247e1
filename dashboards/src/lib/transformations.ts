import type { DataTransformerConfig } from '@grafana/grafana-foundation-sdk/dashboard';

/** Merges tables: rows with equal values in the common columns become one row. */
export const mergeTables: DataTransformerConfig = { id: 'merge', options: {} };

/** Joins several time series into one frame. */
export const joinByTime: DataTransformerConfig = {
  id: 'joinByField',
  options: { byField: 'time', mode: 'outer' },
};

/** Adds a column `left operator right`. Each side is a column name, a number or a variable. */
export function calculate(
  alias: string,
  left: string,
  operator: '+' | '-' | '*' | '/',
  right: string,
): DataTransformerConfig {
  return {
    id: 'calculateField',
    options: {
      alias,
      mode: 'binary',
      binary: { left: operand(left), operator, right: operand(right) },
      replaceFields: false,
    },
  };
}

/** Adds a column with the sum of some columns. Missing values count as zero. */
export function sumOf(alias: string, columns: string[]): DataTransformerConfig {
  return {
    id: 'calculateField',
    options: {
      alias,
      mode: 'reduceRow',
      reduce: { include: columns, reducer: 'sum', nullValueMode: 'null as zero' },
      replaceFields: false,
    },
  };
}

/** Adds a column with each value's share (0 to 1) of the column's total. */
export function shareOf(alias: string, column: string): DataTransformerConfig {
  return {
    id: 'calculateField',
    options: {
      alias,
      mode: 'unary',
      unary: { operator: 'percent', fieldName: column },
      replaceFields: false,
    },
  };
}

/** Keeps the rows whose value in the column is greater; `than` may be a variable. */
export function keepGreater(column: string, than: number | string): DataTransformerConfig {
  return {
    id: 'filterByValue',
    options: {
      type: 'include',
      match: 'all',
      filters: [{ fieldName: column, config: { id: 'greater', options: { value: than } } }],
    },
  };
}

/** Keeps the rows with this value in the column. */
export function keepEqual(column: string, value: string): DataTransformerConfig {
  return {
    id: 'filterByValue',
    options: {
      type: 'include',
      match: 'all',
      filters: [{ fieldName: column, config: { id: 'equal', options: { value } } }],
    },
  };
}

/** Leaves only the named fields, so that a field that is added later shows up in no table by itself. */
export const keep = (names: string[]): DataTransformerConfig => ({
  id: 'filterFieldsByName',
  options: { include: { names } },
});

/** Keeps the first rows. */
export const firstRows = (count: number): DataTransformerConfig => ({
  id: 'limit',
  options: { limitField: count },
});

/** Orders and renames columns, and removes the excluded ones. */
export function arrange(
  order: string[],
  titles: Record<string, string> = {},
  exclude: string[] = [],
): DataTransformerConfig {
  return {
    id: 'organize',
    options: {
      indexByName: Object.fromEntries(order.map((name, index) => [name, index])),
      renameByName: titles,
      excludeByName: Object.fromEntries(exclude.map((name) => [name, true])),
    },
  };
}

function operand(value: string): object {
  const literal = value.startsWith('$') || !Number.isNaN(Number(value));
  return literal ? { fixed: value } : { matcher: { id: 'byName', options: value } };
}
