/** `import postgres`: imports the usage table of an identity provider incrementally. */
import { Command, InvalidArgumentError } from 'commander';
import { advanceWatermark, readWatermark } from '../db/watermarks.js';
import { isId } from '../ids.js';
import { mapColumns, type Mapping, SOURCE_FIELDS } from '../ingest/postgres-columns.js';
import { PostgresSource } from '../ingest/postgres-source.js';
import { EventStream } from '../ingest/stream.js';
import { HOUR } from '../time.js';
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
    .addHelpText(
      'after',
      `
Columns are found by common names (id, organization_id or tenant_id, agent_id, metric_type, count, occurred_at,
created_at or date, endpoint, status_code, duration_ms, user_id, …). The table is read in order of time, and the position
is stored, so that the next import continues there. Each row is imported once: nothing is counted twice, but later changes
of a row are not imported. From a table of daily counts, only completed days are imported. Times without a time zone are
UTC; durations are in milliseconds.
${EXIT_CODES}

Example:
  agentidp-analytics import postgres --url postgres://reader@db/identity --table usage_events --tenant acme`,
    )
    .action(async (options: PostgresOptions) => {
      await withSession(async (session) => finishImport(session, await importTable(session, options)));
    });
}

function postgresUrl(text: string): string {
  // The value may contain a password, so the message does not repeat it.
  if (URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol)) return text;
  throw new InvalidArgumentError('It must begin with postgres://.');
}

async function importTable(session: Session, options: PostgresOptions): Promise<ImportResult> {
  const source = await PostgresSource.open(options.url, options.table);
  try {
    const columns = new Map(options.column);
    if (options.tenantColumn !== undefined) columns.set('tenantId', options.tenantColumn);
    const mapping = mapColumns(source.columns, { columns, values: options.set, tenantId: options.tenant });
    process.stderr.write(`${describe(source, mapping)}\n`);
    if (source.isSlow(mapping)) {
      process.stderr.write(
        `No index begins with ${mapping.time.name}, so every page requires a scan of the whole table.\n`,
      );
    }
    return await copyRows(session, source, mapping, options);
  } finally {
    await source.close();
  }
}

async function copyRows(
  { pool, services, signal }: Session,
  source: PostgresSource,
  mapping: Mapping,
  { overlapHours, fromStart }: PostgresOptions,
): Promise<ImportResult> {
  const position = positionName(source, mapping);
  const last = fromStart === true ? undefined : await readWatermark(pool, position);
  const from = last === undefined ? undefined : last - overlapHours * HOUR;
  const report = new ImportReport('row');
  const progress = startProgress('Importing', from === undefined ? source.estimate : undefined);
  const stream = new EventStream(services.ingest, {
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
    if (reached !== undefined) await advanceWatermark(pool, position, reached);
  };
  try {
    for await (const { rows, until } of source.pages(mapping, from, Date.now())) {
      for (const row of rows) {
        report.read += 1;
        if (isId(row.tenantId)) await stream.add(row.tenantId, row.event, row.key);
        else report.addBroken(`row ${row.key}`, 'has no valid tenant');
      }
      reached = until;
      pages += 1;
      if (pages % RECORD_EVERY === 0) await record();
      if (signal.aborted) break;
    }
    await record();
    const droppedBefore = await services.partitions.droppedBefore();
    return { report, totals: { ...stream.totals }, droppedBefore };
  } finally {
    progress.stop();
  }
}

/** The position is stored per tenant if only that tenant's rows are imported. */
const positionName = ({ name }: PostgresSource, { columns, tenantId: only }: Mapping): string =>
  `import:postgres:${name}${only === undefined ? '' : `:${columns.tenantId === undefined ? 'as' : 'of'}:${only}`}`;

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
