/** Reads a row of a CSV file as an execution in its wire form. */
import type { LineIds } from '../derived-id.js';
import { type Cell, columnsWith } from '../../facts/column.js';
import { EXECUTION } from '../../facts/execution/columns.js';

/** Why a row could not be read. */
export class FieldError extends Error {}

export interface RowMapping {
  /** Column by field; a column with the name of a field needs no entry. */
  columns: Record<string, string>;
  /** A constant value by field. */
  constants: Record<string, string>;
}

/** Fields that a cell can hold, with how it is read. */
const CELLS = new Map<string, Cell>(
  columnsWith(EXECUTION, 'accepted').flatMap(({ wire, type: { cell } }): [string, Cell][] =>
    cell === undefined ? [] : [[wire, cell]],
  ),
);

export const columnFields: readonly string[] = [...CELLS.keys()];
const REQUIRED = ['started_at', 'status'];

/**
 * @param header names of the columns
 * @returns a function that reads the cells of a row, and throws FieldError if it cannot
 * @throws Error if the mapping does not fit the header
 */
export function rowReader(
  header: readonly string[],
  { columns, constants }: RowMapping,
  ids: LineIds,
): (cells: readonly string[]) => object {
  const names = header.map((name) => name.trim());
  for (const field of [...Object.keys(columns), ...Object.keys(constants)]) {
    if (!CELLS.has(field))
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
        `${field} comes from no column; name one with --column ${field}=COLUMN, or --set ${field}=VALUE`,
      );
    }
  }
  const fixed = Object.entries(constants).map(([field, text]) => [field, valueOf(field, text)] as const);
  return (cells) => {
    if (cells.length !== names.length) {
      throw new FieldError(`${cells.length} cells where the header has ${names.length}`);
    }
    const row: Record<string, unknown> = {};
    for (const [field, place] of places) {
      const value = valueOf(field, cells[place]!.trim());
      if (value !== undefined) row[field] = value;
    }
    for (const [field, value] of fixed) row[field] = value;
    if (row.id === undefined) row.id = ids.idOf(JSON.stringify([cells, constants]));
    return row;
  };
}

function valueOf(field: string, text: string): unknown {
  if (text === '') return undefined;
  switch (CELLS.get(field)!) {
    case 'text':
      return text;
    case 'list':
      return text
        .split(';')
        .map((item) => item.trim())
        .filter((item) => item !== '');
    case 'time':
      return timeOf(text);
    case 'integer':
    case 'number': {
      const value = Number(text);
      if (/^[-+.\de]+$/i.test(text) && Number.isFinite(value)) return value;
      throw new FieldError(`${field} must be a number, not "${text.slice(0, 40)}"`);
    }
  }
}

/** Spreadsheets and databases write times with a space, without zone or seconds, or only the date. */
const LOOSE_TIME =
  /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2})(?::(\d{2}(?:[.,]\d+)?))?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?$/i;

function timeOf(text: string): string {
  const match = LOOSE_TIME.exec(text);
  // The check of executions rejects it with a message.
  if (match === null) return text;
  const [, date, minute = '00:00', second = '00', zone = 'Z'] = match;
  const offset = /^(Z|UTC)$/i.test(zone)
    ? 'Z'
    : `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`;
  return `${date}T${minute}:${second.replace(',', '.')}${offset}`;
}
