/** The shape of a statement's answer: its columns, its order and its bounds. */
import type { Parameters } from '../db/parameters.js';

export interface Shape {
  /** Values by bucket, or one a group over the whole range. */
  bucketed: boolean;
  /** Only these groups: one array a dimension of `groupBy`, parallel; null stands as NULL_GROUP. */
  groups?: readonly (readonly string[])[];
  /** Largest values first, and no more rows than this. */
  top?: number;
  /** Rows at most, in no order. */
  maxRows?: number;
}

export interface Key {
  /** Its column in the result. */
  name: string;
  sql: string;
}

/** Order and bounds. Groups of equal value come in the order of their names, so that every answer is the same. */
export function tail(keys: readonly Key[], shape: Shape, parameters: Parameters): string {
  if (shape.top !== undefined) {
    const names = keys.map(({ name }) => `, ${name}`).join('');
    return `ORDER BY v DESC NULLS LAST${names} LIMIT ${parameters.add(shape.top)}`;
  }
  return shape.maxRows === undefined ? '' : `LIMIT ${parameters.add(shape.maxRows)}`;
}

export const groupBy = (names: readonly string[]): string =>
  names.length === 0 ? '' : `GROUP BY ${names.join(', ')}`;
