/** `POST /reports/{id}/run`: a run now, beside those of the schedule. */
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { adminRoute } from '../../../http/route-options.js';
import { MAX_RUNS_AT_ONCE, MAX_WAITING_RUNS } from '../../../reports/bounds.js';
import { Strict } from '../../../schemas.js';
import { reportParams, Run, tag } from '../../shared/reports.js';

export default function routes(app: App, { services: { reportRunner } }: RouteContext): void {
  app.post(
    '/reports/:id/run',
    adminRoute({
      summary: 'Runs a report now, and sends it',
      description: `The run is of the last whole days. At most ${MAX_RUNS_AT_ONCE} runs of a tenant are at work at a time, and ${MAX_WAITING_RUNS} may wait.`,
      tag,
      params: Strict(reportParams),
      answers: { 202: Run },
      errors: ['NOT_FOUND', 'CONFLICT'],
    }),
    async (request, reply) => {
      const run = await reportRunner.ask(tenantOf(request), request.params.id.toLowerCase());
      reply.code(202);
      return run;
    },
  );
}
