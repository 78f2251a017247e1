/** The rows of a CSV file of executions, each read or with the reason why it cannot be. */
import { messageOf } from '../errors.js';
import type { LineIds } from '../ingest/derived-id.js';
import { adviceFor, FieldError } from '../ingest/executions/csv-cell.js';
import { type ReadRow, type RowMapping, type RowReader, rowReader } from '../ingest/executions/csv-row.js';
import type { Rejection } from '../facts/refusal.js';
import { type Row, rowsOf } from './csv.js';
import { type LineSource, UnreadableError } from './lines.js';
import { counted } from './progress.js';

export type CsvRow = { number: number } & (ReadRow | { problem: string });

export interface CsvReading {
  mapping: RowMapping;
  delimiter?: string;
  ids: LineIds;
}

/**
 * Columns that are not used are named on standard error, before the first row.
 * @throws Error if the header cannot be read or does not fit the mapping
 */
export async function* readCsv(
  file: string,
  source: LineSource,
  { mapping, delimiter, ids }: CsvReading,
): AsyncGenerator<CsvRow> {
  let reader: RowReader | undefined;
  let separator = '';
  const chunks = rowsOf(source.lines(), delimiter, (told) => (separator = told));
  for await (const rows of chunks) {
    const [header] = rows;
    const isFirst = reader === undefined;
    if (reader === undefined) {
      if (header === undefined) continue;
      if ('problem' in header) throw new Error(`${file}: the header ${header.problem}`);
      reader = rowReader(header.cells, mapping, ids, separator);
      nameUnused(reader.unused);
    }
    const read = isFirst ? rows.slice(1) : rows;
    for (const row of read) if ('cells' in row) look(row.cells, reader, `${file}: line ${row.number}`);
    for (const row of read) yield readRow(row, reader);
  }
  if (reader === undefined) throw new Error(`${file}: has no header; it is empty`);
}

/** Why an execution was rejected, with the option that helps. */
export function withAdvice(rejection: Rejection, execution: object, mapping: RowMapping): Rejection {
  const advice = adviceFor(execution as Record<string, unknown>, mapping);
  return { ...rejection, message: rejection.message + advice };
}

/** The rows of a file are learnt from some at a time, so that numbers before may have been read in another way. */
function look(cells: readonly string[], reader: RowReader, place: string): void {
  try {
    reader.look(cells);
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    throw new UnreadableError(`${place}: ${error.message}`);
  }
}

function readRow(row: Row, reader: RowReader): CsvRow {
  const { number } = row;
  if ('problem' in row) return { number, problem: row.problem };
  try {
    return { number, ...reader.read(row.cells) };
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    return { number, problem: messageOf(error) };
  }
}

export function nameUnused(unused: readonly string[]): void {
  if (unused.length === 0) return;
  process.stderr.write(
    `Not used: ${counted(unused.length, 'column')}, ${unused.join(', ')}. Read a field from one with --column FIELD=COLUMN.\n`,
  );
}
