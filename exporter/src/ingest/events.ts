/** One event of a request: checked by hand, because this runs for every event that ever comes in. */
import { METRIC_TYPES, type MetricType } from '../catalog/index.js';
import { isId, isUuid, uuidv7 } from '../ids.js';
import { parseTime, TIME_WANTED } from '../time.js';
import {
  EVENT_FIELDS,
  MAX_COUNT,
  MAX_DURATION_MS,
  MAX_ENDPOINT_LENGTH,
  MAX_NAME_LENGTH,
} from './event-schema.js';
import { type Bounds, invalid, parseAll, type Rejection, within } from './refusal.js';

export interface UsageEvent {
  eventId: string;
  /** Milliseconds since the epoch. */
  occurredAt: number;
  agentId: string | null;
  agentName: string | null;
  metricType: MetricType;
  count: number;
  endpoint: string | null;
  status: number | null;
  durationMs: number | null;
  userId: string | null;
}

/** Splits a request's events into good ones and named rejections; never throws for a bad event. */
export function parseEvents(
  raw: readonly unknown[],
  bounds: Bounds,
): { events: UsageEvent[]; rejected: Rejection[] } {
  const { parsed, rejected } = parseAll(raw, (item) => parseEvent(item, bounds));
  return { events: parsed, rejected };
}

function parseEvent(raw: unknown, bounds: Bounds): UsageEvent {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    throw invalid('an event must be an object');
  const event = raw as Record<string, unknown>;
  for (const field in event) {
    if (!EVENT_FIELDS.has(field)) {
      throw invalid(`unknown field "${field.slice(0, 64)}"; known are ${[...EVENT_FIELDS].join(', ')}`);
    }
  }
  return {
    eventId: eventId(event),
    occurredAt: occurredAt(event.occurredAt, bounds),
    agentId: optionalId(event.agentId, 'agentId'),
    agentName: agentName(event),
    metricType: metricType(event.metricType),
    count: count(event.count),
    endpoint: endpoint(event.endpoint),
    status: status(event.status),
    durationMs: duration(event.durationMs),
    userId: optionalId(event.userId, 'userId'),
  };
}

function eventId(event: Record<string, unknown>): string {
  if (event.id === undefined) return uuidv7();
  if (!isUuid(event.id)) throw invalid('id must be a UUID such as 01890a5d-ac96-774b-bcce-b302099a8057');
  if (event.occurredAt === undefined) {
    throw invalid('an id needs occurredAt: sent again without it, the event could not be recognised');
  }
  return event.id.toLowerCase();
}

function occurredAt(value: unknown, bounds: Bounds): number {
  if (value === undefined) return bounds.now;
  const time = typeof value === 'string' ? parseTime(value) : undefined;
  if (time === undefined) throw invalid(`occurredAt must be ${TIME_WANTED}`);
  return within('EVENT', 'occurredAt', time, bounds);
}

function optionalId(value: unknown, field: string): string | null {
  if (value === undefined || value === null) return null;
  if (isId(value)) return value;
  throw invalid(`${field} must be 1 to 128 printable characters without white space, or null`);
}

function agentName({ agentName: value, agentId }: Record<string, unknown>): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string' || value.length > MAX_NAME_LENGTH || value.includes('\0')) {
    throw invalid(`agentName must be a string of at most ${MAX_NAME_LENGTH} characters, without U+0000`);
  }
  return agentId === undefined || agentId === null || value === '' ? null : value;
}

function metricType(value: unknown): MetricType {
  if (typeof value === 'string' && Object.hasOwn(METRIC_TYPES, value)) return value as MetricType;
  throw invalid(`metricType must be one of ${Object.keys(METRIC_TYPES).join(', ')}`);
}

function count(value: unknown): number {
  if (value === undefined) return 1;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_COUNT) return value;
  throw invalid(`count must be a whole number from 1 to ${MAX_COUNT}`);
}

function endpoint(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (
    typeof value === 'string' &&
    value !== '' &&
    value.length <= MAX_ENDPOINT_LENGTH &&
    !value.includes('\0')
  )
    return value;
  throw invalid(`endpoint must be a string of 1 to ${MAX_ENDPOINT_LENGTH} characters, without U+0000`);
}

function status(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 100 && value <= 599) return value;
  throw invalid('status must be a whole number from 100 to 599');
}

function duration(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && value >= 0 && value <= MAX_DURATION_MS) return value;
  throw invalid(`durationMs must be a number of milliseconds from 0 to ${MAX_DURATION_MS}`);
}
