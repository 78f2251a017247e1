/** The run that both imports of files have in common: lines in, events out, then the aggregates. */
import { EventStream, type StreamTotals } from '../ingest/stream.js';
import { messageOf } from '../errors.js';
import { ImportReport } from './import-report.js';
import { openLines } from './lines.js';
import { grouped, startProgress } from './progress.js';
import type { Session } from './session.js';

export interface ImportOptions {
  /** A path, or `-` for standard input. */
  file: string;
  tenantId: string;
  /** @returns the event in its wire form; @throws an error that says why the line is none */
  parse: (line: string) => object;
}

export interface ImportResult {
  report: ImportReport;
  totals: StreamTotals;
}

/** Imports what can be imported; what cannot is in the report. */
export async function importLines(session: Session, { file, tenantId, parse }: ImportOptions): Promise<ImportResult> {
  const { services, signal } = session;
  const report = new ImportReport('lines');
  const source = openLines(file);
  const progress = startProgress('Importing', source.size);
  const stream = new EventStream(services.ingest, {
    onRejected: (place, rejection, event) => report.addRejected(`line ${place}`, rejection, event),
    onWritten: ({ accepted, duplicates }) =>
      progress.update(source.read(), `${grouped(report.read)} lines, ${grouped(accepted)} new, ${grouped(duplicates)} known`),
  });
  try {
    for await (const lines of source.lines()) {
      for (const { number, text } of lines) {
        report.read += 1;
        try {
          if (text === undefined) throw new Error('longer than 1 MiB');
          await stream.add(tenantId, parse(text), number);
        } catch (error) {
          if (stream.failed) throw error;
          report.addBroken(`line ${number}`, messageOf(error));
        }
      }
      if (signal.aborted) break;
    }
    return { report, totals: { ...(await stream.flush()) } };
  } finally {
    progress.stop();
  }
}

/** Rolls up what was imported and says how it went: details on standard error, the sums on standard output. */
export async function finishImport(session: Session, { report, totals }: ImportResult): Promise<void> {
  const rows = totals.accepted === 0 ? 0 : await session.rollUp();
  const lines = report.lines(totals, Date.now());
  for (const line of lines.slice(0, -1)) process.stderr.write(`${line}\n`);
  process.stdout.write(`${lines.at(-1)!}; ${grouped(rows)} aggregate rows written.\n`);
  if (report.isFailure(totals)) process.exitCode = 1;
}
