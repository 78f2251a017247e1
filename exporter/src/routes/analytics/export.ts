/** `GET /export`: a dataset as CSV, JSON or NDJSON, streamed. */
import { stringify } from 'csv-stringify/sync';
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { MAX_STREAMS_A_TENANT } from '../../http/open-streams.js';
import { readRoute } from '../../http/route-options.js';
import { plainNumber } from '../../money.js';
import { DATASET_NAMES, type DatasetName, DATASETS, exportRows } from '../../query/executions/export.js';
import { resolveExecutionPeriod } from '../../query/executions/period.js';
import { Strict } from '../../schemas.js';
import { formatDate } from '../../time.js';
import { defused } from '../../csv-cells.js';
import { executionPeriodParameters } from '../shared/executions.js';

const FORMATS = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
} as const;
type Format = keyof typeof FORMATS;

const ExportQuery = Strict({
  dataset: Type.Optional(Type.String({ enum: DATASET_NAMES, default: 'executions' })),
  format: Type.Optional(Type.String({ enum: Object.keys(FORMATS), default: 'csv' })),
  ...executionPeriodParameters,
});

const ROW_SCHEMA = { type: 'object', additionalProperties: true };
const ROW_FORMATS: Record<Format, object> = {
  csv: { type: 'string', description: 'A header and a line a row.' },
  json: { type: 'array', items: ROW_SCHEMA },
  ndjson: { type: 'string', description: 'A JSON object a line.' },
};
/** The answer by content type, for the document. */
const ANSWER: object = {
  description: 'The rows in the format that was asked for.',
  content: Object.fromEntries(
    Object.entries(FORMATS).map(([format, type]) => [
      type.split(';')[0],
      { schema: ROW_FORMATS[format as Format] },
    ]),
  ),
};

type Rows = AsyncGenerator<Record<string, unknown>[]>;

export default function routes(app: App, { now, streams }: RouteContext): void {
  const options = readRoute({
    summary: 'Exports a dataset',
    description:
      'Streamed, in constant memory for any number of rows. `daily` has executions by day, `usage` events by day; the period ' +
      'applies to every dataset. In CSV a list is one cell with its items separated by `;`, and a cell that a spreadsheet ' +
      'would run as a formula begins with an apostrophe, as does such a part of a cell after `;`, tab, `|` or a line break. ' +
      `At most ${MAX_STREAMS_A_TENANT} exports of a tenant are open at a time, and one that is not read for 30 seconds is ` +
      'ended.',
    tag: 'Executions and cost',
    querystring: ExportQuery,
    answer: Type.String(),
    errors: ['INVALID_DATE_RANGE'],
  });
  const { response } = options.schema;
  const described = { ...options, schema: { ...options.schema, response: { ...response, 200: ANSWER } } };
  app.addHook('preClose', async () => streams.close());
  app.get('/export', described, async (request, reply) => {
    const { dataset = 'executions', format = 'csv', ...period } = request.query;
    const { range } = resolveExecutionPeriod(period, now());
    const name = `${dataset}_${formatDate(range.from)}_${formatDate(range.to - 1)}.${format}`;
    const tenant = tenantOf(request);
    const end = streams.begin(tenant);
    // A HEAD request needs no rows; without this every page would be read and thrown away.
    const rows =
      request.method === 'HEAD'
        ? noRows()
        : exportRows(request.reader.withoutTurn, tenant, dataset as DatasetName, range);
    // The first page is read before the headers are sent, so that an error still becomes a status.
    const first = await rows.next().catch((error: unknown) => {
      end();
      throw error;
    });
    const texts = WRITERS[format as Format](dataset as DatasetName, joined(first, rows));
    const stream = streams.open(texts, reply, end);
    void reply
      .type(FORMATS[format as Format])
      .header('content-disposition', `attachment; filename="${name}"`)
      // The schema describes a string, for the document; the stream is sent as it is.
      .serializer((payload: unknown) => payload as string);
    return stream as unknown as string;
  });
}

async function* noRows(): Rows {
  yield* [];
}

async function* joined(first: IteratorResult<Record<string, unknown>[], unknown>, rest: Rows): Rows {
  if (first.done === true) return;
  yield first.value;
  yield* rest;
}

/** A list as one cell. */
const joinedCell = (list: object): string => defused((list as readonly string[]).join(';'));

/** Write a dataset in a format, one chunk of text for each page of rows. */
const WRITERS: Record<Format, (dataset: DatasetName, rows: Rows) => AsyncGenerator<string>> = {
  csv: async function* (dataset, rows) {
    const options = {
      columns: [...DATASETS[dataset].columns],
      cast: { object: joinedCell, number: plainNumber, string: defused },
    };
    yield stringify([], { ...options, header: true });
    for await (const page of rows) yield stringify(page, options);
  },
  json: async function* (_dataset, rows) {
    let opened = false;
    for await (const page of rows) {
      yield (opened ? ',\n' : '[\n') + page.map((row) => JSON.stringify(row)).join(',\n');
      opened = true;
    }
    yield opened ? '\n]\n' : '[]\n';
  },
  ndjson: async function* (_dataset, rows) {
    for await (const page of rows) yield page.map((row) => `${JSON.stringify(row)}\n`).join('');
  },
};
