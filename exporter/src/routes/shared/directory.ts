/** What the routes of the directory share. */
import { Type } from 'typebox';
import { NO_NUL } from '../../ids.js';
import { MAX_NAME_LENGTH } from '../../facts/types.js';
import { Nullable, TimeText } from '../../schemas.js';
import { formatTime } from '../../time.js';
import { Cursor } from './cursors.js';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;

export const directoryParameters = {
  search: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: MAX_NAME_LENGTH,
      pattern: NO_NUL,
      description: 'Part of the id or the name, case-insensitive.',
    }),
  ),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT, description: 'Per page.' }),
  ),
  cursor: Cursor,
};

/** The request with its default. */
export const pageRequest = <T extends { limit?: number }>(query: T) => ({
  ...query,
  limit: query.limit ?? DEFAULT_LIMIT,
});

export const EntryName = (description: string) =>
  Nullable(Type.String({ minLength: 1, maxLength: MAX_NAME_LENGTH, pattern: NO_NUL, description }));

export const SeenAt = (description: string) => Nullable(TimeText(description));

export const wireTime = (time: Date | null): string | null =>
  time === null ? null : formatTime(time.getTime());
