/** Columns, as a catalog query is answered. */
import { Type } from 'typebox';
import { Nullable, Strict } from '../../schemas.js';

export const ColumnsAnswer = {
  columns: Type.Array(
    Strict({
      name: Type.String(),
      type: Type.String({ enum: ['time', 'number', 'string'] }),
      unit: Type.Optional(Type.String()),
      values: Type.Array(Nullable(Type.Union([Type.String(), Type.Number()])), {
        description: 'Times are RFC 3339.',
      }),
    }),
  ),
  notices: Type.Array(Type.String()),
};
