/** `import executions`: imports executions from a CSV file, one per row. */
import { Command, Option } from 'commander';
import { parseExecutions } from '../facts/execution/parse.js';
import { LineIds, REMEMBERED } from '../ingest/derived-id.js';
import { columnFields } from '../ingest/executions/csv-cell.js';
import { EarlierIds } from '../ingest/executions/earlier-ids.js';
import type { ReadRow } from '../ingest/executions/csv-row.js';
import { EventStream } from '../ingest/stream.js';
import {
  columnPairs,
  type CsvOptions,
  delimiterOption,
  dateOption,
  encodingOption,
  mappingOf,
  valuePairs,
} from './csv-options.js';
import { readCsv, withAdvice } from './csv-rows.js';
import { DRY_RUN, dryRun, type Made } from './import-dry-run.js';
import { finishImport, type ImportResult, catchUnreadable } from './import-lines.js';
import { EXIT_CODES, ImportReport } from './import-report.js';
import { openLines } from './lines.js';
import { requiredTenant } from './options.js';
import { grouped, startProgress } from './progress.js';
import { type Session, withSession } from './session.js';

/** Smaller than for events, because executions are larger. */
const BATCH = 500;

interface Options extends CsvOptions {
  tenant: string;
  dryRun?: true;
}

export function importExecutionsCommand(): Command {
  return new Command('executions')
    .description('import executions from a CSV file with a header')
    .argument('<file>', 'file; .gz is decompressed, - is standard input')
    .addOption(requiredTenant('tenant of the executions'))
    .addOption(
      new Option('--column <FIELD=COLUMN...>', 'read a field from this column')
        .argParser(columnPairs('column', 'FIELD=COLUMN'))
        .default({}, 'the column with the name of the field'),
    )
    .addOption(
      new Option('--set <FIELD=VALUE...>', 'use the same value in every row')
        .argParser(columnPairs('set', 'FIELD=VALUE'))
        .default({}, 'none'),
    )
    .addOption(
      new Option('--map <FIELD=FROM:TO...>', 'read a value as another one, such as status=ok:success')
        .argParser(valuePairs)
        .default(new Map(), 'none'),
    )
    .addOption(
      new Option('--delimiter <character>', 'what separates cells; "tab" is a tab')
        .argParser(delimiterOption)
        .default(undefined, 'comma, semicolon, tab or |, as in the header'),
    )
    .addOption(
      new Option('--encoding <name>', 'encoding of the file, such as windows-1252 or utf-16le')
        .argParser(encodingOption)
        .default(undefined, 'utf-8, or what a byte order mark says'),
    )
    .addOption(
      new Option(
        '--date-format <form...>',
        'how dates are written, such as MM/DD/YYYY or DD.MM.YYYY; a time may follow',
      )
        .argParser(dateOption)
        .default([], 'RFC 3339, YYYY-MM-DD or seconds since 1970'),
    )
    .addOption(
      new Option(
        '--decimal <separator>',
        'decimal separator of numbers that can be read in two ways, such as 1,234',
      ).choices(['.', ',']),
    )
    .option(...DRY_RUN)
    .addHelpText(
      'after',
      `
The fields are those of POST /api/v1/executions, except steps and token_usages:
  ${columnFields.join(', ')}
started_at and status are required, from a column or from --set. Times without a time zone are UTC. Tags are separated by
semicolons. An empty cell means that there is no value. Columns that are not used are named.

If a row has no id, its id is derived from its cells and, for identical rows, from their order. A repeated import does not
create duplicates, and one with other options replaces what the same rows became before. Identical rows in one file are
different executions; identical rows without an id that are more than ${grouped(REMEMBERED)} different rows apart, or in
different files, are counted once.
${EXIT_CODES}

Examples:
  agentidp-analytics import executions calls.csv --tenant acme --column started_at=TIMESTAMP \\
    input_tokens=ContextTokens output_tokens=GeneratedTokens --set status=success model_name=gpt-4o --dry-run
  agentidp-analytics import executions runs.csv --tenant acme --map status=ok:success status=error:failure \\
    --encoding windows-1252 --date-format DD.MM.YYYY`,
    )
    .action(async (file: string, options: Options) => {
      if (options.dryRun === true) return dryRunRows(file, options);
      await withSession(async (session) => {
        await finishImport(session, await importRows(session, file, options));
      });
    });
}

function dryRunRows(file: string, options: Options): Promise<void> {
  const mapping = mappingOf(options);
  const { delimiter, encoding } = options;
  const source = openLines(file, new AbortController().signal, { encoding, strict: true });
  async function* made(): AsyncGenerator<Made> {
    for await (const row of readCsv(file, source, { mapping, delimiter, ids: new LineIds() })) {
      const place = `line ${row.number}`;
      yield 'problem' in row ? { place, problem: row.problem } : { place, item: row.execution };
    }
  }
  return dryRun(made(), {
    unit: 'row',
    source: file,
    check: (execution, bounds) => {
      const [rejection] = parseExecutions([execution], bounds).rejected;
      return rejection && withAdvice(rejection, execution, mapping);
    },
  });
}

async function importRows(session: Session, file: string, options: Options): Promise<ImportResult> {
  const { services, signal, pool } = session;
  const { tenant: tenantId } = options;
  const mapping = mappingOf(options);
  const report = new ImportReport('row');
  const source = openLines(file, signal, { encoding: options.encoding, strict: true });
  const progress = startProgress('Importing', source.size);
  const earlier = new EarlierIds(pool, mapping.constants);
  const derived = new WeakMap<object, ReadRow>();
  const sink = {
    events: async (tenant: string, batch: readonly object[]) => {
      await earlier.renew(
        tenant,
        batch.map((execution) => derived.get(execution)!),
      );
      return services.executions.executions(tenant, batch);
    },
  };
  const stream = new EventStream(sink, {
    batchSize: BATCH,
    // One batch at a time, so that of two rows with the same id the later one wins.
    concurrency: 1,
    onRejected: (place, rejection, row) =>
      report.addRejected(`line ${place}`, withAdvice(rejection, row, mapping), row),
    onWritten: ({ accepted, duplicates }) =>
      progress.update(
        source.read(),
        `${grouped(report.read)} rows, ${grouped(accepted)} new, ${grouped(duplicates)} known`,
      ),
  });
  try {
    const failure = await catchUnreadable(async () => {
      for await (const row of readCsv(file, source, {
        mapping,
        delimiter: options.delimiter,
        ids: new LineIds(),
      })) {
        report.read += 1;
        if ('problem' in row) {
          report.addBroken(`line ${row.number}`, row.problem);
          continue;
        }
        derived.set(row.execution, row);
        await stream.add(tenantId, row.execution, row.number);
      }
    });
    const totals = await stream.flush();
    if (report.read === 0 && failure === undefined && !signal.aborted)
      throw new Error(`${file}: has no rows`);
    return { report, totals, droppedBefore: await services.executions.droppedBefore(), failure };
  } finally {
    progress.stop();
  }
}
