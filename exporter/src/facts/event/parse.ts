/** The events of a request, each checked. */
import { uuidv7 } from '../../ids.js';
import type { ColumnType, Fact, NamedColumn, Sent } from '../column.js';
import { sentReader } from '../record.js';
import { type Bounds, invalid, parseAll, type Rejection, within } from '../refusal.js';
import { EVENT } from './columns.js';
import type { CheckedType } from './types.js';

export type UsageEvent = Fact<typeof EVENT.columns>;

type Check<Value> = Pick<CheckedType<unknown, Value, unknown, unknown>, 'read' | 'wanted'>;

/** Reads a value, or refuses it. */
const reader =
  <Value>(field: string, { read, wanted }: Check<Value>) =>
  (sent: unknown): Value => {
    const value = read(sent);
    if (value === undefined) throw invalid(`${field} must be ${wanted}`);
    return value;
  };

function columnReader({ wire, type }: NamedColumn): (sent: unknown) => unknown {
  if (!isChecked(type)) throw new Error(`the type of ${wire} does not check what is sent`);
  return reader(wire, type);
}

const isChecked = (type: ColumnType): type is CheckedType<unknown, unknown, unknown, unknown> =>
  'read' in type;

const { id, occurredAt } = EVENT.columns;
const readId = reader('id', id.type);
const readTime = reader('occurredAt', occurredAt.type);
const readRest = sentReader(EVENT, ['id', 'occurredAt'], columnReader);

/** Splits a request's events into good ones and named rejections; never throws for a bad event. */
export function parseEvents(
  raw: readonly unknown[],
  bounds: Bounds,
): { events: UsageEvent[]; rejected: Rejection[] } {
  const { parsed, rejected } = parseAll(raw, (item) => parseEvent(item, bounds));
  return { events: parsed, rejected };
}

const FIELDS: ReadonlySet<string> = new Set(EVENT.all.map(({ wire }) => wire));

function parseEvent(raw: unknown, bounds: Bounds): UsageEvent {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    throw invalid('an event must be an object');
  for (const field in raw) {
    if (!FIELDS.has(field)) {
      throw invalid(`unknown field "${field.slice(0, 64)}"; known are ${[...FIELDS].join(', ')}`);
    }
  }
  // Its fields are still to be checked, each by its reader.
  const sent = raw as Sent<typeof EVENT.columns>;
  const event = { id: idOf(sent), occurredAt: timeOf(sent, bounds), ...readRest(sent) };
  if (event.agentId === null || event.agentName === '') event.agentName = null;
  return event;
}

function idOf({ id, occurredAt }: { id?: unknown; occurredAt?: unknown }): string {
  if (id === undefined) return uuidv7();
  const known = readId(id);
  if (occurredAt === undefined) {
    throw invalid('an id needs occurredAt: sent again without it, the event could not be recognised');
  }
  return known;
}

function timeOf({ occurredAt }: { occurredAt?: unknown }, bounds: Bounds): number {
  return occurredAt === undefined ? bounds.now : within('EVENT', 'occurredAt', readTime(occurredAt), bounds);
}
