/** Types of columns that every file format and warehouse has: no lists, no UUIDs. */
import { type Columns, columnsWith, type FactTable } from './column.js';

/**
 * `time` is a UTC instant with microseconds, `money` a decimal with 38 digits of which 12 are decimals, `json` the text of
 * a list or an object.
 */
export type PortableType = 'text' | 'integer' | 'number' | 'money' | 'time' | 'date' | 'boolean' | 'json';

export interface PortableColumn {
  name: string;
  type: PortableType;
}

/** By the type in PostgreSQL. */
const PORTABLE: Readonly<Record<string, PortableType>> = {
  text: 'text',
  uuid: 'text',
  smallint: 'integer',
  integer: 'integer',
  bigint: 'integer',
  'double precision': 'number',
  numeric: 'money',
  timestamptz: 'time',
  boolean: 'boolean',
  'text[]': 'json',
};

function portableType(sql: string): PortableType {
  const type = PORTABLE[sql];
  if (type === undefined) throw new Error(`no portable type for ${sql}`);
  return type;
}

/** The columns of an export of facts, in their order. */
export const portableColumns = (table: FactTable<Columns>): PortableColumn[] =>
  columnsWith(table, 'exported').map(({ wire, type }) => ({ name: wire, type: portableType(type.sql) }));

/** Columns of one type by their names. */
export const columnsOf = (type: PortableType, ...names: string[]): PortableColumn[] =>
  names.map((name) => ({ name, type }));
