import { Type } from 'typebox';

/** The empty answer of a DELETE. */
export const Deleted = Type.Null({ description: 'Deleted.' });
