/** `import executions`: imports executions from a CSV file, one per row. */
import { Command, Option } from 'commander';
import { LineIds, REMEMBERED } from '../ingest/derived-id.js';
import { columnFields, FieldError, type RowMapping, rowReader } from '../ingest/executions/csv-row.js';
import { EventStream } from '../ingest/stream.js';
import { messageOf } from '../errors.js';
import { finishImport, type ImportResult, catchUnreadable } from './import-lines.js';
import { EXIT_CODES, ImportReport } from './import-report.js';
import { rowsOf, type Row } from './csv.js';
import { openLines } from './lines.js';
import { requiredTenant } from './options.js';
import { grouped, startProgress } from './progress.js';
import { type Session, withSession } from './session.js';

/** Smaller than for events, because executions are larger. */
const BATCH = 500;

interface Options {
  tenant: string;
  column: Record<string, string>;
  set: Record<string, string>;
}

const pairs =
  (option: string, form: string) =>
  (text: string, before: Record<string, string>): Record<string, string> => {
    const equals = text.indexOf('=');
    if (equals < 1) throw new Error(`--${option} must be ${form}, not "${text}"`);
    return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) };
  };

export function importExecutionsCommand(): Command {
  return new Command('executions')
    .description('import executions from a CSV file with a header')
    .argument('<file>', 'file; .gz is decompressed, - is standard input')
    .addOption(requiredTenant('tenant of the executions'))
    .addOption(
      new Option('--column <FIELD=COLUMN...>', 'read a field from this column')
        .argParser(pairs('column', 'FIELD=COLUMN'))
        .default({}, 'the column with the name of the field'),
    )
    .addOption(
      new Option('--set <FIELD=VALUE...>', 'use the same value in every row')
        .argParser(pairs('set', 'FIELD=VALUE'))
        .default({}, 'none'),
    )
    .addHelpText(
      'after',
      `
The fields are those of POST /api/v1/executions, except steps and token_usages:
  ${columnFields.join(', ')}
started_at and status are required, from a column or from --set. Times without a time zone are UTC. Tags are separated by
semicolons. An empty cell means that there is no value. If a row has no id, its id is derived from its content and, for
identical rows, from their order, so a repeated import does not create duplicates. Identical rows without an id that are
more than ${grouped(REMEMBERED)} different rows apart, or in different files, are counted once.
${EXIT_CODES}

Example:
  agentidp-analytics import executions calls.csv --tenant acme --column started_at=TIMESTAMP \\
    input_tokens=ContextTokens output_tokens=GeneratedTokens --set status=success model_name=gpt-4o`,
    )
    .action(async (file: string, { tenant, column, set }: Options) => {
      const mapping = { columns: column, constants: set };
      await withSession(async (session) => {
        await finishImport(session, await importRows(session, file, tenant, mapping));
      });
    });
}

async function importRows(
  session: Session,
  file: string,
  tenantId: string,
  mapping: RowMapping,
): Promise<ImportResult> {
  const { services, signal } = session;
  const report = new ImportReport('row');
  const source = openLines(file, signal);
  const progress = startProgress('Importing', source.size);
  const sink = { events: services.executions.executions.bind(services.executions) };
  const stream = new EventStream(sink, {
    batchSize: BATCH,
    // One batch at a time, so that of two rows with the same id the later one wins.
    concurrency: 1,
    onRejected: (place, rejection, row) => report.addRejected(`line ${place}`, rejection, row),
    onWritten: ({ accepted, duplicates }) =>
      progress.update(
        source.read(),
        `${grouped(report.read)} rows, ${grouped(accepted)} new, ${grouped(duplicates)} known`,
      ),
  });
  const ids = new LineIds();
  let read: ReturnType<typeof rowReader> | undefined;
  const take = async (row: Row): Promise<void> => {
    if (read === undefined) {
      if ('problem' in row) throw new Error(`${file}: the header ${row.problem}`);
      read = rowReader(row.cells, mapping, ids);
      return;
    }
    report.read += 1;
    let execution: object;
    try {
      if ('problem' in row) throw new FieldError(row.problem);
      execution = read(row.cells);
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      report.addBroken(`line ${row.number}`, messageOf(error));
      return;
    }
    await stream.add(tenantId, execution, row.number);
  };
  try {
    const failure = await catchUnreadable(async () => {
      for await (const rows of rowsOf(source.lines())) for (const row of rows) await take(row);
    });
    const totals = await stream.flush();
    return { report, totals, droppedBefore: await services.executions.droppedBefore(), failure };
  } finally {
    progress.stop();
  }
}
