/** Facts as the list, a single answer and the exports show them. */
import { type Columns, columnsWith, type FactTable, type NamedColumn, type Shown } from './column.js';

const readSql = ({ column, options }: NamedColumn, row: string): string =>
  options.expression?.(row) ?? `${row}.${column}`;

/** A field of a SELECT, under its name on the wire. */
const field = (sql: string, row: string, wire: string): string =>
  sql === `${row}.${wire}` ? sql : `${sql} AS ${wire}`;

const shownColumns = (table: FactTable<Columns>, only: readonly string[] | undefined): NamedColumn[] =>
  columnsWith(table, 'shown').filter(({ wire }) => only === undefined || only.includes(wire));

/**
 * What a SELECT reads of `row` for `showing`; $1 is the tenant.
 * @param only names of fields on the wire; default: all
 */
export const shownSql = (table: FactTable<Columns>, row: string, only?: readonly string[]): string =>
  shownColumns(table, only)
    .map((column) => field(readSql(column, row), row, column.wire))
    .join(', ');

/** Makes the answer's fields of a row that was read with `shownSql`; it changes the row. */
export function showing<C extends Columns, K extends keyof Shown<C> & string = keyof Shown<C> & string>(
  table: FactTable<C>,
  only?: readonly K[],
): (row: Record<string, unknown>) => Pick<Shown<C>, K> {
  const converted = converters(shownColumns(table, only));
  return (row) => converted(row) as Pick<Shown<C>, K>;
}

function converters(columns: readonly NamedColumn[]) {
  const shows = columns.flatMap(({ wire, type: { show } }) => (show === undefined ? [] : [{ wire, show }]));
  return (row: Record<string, unknown>): Record<string, unknown> => {
    for (const { wire, show } of shows) {
      const value = row[wire];
      if (value !== null) row[wire] = show(value);
    }
    return row;
  };
}

const isMadeByDatabase = ({ type }: NamedColumn): boolean => type.exportSql !== undefined;

/** Names of the columns of an export, in their order. */
export const exportNames = (table: FactTable<Columns>): string[] =>
  columnsWith(table, 'exported').map(({ wire }) => wire);

/** What a SELECT reads of `row` for an export; $1 is the tenant. */
export const exportSql = (table: FactTable<Columns>, row: string): string =>
  columnsWith(table, 'exported')
    .map((column) => {
      const sql = readSql(column, row);
      return field(column.type.exportSql?.(sql) ?? sql, row, column.wire);
    })
    .join(', ');

/** Makes the cells of a row that was read with `exportSql`; it changes the row. */
export const exporting = (table: FactTable<Columns>) =>
  converters(columnsWith(table, 'exported').filter((column) => !isMadeByDatabase(column)));
