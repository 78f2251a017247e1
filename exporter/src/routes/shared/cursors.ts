/** Pages that `cursor` and `next_cursor` lead through, in snake_case. */
import { Type } from 'typebox';
import { Nullable } from '../../schemas.js';

export const Cursor = Type.Optional(
  Type.String({ minLength: 1, maxLength: 2048, description: '`next_cursor` of the previous page.' }),
);

export const NextPage = Nullable(Type.String({ description: 'Null on the last page.' }));
