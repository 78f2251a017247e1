/** The run that both imports of files have in common: lines in, events out, then the aggregates. */
import { EventStream, type StreamTotals } from '../ingest/stream.js';
import { messageOf } from '../errors.js';
import { ImportReport } from './import-report.js';
import { type Line, openLines, UnreadableError } from './lines.js';
import { counted, grouped, startProgress } from './progress.js';
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
  /** What retention has dropped is of before this, milliseconds. */
  droppedBefore: number;
  /** What ended the source early, such as a damaged archive; what came before it is in. */
  failure?: UnreadableError;
}

/** Imports what can be imported; what cannot is in the report. */
export async function importLines(
  session: Session,
  { file, tenantId, parse }: ImportOptions,
): Promise<ImportResult> {
  const { services, signal } = session;
  const report = new ImportReport('line');
  const source = openLines(file, signal);
  const progress = startProgress('Importing', source.size);
  const stream = new EventStream(services.ingest, {
    onRejected: (place, rejection, event) => report.addRejected(`line ${place}`, rejection, event),
    onWritten: ({ accepted, duplicates }) =>
      progress.update(
        source.read(),
        `${grouped(report.read)} lines, ${grouped(accepted)} new, ${grouped(duplicates)} known`,
      ),
  });
  const take = async ({ number, text }: Line): Promise<void> => {
    report.read += 1;
    let event: object;
    try {
      if (text === undefined) throw new Error('longer than 1 MiB');
      event = parse(text);
    } catch (error) {
      report.addBroken(`line ${number}`, messageOf(error));
      return;
    }
    await stream.add(tenantId, event, number);
  };
  try {
    const failure = await unreadable(async () => {
      for await (const lines of source.lines()) for (const line of lines) await take(line);
    });
    const totals = await stream.flush();
    return { report, totals, droppedBefore: await services.partitions.droppedBefore(), failure };
  } finally {
    progress.stop();
  }
}

/** What kept the source from being read to its end. */
export async function unreadable(read: () => Promise<void>): Promise<UnreadableError | undefined> {
  try {
    await read();
    return undefined;
  } catch (error) {
    if (error instanceof UnreadableError) return error;
    throw error;
  }
}

/** Rolls up what was imported and says how it went: details on standard error, the sums on standard output. */
export async function finishImport(
  session: Session,
  { report, totals, droppedBefore, failure }: ImportResult,
): Promise<void> {
  // Also without anything new: an interrupted import has left it undone.
  const written = await session.rollUp();
  const lines = report.lines(totals, Date.now(), droppedBefore);
  for (const line of lines.slice(0, -1)) process.stderr.write(`${line}\n`);
  process.stdout.write(`${lines.at(-1)!}; ${counted(written, 'aggregate row')} written.\n`);
  if (failure !== undefined) throw failure;
  if (report.isFailure(totals)) process.exitCode = 1;
}
