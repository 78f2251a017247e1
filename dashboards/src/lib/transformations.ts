import type { DataTransformerConfig } from '@grafana/grafana-foundation-sdk/dashboard';

/** One table out of several: rows that agree in the columns common to all are put together. */
export const mergeTables: DataTransformerConfig = { id: 'merge', options: {} };

/** Several time series as the columns of one frame. */
export const joinByTime: DataTransformerConfig = {
  id: 'joinByField',
  options: { byField: 'time', mode: 'outer' },
};

/** `left operator right` per row as a new column; each side is a column's name, a number or a variable. */
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

/** The sum of some columns per row as a new column; a gap counts as zero. */
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

/** Each value's part (0 to 1) of its column's sum as a new column. */
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

/** Keeps the rows whose number in a column is greater; `than` may be a variable. */
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

/** Keeps the rows with this text in a column. */
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

/** Puts the columns into this order, gives them these titles, and leaves the excluded ones out. */
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
