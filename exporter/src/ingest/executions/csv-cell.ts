/** The values of a CSV file's cells, as spreadsheets and databases write them. */
import { type Cell, columnsWith } from '../../facts/column.js';
import { EXECUTION, STATUSES } from '../../facts/execution/columns.js';
import { formatTime, parseTime } from '../../time.js';
import type { DateFormat } from './csv-date.js';
import { type Decimal, type DecimalSigns, readNumber } from './csv-number.js';

/** Why a row could not be read. */
export class FieldError extends Error {}

/** Fields that a cell can hold, with how it is read. */
const CELLS = new Map<string, Cell>(
  columnsWith(EXECUTION, 'accepted').flatMap(({ wire, type: { cell } }): [string, Cell][] =>
    cell === undefined ? [] : [[wire, cell]],
  ),
);
export const columnFields: readonly string[] = [...CELLS.keys()];

/** Fields whose cells are numbers. */
export const isNumberField = (field: string): boolean => /^(?:integer|number)$/.test(CELLS.get(field) ?? '');

export interface CellOptions {
  /** Values that stand for other ones, by field and in lower case: `status` → `ok` → `success`. */
  values?: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Forms of times besides RFC 3339 and the like. */
  dates?: readonly DateFormat[];
  /** The decimal separator. Default: as a number can only be meant. */
  decimal?: Decimal;
  /** What the file tells of it. */
  signs?: DecimalSigns;
}

/**
 * @returns undefined for an empty cell
 * @throws FieldError
 */
export function cellValue(field: string, cell: string, options: CellOptions): unknown {
  const written = cell.trim();
  const text = options.values?.get(field)?.get(written.toLowerCase()) ?? written;
  if (text === '') return undefined;
  if (field === 'status') return statusOf(text);
  const cellType = CELLS.get(field)!;
  switch (cellType) {
    case 'text':
      return text;
    case 'list':
      return text
        .split(';')
        .map((item) => item.trim())
        .filter((item) => item !== '');
    case 'time':
      return timeOf(text, options.dates ?? []);
    case 'integer':
    case 'number': {
      const { decimal, signs } = options;
      const read = readNumber(text, { decimal, signs, isWhole: cellType === 'integer' });
      if ('problem' in read) throw new FieldError(field + read.problem);
      return read.value;
    }
  }
}

const shown = (text: string): string => JSON.stringify(text.slice(0, 40));

/** In lower case. The check of executions rejects any other word. */
const statusOf = (text: string): string => STATUSES.find((one) => one === text.toLowerCase()) ?? text;

/** Which option helps with an execution that is rejected because of a value; empty if none does. */
export function adviceFor(execution: Readonly<Record<string, unknown>>, { dates = [] }: CellOptions): string {
  const { status } = execution;
  if (typeof status === 'string' && !(STATUSES as readonly string[]).includes(status)) {
    const example = `status=${status.slice(0, 40).replaceAll(':', String.raw`\:`)}:${STATUSES[1]}`;
    return `; say what ${shown(status)} means with --map, such as ${JSON.stringify(example)}`;
  }
  for (const [field, cell] of CELLS) {
    const value = execution[field];
    if (cell !== 'time' || typeof value !== 'string' || parseTime(value) !== undefined) continue;
    return dates.length > 0
      ? `; ${shown(value)} is not ${dates.map(({ pattern }) => pattern).join(' or ')}`
      : `; say how dates such as ${shown(value)} are written with --date-format, such as MM/DD/YYYY or DD.MM.YYYY`;
  }
  return '';
}

/** Spreadsheets and databases write times with a space, without zone or seconds, or only the date. */
const LOOSE_TIME =
  /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2})(?::(\d{2}(?:[.,]\d+)?))?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/** The form without a time zone is UTC; undefined for any other form. */
export function looseTime(text: string): string | undefined {
  const match = LOOSE_TIME.exec(text);
  if (match === null) return undefined;
  const [, date, minute = '00:00', second = '00', zone = 'Z'] = match;
  const offset = /^(Z|UTC)$/i.test(zone)
    ? 'Z'
    : `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`;
  return `${date}T${minute}:${second.replace(',', '.')}${offset}`;
}

/** The check of executions rejects any other form, and a time that does not exist. */
function timeOf(text: string, dates: readonly DateFormat[]): string {
  const loose = looseTime(text);
  if (loose !== undefined) return loose;
  for (const format of dates) {
    const time = format.parse(text);
    if (time !== undefined) return time;
  }
  const epoch = epochMillis(text);
  return epoch === undefined ? text : formatTime(epoch);
}

/** Digits before the decimal point, and the milliseconds of one. Others are not times of this century. */
const EPOCH_UNITS: Record<number, number> = { 10: 1000, 13: 1, 16: 1e-3, 19: 1e-6 };

/** Seconds, milliseconds, microseconds or nanoseconds since 1970. */
function epochMillis(text: string): number | undefined {
  const digits = /^(\d+)(?:\.\d*)?$/.exec(text)?.[1];
  const unit = digits === undefined ? undefined : EPOCH_UNITS[digits.length];
  return unit === undefined ? undefined : Math.floor(Number(text) * unit);
}
