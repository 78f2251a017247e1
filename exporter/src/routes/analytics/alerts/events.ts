/** `/alerts/{id}/events` and `/alerts/events`: changes of states. */
import { Type } from 'typebox';
import { listEvents } from '../../../alerts/events.js';
import { MAX_EVENTS } from '../../../alerts/store.js';
import { AppError } from '../../../errors.js';
import { type App, type RouteContext, tenantOf } from '../../../http/context.js';
import { readRoute } from '../../../http/route-options.js';
import { pageOf } from '../../../query/reports/cursor.js';
import { Strict, TimeText } from '../../../schemas.js';
import { parseTime, TIME_WANTED } from '../../../time.js';
import { AlertParams, alertState, labels, samples, settings, value } from '../../shared/alerts.js';
import { Cursor, idOf, NextPage } from '../../shared/cursors.js';

const tag = 'Alerts';
const DEFAULT_LIMIT = 100;

const time = (description: string) => Type.Optional(Type.String({ maxLength: 64, description }));
const parameters = {
  from: time('Only events at this RFC 3339 time or later.'),
  to: time('Only events before this RFC 3339 time.'),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: DEFAULT_LIMIT })),
  cursor: Cursor,
};
const Events = Strict({
  events: Type.Array(
    Strict({
      id: Type.String(),
      alert_id: Type.String(),
      alert_name: settings.name,
      severity: settings.severity,
      at: TimeText('End of the window in which the state changed.'),
      from: alertState,
      to: alertState,
      value,
      samples,
      labels,
    }),
  ),
  next_cursor: NextPage,
});

interface Query {
  from?: string;
  to?: string;
  limit?: number;
  cursor?: string;
}

/** @throws AppError INVALID_DATE_RANGE */
function timeOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const at = parseTime(text);
  if (at === undefined) throw new AppError('INVALID_DATE_RANGE', `${name} must be ${TIME_WANTED}`);
  return at;
}

export default function routes(app: App, { services: { alerts } }: RouteContext): void {
  const pageFor = async (
    pool: Parameters<typeof listEvents>[0],
    tenantId: string,
    { from, to, limit = DEFAULT_LIMIT, cursor }: Query,
    ruleId?: string,
  ) => {
    const found = await listEvents(pool, tenantId, {
      ruleId,
      from: timeOf('from', from),
      to: timeOf('to', to),
      beforeId: cursor === undefined ? undefined : idOf(cursor),
      limit,
    });
    const { rows, nextCursor } = pageOf(found, limit, ({ id }) => [id]);
    return { events: rows, next_cursor: nextCursor ?? null };
  };

  app.get(
    '/alerts/:id/events',
    readRoute({
      summary: 'Changes of the state of an alert and its groups, newest first',
      description: `At most the latest ${MAX_EVENTS} of an alert are kept, for 400 days.`,
      tag,
      params: AlertParams,
      querystring: Strict(parameters),
      answer: Events,
      errors: ['NOT_FOUND', 'INVALID_DATE_RANGE'],
    }),
    async (request) => {
      const tenant = tenantOf(request);
      const { id } = await alerts.get(request.reader, tenant, request.params.id.toLowerCase());
      return pageFor(request.reader, tenant, request.query, id);
    },
  );

  app.get(
    '/alerts/events',
    readRoute({
      summary: 'Changes of the states of all alerts, newest first',
      tag,
      querystring: Strict(parameters),
      answer: Events,
      errors: ['INVALID_DATE_RANGE'],
    }),
    (request) => pageFor(request.reader, tenantOf(request), request.query),
  );
}
