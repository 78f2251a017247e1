/** Reads a row of a CSV file as an execution in its wire form. */
import { type CellOptions, cellValue, columnFields, FieldError, isNumberField } from './csv-cell.js';
import { DecimalSigns } from './csv-number.js';
import { derivedId, type LineIds } from '../derived-id.js';

export interface RowMapping extends CellOptions {
  /** Column by field; a column with the name of a field needs no entry. */
  columns: Record<string, string>;
  /** A constant value by field. */
  constants: Record<string, string>;
}

export interface ReadRow {
  execution: Record<string, unknown>;
  /** How an id was derived, if the row has none of its own. */
  derived?: { cells: readonly string[]; ordinal: number };
}

export interface RowReader {
  /** Columns that nothing is read from. */
  unused: readonly string[];
  /**
   * Learns how the file writes numbers from a row that will be read.
   * @throws FieldError if a number was read in another way than the file now turns out to write them
   */
  look(cells: readonly string[]): void;
  /** @throws FieldError if the cells are not those of a row */
  read(cells: readonly string[]): ReadRow;
}

const REQUIRED = ['started_at', 'status'];

/**
 * @param header names of the columns
 * @param delimiter what separates the cells
 * @throws Error if the mapping does not fit the header
 */
export function rowReader(
  header: readonly string[],
  mapping: RowMapping,
  ids: LineIds,
  delimiter = ',',
): RowReader {
  const { columns, constants, values } = mapping;
  const options = { ...mapping, signs: new DecimalSigns(delimiter) };
  const names = header.map((name) => name.trim());
  for (const field of [...Object.keys(columns), ...Object.keys(constants), ...(values?.keys() ?? [])]) {
    if (!columnFields.includes(field))
      throw new Error(`there is no field "${field}"; there are ${columnFields.join(', ')}`);
  }
  const places = new Map<string, number>();
  for (const field of columnFields) {
    const column = columns[field] ?? field;
    const place = names.indexOf(column);
    if (place >= 0) places.set(field, place);
    else if (columns[field] !== undefined) {
      throw new Error(`there is no column "${column}"; the file has ${names.join(', ')}`);
    }
  }
  for (const field of REQUIRED) {
    if (!places.has(field) && constants[field] === undefined) {
      throw new Error(
        `${field} comes from no column; name one with --column ${field}=COLUMN, or --set ${field}=VALUE` +
          (names.length === 1
            ? `; the header is one column, so --delimiter may be wrong: ${names[0]!.slice(0, 80)}`
            : ''),
      );
    }
  }
  const fixed = Object.entries(constants).map(
    ([field, text]) =>
      [field, cellValue(field, text, { dates: mapping.dates, decimal: mapping.decimal })] as const,
  );
  for (const [field] of fixed) places.delete(field);
  const used = new Set(places.values());
  const numbers = [...places].flatMap(([field, place]) => (isNumberField(field) ? [place] : []));
  return {
    unused: names.filter((_, place) => !used.has(place)),
    look(cells) {
      const { signs } = options;
      for (const place of numbers) {
        signs.look(cells[place] ?? '');
        if (signs.contradicted === undefined || mapping.decimal !== undefined) continue;
        throw new FieldError(
          `"${cells[place]!.slice(0, 40)}" has a decimal comma, but "${signs.contradicted.slice(0, 40)}" was read with a decimal point; import the file again with --decimal , which replaces its rows`,
        );
      }
    },
    read(cells) {
      if (cells.length !== names.length) {
        throw new FieldError(`${cells.length} cells where the header has ${names.length}`);
      }
      const execution: Record<string, unknown> = {};
      for (const [field, place] of places) {
        const value = cellValue(field, cells[place]!, options);
        if (value !== undefined) execution[field] = value;
      }
      for (const [field, value] of fixed) execution[field] = value;
      if (execution.id !== undefined) return { execution };
      // Of the cells alone, so that the same row read with another mapping replaces the execution.
      const content = JSON.stringify(cells);
      const ordinal = ids.ordinalOf(content);
      execution.id = derivedId(content, ordinal);
      return { execution, derived: { cells, ordinal } };
    },
  };
}
