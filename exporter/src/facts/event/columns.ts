/** The columns of usage events. */
import { column, factTable } from '../column.js';
import { integer, MAX_NAME_LENGTH, smallint } from '../types.js';
import { METRIC_TYPES, type MetricType } from './metric-types.js';
import { id, milliseconds, oneOf, text, time, uuid, wholeNumber } from './types.js';

const MAX_COUNT = 2_147_483_647;
const MAX_DURATION_MS = 1e12;
export const MAX_ENDPOINT_LENGTH = 2048;

export const EVENT = factTable('usage_events', {
  id: column(uuid, {
    column: 'event_id',
    made: true,
    notNull: true,
    accepted: 'Makes retries safe. One that is not a UUIDv7 requires occurredAt. Default: a new id.',
  }),
  occurredAt: column(time, {
    column: 'occurred_at',
    made: true,
    notNull: true,
    accepted: 'RFC 3339. Default: the time of an id that is a UUIDv7, otherwise now.',
  }),
  agentId: column(id, { column: 'agent_id', accepted: 'Null for an event of the tenant itself.' }),
  agentName: column(text({ maxLength: MAX_NAME_LENGTH }), {
    transient: true,
    accepted: 'Renames the agent.',
  }),
  metricType: column(oneOf(Object.keys(METRIC_TYPES) as MetricType[]), {
    column: 'metric_type',
    required: true,
    accepted: true,
  }),
  count: column(wholeNumber(integer, { minimum: 1, maximum: MAX_COUNT }), {
    absent: 1,
    notNull: true,
    accepted: true,
  }),
  endpoint: column(text({ minLength: 1, maxLength: MAX_ENDPOINT_LENGTH }), {
    accepted: 'Such as "GET /agents/17?x=1"; ids and the query string are removed.',
  }),
  status: column(wholeNumber(smallint, { minimum: 100, maximum: 599 }), {
    column: 'status_code',
    accepted: true,
  }),
  durationMs: column(milliseconds({ minimum: 0, maximum: MAX_DURATION_MS }), {
    column: 'duration_ms',
    accepted: true,
  }),
  userId: column(id, { column: 'user_id', accepted: true }),
  userName: column(text({ maxLength: MAX_NAME_LENGTH }), { transient: true, accepted: 'Renames the user.' }),
  environment: column(text({ minLength: 1, maxLength: MAX_NAME_LENGTH }), {
    accepted: 'Deployment environment, such as `production`.',
  }),
});
