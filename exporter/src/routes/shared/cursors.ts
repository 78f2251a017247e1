/** Pages that `cursor` and `next_cursor` lead through, in snake_case. */
import { Type } from 'typebox';
import { AppError } from '../../errors.js';
import { isUuid } from '../../ids.js';
import { decodeCursor } from '../../query/reports/cursor.js';
import { Nullable } from '../../schemas.js';

export const Cursor = Type.Optional(
  Type.String({ minLength: 1, maxLength: 2048, description: '`next_cursor` of the previous page.' }),
);

export const NextPage = Nullable(Type.String({ description: 'Null on the last page.' }));

/** Of a list in the order of its UUIDs. @throws AppError VALIDATION_ERROR */
export function idOf(cursor: string): string {
  const id = String(decodeCursor(cursor, ['string'])[0]);
  if (isUuid(id)) return id;
  throw new AppError('VALIDATION_ERROR', 'cursor must be one that the page before has given');
}
