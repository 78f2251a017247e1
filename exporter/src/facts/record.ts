/** Facts in memory, made of what is sent and of what is stored. */
import { compileRecord, type Field } from './compiled.js';
import {
  absentOf,
  type Columns,
  type Fact,
  type FactTable,
  isKept,
  isNullable,
  isStored,
  type NamedColumn,
  type RequiredKeys,
  type Row,
  type Sent,
  type SentFact,
} from './column.js';

/**
 * The columns of what is kept in memory of a fact.
 * @param without names of columns to leave out
 */
export const factColumns = (table: FactTable<Columns>, without: readonly string[] = []): NamedColumn[] =>
  table.all.filter((column) => isKept(column) && !without.includes(column.key));

/** What stands for a value that is not sent; undefined: the one that is there stays. */
const unsentOf = (column: NamedColumn): unknown =>
  column.options.kept === undefined ? absentOf(column) : undefined;

/** A fact of which nothing is sent but what has to be. */
export const unsent = <C extends Columns, K extends keyof SentFact<C> & string = never>(
  table: FactTable<C>,
  without: readonly K[] = [],
): Omit<SentFact<C>, RequiredKeys<C> | K> =>
  Object.fromEntries(
    factColumns(table, without).flatMap((column) =>
      column.options.required ? [] : [[column.key, unsentOf(column)]],
    ),
  ) as Omit<SentFact<C>, RequiredKeys<C> | K>;

/** How what is sent of a column becomes a property. */
export const sentField = (column: NamedColumn): Field => {
  const { required, notNull } = column.options;
  return {
    key: column.key,
    from: column.wire,
    read: column.type.parse,
    missing: required ? 'none' : notNull ? 'undefined' : 'null or undefined',
    absent: unsentOf(column),
  };
};

/** Reads what is kept of a fact in its wire form, which has been checked. */
export const sentReader = <C extends Columns>(table: FactTable<C>): ((sent: Sent<C>) => SentFact<C>) =>
  compileRecord(factColumns(table).map(sentField));

/**
 * Reads the same of a row that was read with `storedSql`.
 * @param without columns that the caller reads by itself
 */
export function storedReader<C extends Columns, K extends keyof Fact<C> & string = never>(
  table: FactTable<C>,
  without: readonly K[] = [],
): (row: object) => Omit<Fact<C>, K> {
  return compileRecord(
    factColumns(table, without).map((column) => ({
      key: column.key,
      from: column.column,
      read: column.type.load,
      missing: isNullable(column) ? 'null or undefined' : 'none',
      absent: null,
    })),
  );
}

/** What a SELECT reads of the table for that, with further columns of it. */
export function storedSql<C extends Columns>(
  table: FactTable<C>,
  ...further: readonly (keyof Row<C> & string)[]
): string {
  const names: readonly string[] = further;
  return table.all
    .filter((column) => isStored(column) && (isKept(column) || names.includes(column.key)))
    .map(({ column }) => column)
    .join(', ');
}
