/** The shape of a statement's result: its columns, order and bounds. */
import type { Parameters } from '../db/parameters.js';

export interface Shape {
  /** Values by bucket, or one per group over the whole range. */
  bucketed: boolean;
  /** Only these groups: parallel arrays, one per dimension of `groupBy`; NULL_GROUP stands for null. */
  groups?: readonly (readonly string[])[];
  /** Largest values first, and at most this many rows. */
  top?: number;
  /** Also how much a rate, mean or percentile counts, as `n`. */
  counted?: boolean;
}

export interface Key {
  /** Its column in the result. */
  name: string;
  sql: string;
}

/** Order and bounds. Groups of equal value come in the order of their names, so that the result is deterministic. */
export function tail(keys: readonly Key[], shape: Shape, parameters: Parameters): string {
  if (shape.top === undefined) return '';
  const names = keys.map(({ name }) => `, ${name}`).join('');
  return `ORDER BY v DESC NULLS LAST${names} LIMIT ${parameters.add(shape.top)}`;
}

export const groupBy = (names: readonly string[]): string =>
  names.length === 0 ? '' : `GROUP BY ${names.join(', ')}`;
