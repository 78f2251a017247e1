/** Options that say how a CSV file is read. */
import { InvalidArgumentError } from 'commander';
import { messageOf } from '../errors.js';
import { dateFormat, type DateFormat } from '../ingest/executions/csv-date.js';
import type { RowMapping } from '../ingest/executions/csv-row.js';
import { encodingName } from './encoding.js';

export interface CsvOptions {
  column: Record<string, string>;
  set: Record<string, string>;
  map: Map<string, Map<string, string>>;
  delimiter?: string;
  encoding?: string;
  dateFormat: DateFormat[];
  decimal?: ',' | '.';
}

export const mappingOf = ({ column, set, map, dateFormat: dates, decimal }: CsvOptions): RowMapping => ({
  columns: column,
  constants: set,
  values: map,
  dates,
  decimal,
});

export const columnPairs =
  (option: string, form: string) =>
  (text: string, before: Record<string, string>): Record<string, string> => {
    const equals = text.indexOf('=');
    if (equals < 1) throw new Error(`--${option} must be ${form}, not "${text}"`);
    return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) };
  };

/** `status=ok:success`. A colon in the value that is read is written `\:`. */
export function valuePairs(
  text: string,
  before: ReadonlyMap<string, Map<string, string>>,
): Map<string, Map<string, string>> {
  const [, field, from, to] = /^([^=]+)=((?:[^\\:]|\\.)+):(.*)$/s.exec(text) ?? [];
  if (field === undefined || from === undefined || to === undefined)
    throw new Error(`--map must be FIELD=FROM:TO, not "${text}"`);
  const read = from.replaceAll(/\\(.)/gs, '$1').trim().toLowerCase();
  return new Map(before).set(field, new Map(before.get(field)).set(read, to.trim()));
}

export function delimiterOption(text: string): string {
  const delimiter = /^(tab|\\t)$/i.test(text) ? '\t' : text;
  if (delimiter.length === 1 && !/["\r\n]/.test(delimiter)) return delimiter;
  throw new InvalidArgumentError('It must be one character, or "tab".');
}

export const encodingOption = (text: string): string => argument(() => encodingName(text));

export const dateOption = (text: string, before: readonly DateFormat[]): DateFormat[] => [
  ...before,
  argument(() => dateFormat(text)),
];

function argument<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
}
