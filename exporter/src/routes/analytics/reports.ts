/** `/reports`: what is reported, when, and to whom. */
import { Type } from 'typebox';
import { type App, authorOf, type RouteContext, tenantOf } from '../../http/context.js';
import { adminRoute, readRoute } from '../../http/route-options.js';
import { MAX_REPORTS } from '../../reports/bounds.js';
import { Strict } from '../../schemas.js';
import { Cursor, NextPage } from '../shared/cursors.js';
import { Deleted } from '../shared/deleted.js';
import {
  DEFAULT_PAGE,
  pageParameters,
  Report,
  ReportInputSchema,
  reportParams,
  tag,
} from '../shared/reports.js';

const params = Strict(reportParams);

export default function routes(app: App, { services: { reports } }: RouteContext): void {
  app.get(
    '/reports',
    readRoute({
      summary: 'Reports with their last run, the oldest first',
      tag,
      querystring: Strict({ ...pageParameters, cursor: Cursor }),
      answer: Strict({ reports: Type.Array(Report), next_cursor: NextPage }),
    }),
    async (request) => {
      const { limit = DEFAULT_PAGE, cursor } = request.query;
      return reports.list(request.reader, tenantOf(request), { limit, cursor });
    },
  );

  app.post(
    '/reports',
    adminRoute({
      summary: 'Creates a report',
      description: `At most ${MAX_REPORTS} per tenant. It needs a template or metrics.`,
      tag,
      body: ReportInputSchema,
      answers: { 201: Report },
      errors: ['CONFLICT'],
    }),
    async (request, reply) => {
      const made = await reports.create(tenantOf(request), request.body, authorOf(request));
      reply.code(201);
      return made;
    },
  );

  app.get(
    '/reports/:id',
    readRoute({ summary: 'One report', tag, params, answer: Report, errors: ['NOT_FOUND'] }),
    async (request) => reports.get(request.reader, tenantOf(request), request.params.id.toLowerCase()),
  );

  app.patch(
    '/reports/:id',
    adminRoute({
      summary: 'Changes a report',
      description: 'Fields that are left out keep their values; `filters` are replaced as a whole.',
      tag,
      params,
      body: ReportInputSchema,
      answers: { 200: Report },
      errors: ['NOT_FOUND'],
    }),
    async (request) =>
      reports.change(tenantOf(request), request.params.id.toLowerCase(), request.body, authorOf(request)),
  );

  app.delete(
    '/reports/:id',
    adminRoute({
      summary: 'Deletes a report with its runs',
      tag,
      params,
      answers: { 204: Deleted },
      errors: ['NOT_FOUND'],
    }),
    async (request, reply) => {
      await reports.delete(tenantOf(request), request.params.id.toLowerCase(), authorOf(request));
      reply.code(204);
      return null;
    },
  );
}
