/** Facts in memory, made of what is sent and of what is stored. */
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

/** A property of a record: where it comes from, how its value is read, and what stands for a missing one. */
interface Field {
  key: string;
  from: string;
  read?: (value: unknown) => unknown;
  /** Which values are missing ones. */
  missing: 'null or undefined' | 'undefined' | 'none';
  absent?: unknown;
}

const IS_MISSING = { 'null or undefined': '== null', undefined: '=== undefined' } as const;

/**
 * A function that makes such a record of an object. It is compiled into one object literal, as a schema is compiled into
 * a check: a loop over the fields took half as long again, and this runs for every fact that comes in. The names are
 * those of the declarations, never anything that is sent.
 */
function compile<Source, Result>(fields: readonly Field[]): (source: Source) => Result {
  const properties = fields.map(({ key, from, read, missing }, i) => {
    const source = `source[${JSON.stringify(from)}]`;
    const valueOf = (value: string): string => (read === undefined ? value : `read${i}(${value})`);
    const value =
      missing === 'none'
        ? valueOf(source)
        : `(value = ${source}) ${IS_MISSING[missing]} ? absent${i} : ${valueOf('value')}`;
    return `${JSON.stringify(key)}: ${value}`;
  });
  const make = new Function(
    ...fields.flatMap((_, i) => [`read${i}`, `absent${i}`]),
    `return (source) => { let value; return { ${properties.join(', ')} }; };`,
  ) as (...values: unknown[]) => (source: Source) => Result;
  return make(...fields.flatMap(({ read, absent }) => [read, absent]));
}

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

/**
 * Reads what is kept of a fact in its wire form.
 * @param without columns that the caller reads by itself
 * @param read in place of the type's own conversion, of each column; what it throws passes through
 */
export function sentReader<C extends Columns, K extends keyof SentFact<C> & string = never>(
  table: FactTable<C>,
  without: readonly K[] = [],
  read: (column: NamedColumn) => Field['read'] = ({ type }) => type.parse,
): (sent: Sent<C>) => Omit<SentFact<C>, K> {
  return compile(
    factColumns(table, without).map((column) => {
      const { required, notNull } = column.options;
      return {
        key: column.key,
        from: column.wire,
        read: read(column),
        missing: required ? 'none' : notNull ? 'undefined' : 'null or undefined',
        absent: unsentOf(column),
      };
    }),
  );
}

/**
 * Reads the same of a row that was read with `storedSql`.
 * @param without columns that the caller reads by itself
 */
export function storedReader<C extends Columns, K extends keyof Fact<C> & string = never>(
  table: FactTable<C>,
  without: readonly K[] = [],
): (row: object) => Omit<Fact<C>, K> {
  return compile(
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
