/** The rows of a CSV file of executions, each read or with the reason why it cannot be. */
import { messageOf } from '../errors.js';
import type { LineIds } from '../ingest/derived-id.js';
import { adviceFor, FieldError } from '../ingest/executions/csv-cell.js';
import { type ReadRow, type RowMapping, type RowReader, rowReader } from '../ingest/executions/csv-row.js';
import type { Rejection } from '../facts/refusal.js';
import { type Row, rowsOf } from './csv.js';
import type { ImportReport } from './import-report.js';
import type { LineSource } from './lines.js';
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
  for await (const rows of rowsOf(source.lines(), delimiter)) {
    for (const row of rows) {
      if (reader === undefined) {
        if ('problem' in row) throw new Error(`${file}: the header ${row.problem}`);
        reader = rowReader(row.cells, mapping, ids);
        nameUnused(reader);
      } else {
        yield readRow(row, reader);
      }
    }
  }
  if (reader === undefined) throw new Error(`${file}: has no header; it is empty`);
}

/** Counts an execution that was rejected, with the option that helps. */
export function addRejected(
  report: ImportReport,
  place: string,
  { code, message }: Rejection,
  execution: object,
  mapping: RowMapping,
): void {
  const advice = adviceFor(execution as Record<string, unknown>, mapping);
  report.addRejected(place, { code, message: message + advice }, execution);
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

function nameUnused({ unused }: RowReader): void {
  if (unused.length === 0) return;
  process.stderr.write(
    `Not used: ${counted(unused.length, 'column')}, ${unused.join(', ')}. Read a field from one with --column FIELD=COLUMN.\n`,
  );
}
