/** Pages of agents, followed by a cursor. */
import { Type } from 'typebox';
import { MAX_PAGE } from '../../query/reports/cursor.js';

export const pageParameters = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: MAX_PAGE, default: MAX_PAGE, description: 'Agents per page.' }),
  ),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 2048, description: '`nextCursor` of the previous page.' }),
  ),
};

export const NextCursor = Type.Optional(Type.String({ description: 'Present if there are more pages.' }));
