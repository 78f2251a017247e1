/** Common part of the file imports: reads lines, sends events, then updates the aggregates. */
import { type EventSink, EventStream, type StreamTotals } from '../ingest/stream.js';
import { messageOf } from '../errors.js';
import { checkEvent, dryRun, type Made } from './import-dry-run.js';
import { ImportReport } from './import-report.js';
import { type Line, openLines, type TextOptions, UnreadableError } from './lines.js';
import { counted, grouped, startProgress } from './progress.js';
import type { Session } from './session.js';

export interface ImportOptions {
  /** A path, or `-` for standard input. */
  file: string;
  tenantId: string;
  /** @returns the event as in a request; @throws Error if the line is not an event */
  parse: (line: string) => object;
  /** Default: the ingest of the session. */
  sink?: EventSink;
  /** How lines are decoded. */
  text?: TextOptions;
}

export interface ImportResult {
  report: ImportReport;
  totals: StreamTotals;
  /** Retention has dropped data from before this time, in milliseconds. */
  droppedBefore: number;
  /** Why the source ended early, such as a damaged archive. Everything before that is imported. */
  failure?: UnreadableError;
}

/** Shows what would be made of the first lines. */
export function dryRunLines({ file, parse, text }: Omit<ImportOptions, 'tenantId' | 'sink'>): Promise<void> {
  const source = openLines(file, new AbortController().signal, text);
  async function* made(): AsyncGenerator<Made> {
    for await (const lines of source.lines()) {
      for (const line of lines) yield { place: `line ${line.number}`, ...read(line, parse) };
    }
  }
  return dryRun(made(), { unit: 'line', source: file, check: checkEvent });
}

function read(
  { text, problem }: Line,
  parse: ImportOptions['parse'],
): { item: object } | { problem: string } {
  if (text === undefined) return { problem: problem ?? 'cannot be read' };
  try {
    return { item: parse(text) };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

/** Imports every valid line, and reports the others. */
export async function importLines(
  session: Session,
  { file, tenantId, parse, sink = session.services.ingest, text: options }: ImportOptions,
): Promise<ImportResult> {
  const { services, signal } = session;
  const report = new ImportReport('line');
  const source = openLines(file, signal, options);
  const progress = startProgress('Importing', source.size);
  const stream = new EventStream(sink, {
    onRejected: (place, rejection, event) => report.addRejected(`line ${place}`, rejection, event),
    onWritten: ({ accepted, duplicates }) =>
      progress.update(
        source.read(),
        `${grouped(report.read)} lines, ${grouped(accepted)} new, ${grouped(duplicates)} known`,
      ),
  });
  const take = async (line: Line): Promise<void> => {
    report.read += 1;
    const made = read(line, parse);
    if ('problem' in made) report.addBroken(`line ${line.number}`, made.problem);
    else await stream.add(tenantId, made.item, line.number);
  };
  try {
    const failure = await catchUnreadable(async () => {
      for await (const lines of source.lines()) for (const line of lines) await take(line);
    });
    const totals = await stream.flush();
    return { report, totals, droppedBefore: await services.partitions.droppedBefore(), failure };
  } finally {
    progress.stop();
  }
}

/** Runs `read`, and returns the error if the source could not be read to its end. */
export async function catchUnreadable(read: () => Promise<void>): Promise<UnreadableError | undefined> {
  try {
    await read();
    return undefined;
  } catch (error) {
    if (error instanceof UnreadableError) return error;
    throw error;
  }
}

/** Rolls up the imported data and prints a report: details to standard error, totals to standard output. */
export async function finishImport(
  session: Session,
  { report, totals, droppedBefore, failure }: ImportResult,
): Promise<void> {
  // Even if nothing is new: an interrupted import may have left data that is not rolled up yet.
  const written = await session.rollUp();
  const lines = report.lines(totals, Date.now(), droppedBefore);
  for (const line of lines.slice(0, -1)) process.stderr.write(`${line}\n`);
  process.stdout.write(`${lines.at(-1)!}; ${counted(written, 'aggregate row')} written.\n`);
  if (failure !== undefined) throw failure;
  process.exitCode = report.exitCode(totals);
}
