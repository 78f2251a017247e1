/** `GET /audit`: who changed prices, budgets and tiers. */
import { Type } from 'typebox';
import { type App, type RouteContext, tenantOf } from '../../http/context.js';
import { adminRoute } from '../../http/route-options.js';
import { encodeCursor } from '../../query/reports/cursor.js';
import { Nullable, Strict, TimeText } from '../../schemas.js';
import {
  AUDIT_ACTIONS,
  AUDIT_RESOURCES,
  AUDIT_SOURCES,
  MAX_AUDIT_ROWS,
  readAudit,
} from '../../tenants/audit.js';
import { Cursor, idOf, NextPage } from '../shared/cursors.js';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;

const action = Type.String({ enum: [...AUDIT_ACTIONS] });
const resource = Type.String({ enum: [...AUDIT_RESOURCES] });
const Settings = (description: string) =>
  Nullable(Type.Object({}, { additionalProperties: true, description }));

const AuditParameters = Strict({
  action: Type.Optional(action),
  resource: Type.Optional(resource),
  resource_id: Type.Optional(
    Type.String({ minLength: 1, maxLength: 128, description: 'Id of the resource.' }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT })),
  cursor: Cursor,
});

const Answer = Strict({
  entries: Type.Array(
    Strict({
      id: Type.String({ format: 'uuid' }),
      at: TimeText('When it was changed.'),
      subject: Type.String({ description: "The token's subject, or the user of the command line." }),
      via: Type.String({ enum: [...AUDIT_SOURCES] }),
      action,
      resource,
      resource_id: Type.String(),
      before: Settings('As it was; null if it was created.'),
      after: Settings('As it is since then; null if it was deleted.'),
    }),
  ),
  next_cursor: NextPage,
});

export default function routes(app: App, _context: RouteContext): void {
  app.get(
    '/audit',
    adminRoute({
      summary: 'Changes of prices, budgets and tiers, newest first',
      description: `Kept for 400 days, and at most the latest ${MAX_AUDIT_ROWS} per tenant.`,
      tag: 'Operations',
      querystring: AuditParameters,
      answers: { 200: Answer },
    }),
    async (request) => {
      const { resource_id: resourceId, limit = DEFAULT_LIMIT, cursor, ...filters } = request.query;
      const beforeId = cursor === undefined ? undefined : idOf(cursor);
      const query = { ...filters, resourceId, beforeId, limit };
      const { rows: entries, more } = await readAudit(request.reader, tenantOf(request), query);
      return { entries, next_cursor: more ? encodeCursor([entries.at(-1)!.id]) : null };
    },
  );
}
