/** `/reports/{id}/runs`: the runs that are kept of a report, each as JSON, HTML or CSV. */
import { Type } from 'typebox';
import { AppError } from '../../../errors.js';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { readRoute } from '../../../http/route-options.js';
import { MAX_RUNS, RUN_DAYS } from '../../../reports/bounds.js';
import { ContentSchema } from '../../../reports/content.js';
import { csvOf } from '../../../reports/csv.js';
import { getRun, listRuns } from '../../../reports/runs.js';
import { Nullable, Strict } from '../../../schemas.js';
import { Cursor, NextPage } from '../../shared/cursors.js';
import {
  DEFAULT_PAGE,
  HTML_HEADERS,
  pageParameters,
  reportParams,
  Run,
  runParams,
  RunSchema,
  tag,
} from '../../shared/reports.js';

const FORMATS = ['json', 'html', 'csv'] as const;
const RunWithReport = Strict({ ...RunSchema, report: Nullable(ContentSchema) });

export default function routes(app: App, { services: { reports, reportRenderer } }: RouteContext): void {
  app.get(
    '/reports/:id/runs',
    readRoute({
      summary: 'Runs of a report, the latest first',
      description: `The latest ${MAX_RUNS} of a report are kept, for ${RUN_DAYS} days.`,
      tag,
      params: Strict(reportParams),
      querystring: Strict({ ...pageParameters, cursor: Cursor }),
      answer: Strict({ runs: Type.Array(Run), next_cursor: NextPage }),
      errors: ['NOT_FOUND'],
    }),
    async (request) => {
      const { limit = DEFAULT_PAGE, cursor } = request.query;
      const tenant = tenantOf(request);
      const { id } = await reports.get(request.reader, tenant, request.params.id.toLowerCase());
      return listRuns(request.reader, tenant, id, { limit, cursor });
    },
  );

  const options = readRoute({
    summary: 'One run of a report',
    description:
      'As JSON, HTML or CSV. HTML and CSV are there once the run is done. In CSV, a cell that a spreadsheet would run as a ' +
      'formula begins with an apostrophe.',
    tag,
    params: Strict(runParams),
    querystring: Strict({
      format: Type.Optional(Type.String({ enum: [...FORMATS], default: 'json' })),
    }),
    answer: RunWithReport,
    errors: ['NOT_FOUND', 'CONFLICT'],
  });
  const { response } = options.schema;
  const described: object = {
    description: 'The run in the format that was asked for.',
    content: {
      'application/json': { schema: RunWithReport },
      'text/html': { schema: { type: 'string' } },
      'text/csv': { schema: { type: 'string', description: 'A header and a line a figure.' } },
    },
  };
  app.get(
    '/reports/:id/runs/:run',
    { ...options, schema: { ...options.schema, response: { ...response, 200: described } } },
    async (request, reply) => {
      const { format = 'json' } = request.query;
      const { id, run: runId } = request.params;
      const run = await getRun(request.reader, tenantOf(request), id.toLowerCase(), runId.toLowerCase());
      if (format === 'json') return run;
      const { report, status, error } = run;
      if (report === null)
        throw new AppError(
          'CONFLICT',
          status === 'failed'
            ? `the run has failed: ${error ?? 'unknown'}`
            : `the run is ${status}; ask again when it is done`,
        );
      // The schema describes an object, for JSON; a text is sent as it is.
      void reply.serializer((payload: unknown) => payload as string);
      if (format === 'html') {
        void reply.headers(HTML_HEADERS);
        return (await reportRenderer.page(report)) as never;
      }
      const { first_day, last_day } = report.period;
      void reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="report_${first_day}_${last_day}.csv"`);
      return csvOf(report) as never;
    },
  );
}
