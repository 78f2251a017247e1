/** `/alerts`: rules over metrics, with their state. */
import { Type } from 'typebox';
import { ALERT_STATES, MAX_ALERTS, MAX_GROUPS } from '../../alerts/rule.js';
import { listRules, readInstances } from '../../alerts/store.js';
import { type App, authorOf, type RouteContext, tenantOf } from '../../http/context.js';
import { adminRoute, readRoute } from '../../http/route-options.js';
import { encodeCursor } from '../../query/reports/cursor.js';
import { Strict } from '../../schemas.js';
import {
  Alert,
  alert,
  AlertParams,
  ChangedAlertBody,
  inputOf,
  instances,
  instanceView,
  newAlertOf,
  NewAlertBody,
  viewOf,
} from '../shared/alerts.js';
import { Cursor, idOf, NextPage } from '../shared/cursors.js';
import { Deleted } from '../shared/deleted.js';

const tag = 'Alerts';
const DEFAULT_LIMIT = 100;

export default function routes(app: App, { services: { alerts } }: RouteContext): void {
  app.get(
    '/alerts',
    readRoute({
      summary: 'Alerts with their state, oldest first',
      tag,
      querystring: Strict({
        state: Type.Optional(Type.String({ enum: [...ALERT_STATES] })),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_ALERTS, default: DEFAULT_LIMIT })),
        cursor: Cursor,
      }),
      answer: Strict({ alerts: Type.Array(Alert), next_cursor: NextPage }),
    }),
    async (request) => {
      const { state, limit = DEFAULT_LIMIT, cursor } = request.query;
      const after = cursor === undefined ? undefined : idOf(cursor);
      const { rows, more } = await listRules(request.reader, tenantOf(request), { state, after, limit });
      return { alerts: rows.map(viewOf), next_cursor: more ? encodeCursor([rows.at(-1)!.id]) : null };
    },
  );

  app.post(
    '/alerts',
    adminRoute({
      summary: 'Creates an alert',
      description:
        `At most ${MAX_ALERTS} per tenant. It is evaluated with every rollup over whole minutes. ` +
        `With \`group_by\`, the ${MAX_GROUPS} most relevant groups are evaluated. ` +
        'A rate, mean or percentile of nothing is no data, and fires only `no_data`.',
      tag,
      body: NewAlertBody,
      answers: { 201: Alert },
      errors: ['CONFLICT'],
    }),
    async (request, reply) => {
      const made = await alerts.create(tenantOf(request), newAlertOf(request.body), authorOf(request));
      reply.code(201);
      return viewOf(made);
    },
  );

  app.get(
    '/alerts/:id',
    readRoute({
      summary: 'One alert with its groups that are not ok',
      tag,
      params: AlertParams,
      answer: Strict({ ...alert, instances }),
      errors: ['NOT_FOUND'],
    }),
    async (request) => {
      const tenant = tenantOf(request);
      const id = request.params.id.toLowerCase();
      const found = await alerts.get(request.reader, tenant, id);
      const known = (await readInstances(request.reader, tenant, [id])).get(id) ?? [];
      return { ...viewOf(found), instances: known.map(instanceView) };
    },
  );

  app.patch(
    '/alerts/:id',
    adminRoute({
      summary: 'Changes an alert',
      description:
        'Fields that are left out keep their values; `condition` is replaced as a whole. Unless only `for`, `repeat_interval` ' +
        'or the message is changed, the alert begins anew: if it was firing, it is resolved.',
      tag,
      params: AlertParams,
      body: ChangedAlertBody,
      answers: { 200: Alert },
      errors: ['NOT_FOUND'],
    }),
    async (request) =>
      viewOf(
        await alerts.change(
          tenantOf(request),
          request.params.id.toLowerCase(),
          inputOf(request.body),
          authorOf(request),
        ),
      ),
  );

  app.delete(
    '/alerts/:id',
    adminRoute({
      summary: 'Deletes an alert with its events',
      description: 'If it was firing, it is resolved.',
      tag,
      params: AlertParams,
      answers: { 204: Deleted },
      errors: ['NOT_FOUND'],
    }),
    async (request, reply) => {
      await alerts.delete(tenantOf(request), request.params.id.toLowerCase(), authorOf(request));
      reply.code(204);
      return null;
    },
  );
}
