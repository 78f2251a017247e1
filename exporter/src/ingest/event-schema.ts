/** The wire form of an event: documentation, and the list of known fields. */
import { Type } from 'typebox';
import { METRIC_TYPES } from '../catalog/index.js';
import { ID_PATTERN } from '../ids.js';

/** Limits of one request. */
export const MAX_EVENTS = 10_000;
export const MAX_BODY_BYTES = 16 * 1024 * 1024;

export const MAX_COUNT = 2_147_483_647;
export const MAX_DURATION_MS = 1e12;
export const MAX_NAME_LENGTH = 256;
export const MAX_ENDPOINT_LENGTH = 2048;
/** How far ahead of the service's clock an event may lie, in milliseconds. */
export const MAX_AHEAD = 5 * 60_000;

const id = { pattern: ID_PATTERN };
const nullable = <T extends object>(schema: T) => Type.Union([schema as never, Type.Null()]);

export const EventSchema = Type.Object(
  {
    id: Type.Optional(
      Type.String({
        format: 'uuid',
        description: 'Makes resending harmless; wants occurredAt. Default: a new one.',
      }),
    ),
    occurredAt: Type.Optional(Type.String({ format: 'date-time', description: 'RFC 3339. Default: now.' })),
    agentId: Type.Optional(nullable(Type.String({ ...id, description: "Null: the tenant's own event." }))),
    agentName: Type.Optional(
      nullable(Type.String({ maxLength: MAX_NAME_LENGTH, description: 'Renames the agent.' })),
    ),
    metricType: Type.String({ enum: Object.keys(METRIC_TYPES) }),
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_COUNT, default: 1 })),
    endpoint: Type.Optional(
      nullable(
        Type.String({
          minLength: 1,
          maxLength: MAX_ENDPOINT_LENGTH,
          description: 'Such as "GET /agents/17?x=1"; ids and query string are taken off.',
        }),
      ),
    ),
    status: Type.Optional(nullable(Type.Integer({ minimum: 100, maximum: 599 }))),
    durationMs: Type.Optional(nullable(Type.Number({ minimum: 0, maximum: MAX_DURATION_MS }))),
    userId: Type.Optional(nullable(Type.String(id))),
  },
  { additionalProperties: false },
);

export const EVENT_FIELDS: ReadonlySet<string> = new Set(Object.keys(EventSchema.properties));
