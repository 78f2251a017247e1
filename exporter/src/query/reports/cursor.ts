/** Cursors of lists: opaque to the client; they hold the sort key of the last row. */
import { AppError } from '../../errors.js';

/** Rows of a page, by default and at most. */
export const MAX_PAGE = 10_000;

export interface PageRequest {
  limit?: number;
  cursor?: string;
}

export function encodeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** @throws AppError VALIDATION_ERROR for anything that this service has not issued */
export function decodeCursor(cursor: string, types: readonly ('string' | 'number')[]): (string | number)[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (
      Array.isArray(key) &&
      key.length === types.length &&
      types.every((type, i) => typeof key[i] === type)
    ) {
      if (!JSON.stringify(key).includes('\\u0000')) return key as (string | number)[];
    }
  } catch {
    // Any malformed cursor ends in the one error below.
  }
  throw new AppError('VALIDATION_ERROR', 'cursor must be one that the page before has given');
}

/** Cuts the surplus row that tells whether there are more. */
export function pageOf<T>(
  rows: readonly T[],
  limit: number,
  keyOf: (row: T) => readonly (string | number)[],
): { rows: T[]; nextCursor?: string } {
  if (rows.length <= limit) return { rows: [...rows] };
  const page = rows.slice(0, limit);
  return { rows: page, nextCursor: encodeCursor(keyOf(page.at(-1)!)) };
}
