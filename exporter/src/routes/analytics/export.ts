/** `GET /export` streams a dataset. `POST /export` makes a file in the background, which `GET /export/{id}` tells of. */
import { Type } from 'typebox';
import { FORMATS, FORMAT_NAMES, type FormatName as Format, type Rows } from '../../exports/formats.js';
import { BOUNDS } from '../../exports/table.js';
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { MAX_STREAMS_A_TENANT } from '../../http/open-streams.js';
import { laterRoute, readRoute } from '../../http/route-options.js';
import { DATASET_NAMES, type DatasetName, DATASETS, exportRows } from '../../query/datasets/index.js';
import { resolveExecutionPeriod } from '../../query/executions/period.js';
import { Strict } from '../../schemas.js';
import { formatDate, MINUTE } from '../../time.js';
import { executionPeriodParameters } from '../shared/executions.js';
import {
  ExportAnswer,
  exportAnswer,
  ExportBody,
  ExportParams,
  exportRequest,
  EXPORTS_TAG,
  FormatName,
} from '../shared/exports.js';

const ExportQuery = Strict({
  dataset: Type.Optional(
    Type.Unsafe<DatasetName>(Type.String({ enum: DATASET_NAMES, default: 'executions' })),
  ),
  format: Type.Optional(FormatName),
  ...executionPeriodParameters,
});

const ROW_SCHEMA = { type: 'object', additionalProperties: true };
const ROW_FORMATS: Record<Format, object> = {
  csv: { type: 'string', description: 'A header and a line a row.' },
  json: { type: 'array', items: ROW_SCHEMA },
  ndjson: { type: 'string', description: 'A JSON object a line.' },
  parquet: { type: 'string', format: 'binary', description: 'Packed with gzip; lists are JSON texts.' },
};
/** The answer by content type, for the document. */
const ANSWER: object = {
  description: 'The rows in the format that was asked for.',
  content: Object.fromEntries(
    FORMAT_NAMES.map((format) => [FORMATS[format].type.split(';')[0], { schema: ROW_FORMATS[format] }]),
  ),
};

const CSV =
  'In CSV a list is one cell with its items separated by `;`, and a cell that a spreadsheet would run as a formula begins ' +
  'with an apostrophe, as does such a part of a cell after `;`, tab, `|` or a line break. ';

export default function routes(app: App, context: RouteContext): void {
  const { now, services } = context;
  const { exports } = services;
  streamed(app, context);

  app.post(
    '/export',
    laterRoute({
      summary: 'Exports datasets or metrics to a file, in the background',
      description:
        'Answers at once; `GET /export/{id}` says how far it is, and has the link when it is done. Several tables are one ' +
        `zip. ${CSV}Of a tenant, ${BOUNDS.running} is made at a time, at most ${BOUNDS.pending} wait, and at most ` +
        `${BOUNDS.kept} with ${BOUNDS.bytes / 1024 ** 3} GiB are kept, each until its link ends.`,
      tag: EXPORTS_TAG,
      body: ExportBody,
      answer: ExportAnswer,
      errors: ['INVALID_DATE_RANGE'],
    }),
    async (request, reply) => {
      const tenant = tenantOf(request);
      const job = await exports.create(tenant, exportRequest(tenant, request.body, now()));
      reply.code(202);
      return exportAnswer(exports, job, request);
    },
  );

  app.get(
    '/export/:id',
    readRoute({
      summary: 'How far an export is, and its link',
      description: 'It can be asked for until its link has ended.',
      tag: EXPORTS_TAG,
      params: ExportParams,
      answer: ExportAnswer,
      errors: ['NOT_FOUND'],
    }),
    async (request) => {
      const job = await exports.find(tenantOf(request), request.params.id.toLowerCase());
      return exportAnswer(exports, job, request);
    },
  );
}

function streamed(app: App, { now, config, streams }: RouteContext): void {
  const options = readRoute({
    summary: 'Exports a dataset',
    description:
      'Streamed, in constant memory for any number of rows. `daily` has executions by day, `usage` events by day, `costs` all ' +
      `costs by day and agent; the period applies to every dataset. ${CSV}` +
      `At most ${MAX_STREAMS_A_TENANT} exports of a tenant are open at a time, and one that is not read for 30 seconds is ` +
      'ended.',
    tag: EXPORTS_TAG,
    querystring: ExportQuery,
    answer: Type.String(),
    errors: ['INVALID_DATE_RANGE'],
  });
  const { response } = options.schema;
  const described = { ...options, schema: { ...options.schema, response: { ...response, 200: ANSWER } } };
  app.addHook('preClose', async () => streams.close());
  app.get('/export', described, async (request, reply) => {
    const { dataset = 'executions', format = 'csv', ...period } = request.query;
    const at = now();
    const { range } = resolveExecutionPeriod(period, at);
    const name = `${dataset}_${formatDate(range.from)}_${formatDate(range.to - 1)}.${format}`;
    const tenant = tenantOf(request);
    const end = streams.begin(tenant);
    const idleSince = at - config.sessionIdleMinutes * MINUTE;
    // A HEAD request needs no rows; without this every page would be read and thrown away.
    const rows =
      request.method === 'HEAD'
        ? noRows()
        : exportRows(request.reader.withoutTurn, tenant, dataset, { range, idleSince });
    // The first page is read before the headers are sent, so that an error still becomes a status.
    const first = await rows.next().catch((error: unknown) => {
      end();
      throw error;
    });
    const chunks = FORMATS[format].write(DATASETS[dataset].columns, joined(first, rows));
    const stream = streams.open(chunks, reply, end);
    void reply
      .type(FORMATS[format].type)
      .header('content-disposition', `attachment; filename="${name}"`)
      // The schema describes a string, for the document; the stream is sent as it is.
      .serializer((payload: unknown) => payload as string);
    return stream as unknown as string;
  });
}

type Page = Rows extends AsyncIterable<infer P> ? P : never;

async function* noRows(): AsyncGenerator<Page> {
  yield* [];
}

async function* joined(
  first: IteratorResult<Page, unknown>,
  rest: AsyncGenerator<Page>,
): AsyncGenerator<Page> {
  if (first.done === true) return;
  yield first.value;
  yield* rest;
}
