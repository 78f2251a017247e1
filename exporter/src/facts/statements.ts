/** Statements that write rows of facts, made of the tables of columns. */
import { type Columns, type FactTable, isWritten, type NamedColumn, type Row } from './column.js';
import { compilePluck } from './compiled.js';

export const writtenColumns = (table: FactTable<Columns>): NamedColumn[] => table.all.filter(isWritten);

/** The rows that are sent, as a table `sent`: from $`first` on a parameter a column. */
function sentSql(columns: readonly NamedColumn[], first: number): string {
  const names = columns.map(({ column }) => column).join(', ');
  const arrays = columns.map(({ type }, i) => `$${i + first}::${type.asText ? 'text' : type.sql}[]`);
  return `unnest(${arrays.join(', ')}) AS sent (${names})`;
}

const valueSql = ({ column, type }: NamedColumn): string =>
  type.asText ? `sent.${column}::${type.sql}` : `sent.${column}`;

/** `INSERT` of any number of rows of one tenant: $1 the tenant, and from $`first` on a parameter a column. */
export function insertSql(table: FactTable<Columns>, first = 2): string {
  const columns = writtenColumns(table);
  return `INSERT INTO ${table.name} (tenant_id, ${columns.map(({ column }) => column).join(', ')})
    SELECT $1, ${columns.map(valueSql).join(', ')} FROM ${sentSql(columns, first)}`;
}

/** `UPDATE` of rows by their id, with the same parameters: in place, so that whoever waits for a row finds it. */
export function updateSql(table: FactTable<Columns>, first = 2): string {
  const columns = writtenColumns(table);
  const changed = columns.filter(({ column }) => column !== 'id');
  return `UPDATE ${table.name} AS kept SET ${changed.map((each) => `${each.column} = ${valueSql(each)}`).join(', ')}
    FROM ${sentSql(columns, first)} WHERE kept.tenant_id = $1 AND kept.id = sent.id`;
}

/** Properties that hold some of a row's columns together. */
type Parts<C extends Columns> = Record<string, readonly (keyof Row<C> & string)[]>;

/** A row whose parts stand in properties of their own, so that nobody has to copy them. */
type RowInParts<C extends Columns, P extends Parts<C>> = Omit<Row<C>, P[keyof P][number]> & {
  [K in keyof P]: Pick<Row<C>, P[K][number]>;
};

/**
 * Makes the parameters of the columns, in the order of the statements above, one after the other: those of many rows take
 * a while, so that the caller can let other work go on between them.
 */
export function parametersOf<C extends Columns, P extends Parts<C> = Record<never, never>>(
  table: FactTable<C>,
  parts?: P,
): (rows: readonly RowInParts<C, P>[]) => Generator<Buffer, void> {
  const named = Object.entries<readonly string[]>(parts ?? {});
  const columns = writtenColumns(table).map(({ key, type }) => {
    const part = named.find(([, keys]) => keys.includes(key))?.[0];
    return { type, valuesOf: compilePluck(part === undefined ? [key] : [part, key]) };
  });
  return function* (rows) {
    for (const { type, valuesOf } of columns) yield type.array(valuesOf(rows));
  };
}
