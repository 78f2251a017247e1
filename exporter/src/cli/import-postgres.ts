/** `import postgres`: imports the usage table of an identity provider incrementally. */
import { Command, InvalidArgumentError } from 'commander';
import { isId } from '../ids.js';
import { ImportPosition } from '../ingest/import-position.js';
import { mapColumns, type Mapping, SOURCE_FIELDS } from '../ingest/postgres-columns.js';
import { PostgresSource, type SourceRow } from '../ingest/postgres-source.js';
import { type EventSink, EventStream } from '../ingest/stream.js';
import { HOUR } from '../time.js';
import { nameUnused } from './csv-rows.js';
import { checkEvent, DRY_RUN, dryRun, type Made } from './import-dry-run.js';
import { finishImport, type ImportResult } from './import-lines.js';
import { EXIT_CODES, ImportReport } from './import-report.js';
import { assignments, tenantId, wholeNumber } from './options.js';
import { grouped, startProgress } from './progress.js';
import { type Session, withSession } from './session.js';

const DEFAULT_OVERLAP_HOURS = 24;
/** Number of pages after which the position is stored. */
const RECORD_EVERY = 10;

interface PostgresOptions {
  url: string;
  table: string;
  tenant?: string;
  tenantColumn?: string;
  column: Map<string, string>;
  set: Map<string, string>;
  overlapHours: number;
  fromStart?: true;
  dryRun?: true;
}

export function importPostgresCommand(): Command {
  return new Command('postgres')
    .description('import a table of an identity provider; a repeated import reads only new rows')
    .requiredOption(
      '--url <url>',
      'database of the identity provider, such as postgres://reader@host/identity; PGPASSWORD can hold the password',
      postgresUrl,
    )
    .option('--table <name>', 'table or view, with or without its schema', 'usage_events')
    .option(
      '--tenant <id>',
      'tenant of the rows; if a column names the tenant, import only the rows of this one',
      tenantId,
    )
    .option('--tenant-column <name>', 'column with the tenant; same as --column tenantId=…')
    .option(
      '--column <FIELD=COLUMN>',
      `read a field from this column, if its name is not a common one; fields: ${SOURCE_FIELDS.join(', ')}`,
      assignments(SOURCE_FIELDS),
      new Map(),
    )
    .option(
      '--set <FIELD=VALUE>',
      'use the same value in every row, such as metricType=api_calls',
      assignments(SOURCE_FIELDS),
      new Map(),
    )
    .option(
      '--overlap-hours <n>',
      'how far before the last imported row to look for late rows',
      wholeNumber(0, 8760),
      DEFAULT_OVERLAP_HOURS,
    )
    .option('--from-start', 'read the whole table again')
    .option(...DRY_RUN)
    .addHelpText(
      'after',
      `
Columns are found by common names (id, organization_id or tenant_id, agent_id, metric_type, count, occurred_at,
created_at or date, endpoint, status_code, duration_ms, user_id, …). The table is read in order of time, and the position
is stored, so that the next import continues there. Each row is imported once: nothing is counted twice, but later changes
of a row are not imported. If the columns or values have changed since the last import, or with --from-start, the whole table
is read again, and its rows replace what they became before. Columns that are not used are named. From a table of daily counts, only completed days are imported. Times without a time zone are
UTC; durations are in milliseconds.
${EXIT_CODES}

Example:
  agentidp-analytics import postgres --url postgres://reader@db/identity --table usage_events --tenant acme`,
    )
    .action(async (options: PostgresOptions) => {
      await withTable(options, async (source, mapping) => {
        if (options.dryRun === true) return dryRunRows(source, mapping);
        await withSession(async (session) =>
          finishImport(session, await copyRows(session, source, mapping, options)),
        );
      });
    });
}

function postgresUrl(text: string): string {
  // The value may contain a password, so the message does not repeat it.
  if (URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol)) return text;
  throw new InvalidArgumentError('It must begin with postgres://.');
}

async function withTable(
  options: PostgresOptions,
  work: (source: PostgresSource, mapping: Mapping) => Promise<void>,
): Promise<void> {
  const source = await PostgresSource.open(options.url, options.table);
  try {
    const columns = new Map(options.column);
    if (options.tenantColumn !== undefined) columns.set('tenantId', options.tenantColumn);
    const mapping = mapColumns(source.columns, { columns, values: options.set, tenantId: options.tenant });
    process.stderr.write(`${describe(source, mapping)}\n`);
    nameUnused(mapping.unused);
    if (source.isSlow(mapping)) {
      process.stderr.write(
        `No index begins with ${mapping.time.name}, so every page requires a scan of the whole table.\n`,
      );
    }
    await work(source, mapping);
  } finally {
    await source.close();
  }
}

const NO_TENANT = 'has no valid tenant';

function dryRunRows(source: PostgresSource, mapping: Mapping): Promise<void> {
  async function* made(): AsyncGenerator<Made> {
    for await (const { rows } of source.pages(mapping, undefined, Date.now())) {
      for (const { tenantId, key, event } of rows) {
        const place = `row ${key}`;
        yield isId(tenantId) ? { place, item: event } : { place, problem: NO_TENANT };
      }
    }
  }
  return dryRun(made(), { unit: 'row', source: source.name, check: checkEvent });
}

async function copyRows(
  { pool, services, signal }: Session,
  source: PostgresSource,
  mapping: Mapping,
  { overlapHours, fromStart }: PostgresOptions,
): Promise<ImportResult> {
  const position = await ImportPosition.open(pool, positionName(source, mapping), chosen(mapping));
  if (position.isOther) {
    process.stderr.write(
      'The columns or values have changed since the last import: every row is read again.\n',
    );
  }
  const last = fromStart === true ? undefined : position.last;
  const from = last === undefined ? undefined : last - overlapHours * HOUR;
  const rowOf = new WeakMap<object, SourceRow>();
  const sink: EventSink = {
    events: (tenant, batch) => {
      const rows = new Map(batch.map((event) => [rowOf.get(event)!.event.id, rowOf.get(event)!]));
      return services.ingest.replacing(tenant, batch, {
        // A row that was imported stays as it is; otherwise it would replace what was sent by other means.
        ...(!position.isOther && fromStart !== true && { fields: [] }),
        earlier: ({ id }) => rows.get(id)!.earlier,
      });
    },
  };
  const report = new ImportReport('row');
  const progress = startProgress('Importing', from === undefined ? source.estimate : undefined);
  const stream = new EventStream(sink, {
    onRejected: (place, rejection, event) => report.addRejected(`row ${place}`, rejection, event),
    onWritten: ({ accepted, duplicates }) =>
      progress.update(
        report.read,
        `${grouped(report.read)} rows, ${grouped(accepted)} new, ${grouped(duplicates)} known`,
      ),
  });
  const incomplete = await source.incomplete(mapping);
  for (let i = 0; i < incomplete; i += 1) report.addBroken('a row', `has no ${mapping.time.name} or key`);
  report.read += incomplete;
  let pages = 0;
  let reached: number | undefined;
  const record = async (): Promise<void> => {
    await stream.flush();
    if (reached !== undefined) await position.record(reached);
  };
  try {
    for await (const { rows, until } of source.pages(mapping, from, Date.now())) {
      for (const row of rows) {
        report.read += 1;
        rowOf.set(row.event, row);
        if (isId(row.tenantId)) await stream.add(row.tenantId, row.event, row.key);
        else report.addBroken(`row ${row.key}`, NO_TENANT);
      }
      reached = until;
      pages += 1;
      if (pages % RECORD_EVERY === 0) await record();
      if (signal.aborted) break;
    }
    await record();
    if (!signal.aborted) await position.finish(reached);
    const droppedBefore = await services.partitions.droppedBefore();
    return { report, totals: { ...stream.totals }, droppedBefore };
  } finally {
    progress.stop();
  }
}

/** The position is stored per tenant if only that tenant's rows are imported. */
const positionName = ({ name }: PostgresSource, { columns, tenantId: only }: Mapping): string =>
  `import:postgres:${name}${only === undefined ? '' : `:${columns.tenantId === undefined ? 'as' : 'of'}:${only}`}`;

/** What decides which event a row becomes. */
const chosen = ({ columns, values }: Mapping): unknown =>
  SOURCE_FIELDS.map((field) => [field, columns[field]?.name, values.get(field)]);

function describe({ name }: PostgresSource, { columns, values, tenantId: only }: Mapping): string {
  const parts = SOURCE_FIELDS.flatMap((field) => {
    if (values.has(field)) return [`${field} = ${values.get(field)!}`];
    return columns[field] === undefined ? [] : [`${field} from ${columns[field].name}`];
  });
  const whose =
    columns.tenantId === undefined
      ? `all for tenant ${only!}`
      : only === undefined
        ? 'each to its tenant'
        : `those of ${only}`;
  return `Rows of ${name}, ${whose}: ${parts.join(', ')}`;
}
