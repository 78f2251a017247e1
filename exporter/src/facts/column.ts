/**
 * A kind of fact is declared as a table of columns, each of them once. Its wire schema, its parser, the statements that
 * store and read it, the list, the export and the filters follow from that table.
 */
import type { TSchema } from 'typebox';

/** How a cell of a CSV file is read. */
export type Cell = 'text' | 'integer' | 'number' | 'time' | 'list';

/**
 * A type of values in each form that they take: as sent, as kept in memory, as the driver reads them from the database,
 * and as shown in answers. A conversion that is left out keeps the value as it is. Null is never passed to one.
 */
export interface ColumnType<Sent = unknown, Value = unknown, Stored = unknown, Shown = unknown> {
  /** Name of the type in PostgreSQL. */
  sql: string;
  /** All values of a column as one parameter of a statement. */
  array(values: readonly (Value | null)[]): Buffer;
  /** The parameter is an array of text, which the statement casts. */
  asText?: true;
  /** Schema of what is sent, without null. */
  sent: TSchema;
  parse?(sent: Sent): Value;
  load?(stored: Stored): Value;
  /** Schema of what is shown, without null. */
  shown(description: string | undefined): TSchema;
  show?(stored: Stored): Shown;
  /** The value of a column as an export has it, where that is made by the database. */
  exportSql?(column: string): string;
  /** Absent: no cell can hold it. */
  cell?: Cell;
}

/** `true`: without a description. `at`: its place among the columns, see `DEFAULT_PLACE`. */
export type Facet = true | string | { at: number; description?: string };

/** Where a column stands that names no place of its own; columns of one place keep the order of their declaration. */
export const DEFAULT_PLACE = 100;

export interface ColumnOptions {
  /** Name in requests and answers; default: the name of the entry. */
  wire?: string;
  /** Name in the database; default: the name of the entry. */
  column?: string;
  /** Never null, and always sent where it is accepted. */
  required?: true;
  /** Never null: the value where none is sent. */
  absent?: unknown;
  /** Where it is left out, the value that is there stays; without one it is this. */
  kept?: unknown;
  /** Never null: the service makes a value where none is sent. */
  made?: true;
  /** It may be left out, but null is refused. */
  notNull?: true;
  /** It may be sent. */
  accepted?: Facet;
  /** It is a field of the list and of a single fact. */
  shown?: Facet;
  /** It is a column of the export; the number is its place. */
  exported?: true | number;
  /** The list can be filtered by it: equality with any of some values. */
  filter?: Facet;
  /** It is not written with the others: the database makes it, or a later statement sets it. */
  unwritten?: true;
  /** It is not stored: the expression that reads it, of the row `row` of a statement whose $1 is the tenant. */
  expression?: (row: string) => string;
  /** It holds the id of an execution. */
  isExecution?: true;
  /** It is accepted for another table, and not stored in this one. */
  transient?: true;
}

export interface Column<T extends ColumnType = ColumnType, O extends ColumnOptions = ColumnOptions> {
  type: T;
  options: O;
}

/** A column of which something is sent. */
export const column = <T extends ColumnType, const O extends ColumnOptions>(
  type: T,
  options: O,
): Column<T, O> => ({ type, options });

/** A column that the service works out: it is stored, and perhaps shown, but never accepted. */
export const derived = <T extends ColumnType, const O extends ColumnOptions & { accepted?: never }>(
  type: T,
  options: O,
): Column<T, O> => ({ type, options });

export type Columns = Record<string, Column>;

/** A column with its names. */
export interface NamedColumn {
  /** Name of the entry, and so of the property in memory. */
  key: string;
  wire: string;
  column: string;
  type: ColumnType;
  options: ColumnOptions;
}

export interface FactTable<C extends Columns> {
  name: string;
  columns: C;
  /** In the order of their declaration. */
  all: readonly NamedColumn[];
}

export function factTable<C extends Columns>(name: string, columns: C): FactTable<C> {
  const all = Object.entries<Column>(columns).map(([key, { type, options }]) => ({
    key,
    wire: options.wire ?? key,
    column: options.column ?? key,
    type,
    options,
  }));
  return { name, columns, all };
}

type FacetName = 'accepted' | 'shown' | 'exported' | 'filter';

/** The columns with a facet, in its order. */
export const columnsWith = (table: FactTable<Columns>, facet: FacetName): NamedColumn[] =>
  table.all
    .filter(({ options }) => options[facet] !== undefined)
    .sort((a, b) => placeOf(a.options[facet]) - placeOf(b.options[facet]));

function placeOf(facet: Facet | number | undefined): number {
  if (typeof facet === 'number') return facet;
  return typeof facet === 'object' ? facet.at : DEFAULT_PLACE;
}

export const descriptionOf = (facet: Facet | undefined): string | undefined =>
  typeof facet === 'object' ? facet.description : typeof facet === 'string' ? facet : undefined;

/** Whether the table of the database has it. */
export const isStored = ({ options }: NamedColumn): boolean =>
  options.expression === undefined && options.transient === undefined;

/** Whether a statement writes it. */
export const isWritten = (column: NamedColumn): boolean => isStored(column) && !column.options.unwritten;

export const isNullable = ({ options: { required, absent, kept, made } }: NamedColumn): boolean =>
  !required && !made && absent === undefined && kept === undefined;

/** Whether it is a property of a fact in memory. */
export const isKept = ({ options }: NamedColumn): boolean =>
  options.accepted !== undefined && options.expression === undefined && !options.unwritten;

/** What stands for a value that is not sent. */
export const absentOf = ({ options }: NamedColumn): unknown => options.absent ?? null;

// The types of a table's facts, made of the same declaration.

type OptionsOf<C> = C extends { options: infer O } ? O : never;
/** The entries whose options have this form. */
type KeysWith<C extends Columns, Form> = {
  [K in keyof C]: OptionsOf<C[K]> extends Form ? K : never;
}[keyof C] &
  string;
/** Those that are always sent. */
export type RequiredKeys<C extends Columns> = KeysWith<C, { required: true }>;
/** Those that are read of others, and so neither kept in memory nor written. */
type ReadKeys<C extends Columns> = KeysWith<C, { expression: unknown }> | KeysWith<C, { unwritten: unknown }>;
type UnwrittenKeys<C extends Columns> = ReadKeys<C> | KeysWith<C, { transient: unknown }>;

type WireName<C extends Columns, K extends keyof C> =
  OptionsOf<C[K]> extends { wire: infer Wire extends string } ? Wire : K & string;
type FormsOf<C> = C extends { type: ColumnType<infer Sent, infer Value, unknown, infer Shown> }
  ? { sent: Sent; value: Value; shown: Shown }
  : never;

/** Null where the column may be. */
type NullOf<C> =
  OptionsOf<C> extends { required: true } | { made: true } | { absent: unknown } | { kept: unknown }
    ? never
    : null;

/** A fact in its wire form, which its schema has checked. */
export type Sent<C extends Columns> = {
  [K in KeysWith<C, { accepted: unknown; required: true }> as WireName<C, K>]: FormsOf<C[K]>['sent'];
} & {
  [K in Exclude<KeysWith<C, { accepted: unknown }>, KeysWith<C, { required: true }>> as WireName<C, K>]?:
    FormsOf<C[K]>['sent'] | (OptionsOf<C[K]> extends { notNull: true } ? never : null);
};

/** What is kept of what is sent. */
export type Fact<C extends Columns> = {
  [K in Exclude<KeysWith<C, { accepted: unknown }>, ReadKeys<C>>]: FormsOf<C[K]>['value'] | NullOf<C[K]>;
};

/** The same as it has come in: what is left out of a column that keeps its value is undefined. */
export type SentFact<C extends Columns> = {
  [K in keyof Fact<C>]: K extends KeysWith<C, { kept: unknown }> ? Fact<C>[K] | undefined : Fact<C>[K];
};

/** A row as it is written. */
export type Row<C extends Columns> = {
  [K in Exclude<keyof C & string, UnwrittenKeys<C>>]: FormsOf<C[K]>['value'] | NullOf<C[K]>;
};

/** A fact as answers show it. */
export type Shown<C extends Columns> = {
  [K in KeysWith<C, { shown: unknown }> as WireName<C, K>]: FormsOf<C[K]>['shown'] | NullOf<C[K]>;
};

/** Names of the filters. */
export type FilterName<C extends Columns> = {
  [K in KeysWith<C, { filter: unknown }>]: WireName<C, K>;
}[KeysWith<C, { filter: unknown }>];
