/** The events of a request, each checked. */
import { timeOfUuid, uuidv7 } from '../../ids.js';
import type { ColumnType, Fact, NamedColumn } from '../column.js';
import { compileRecord, type Field } from '../compiled.js';
import { factColumns, sentField } from '../record.js';
import { type Bounds, invalid, parseAll, type Rejection, within } from '../refusal.js';
import { EVENT } from './columns.js';
import type { CheckedType } from './types.js';

export type UsageEvent = Fact<typeof EVENT.columns>;

const refuse = (field: string, { wanted }: { wanted: string }): never => {
  throw invalid(`${field} must be ${wanted}`);
};

const isChecked = (type: ColumnType): type is CheckedType<unknown, unknown, unknown, unknown> =>
  'read' in type;

function checkedField(column: NamedColumn): Field {
  const { wire, type } = column;
  if (!isChecked(type)) throw new Error(`the type of ${wire} does not check what is sent`);
  return { ...sentField(column), read: type.read, refuse: () => refuse(wire, type) };
}

/** Columns whose default is made here. */
const MADE = ['id', 'occurredAt'] as const;
type Made = Pick<UsageEvent, (typeof MADE)[number]>;

const readEvent = compileRecord<object, UsageEvent, Made>(factColumns(EVENT, MADE).map(checkedField), MADE);

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
      throw invalid(`unknown field "${field.slice(0, 64)}"; expected one of ${[...FIELDS].join(', ')}`);
    }
  }
  const event = readEvent(raw, { id: idOf(raw), occurredAt: timeOf(raw, bounds) });
  if (event.agentId === null || event.agentName === '') event.agentName = null;
  if (event.userId === null || event.userName === '') event.userName = null;
  return event;
}

interface SentParts {
  id?: unknown;
  occurredAt?: unknown;
}

const { id: ID, occurredAt: OCCURRED_AT } = EVENT.columns;

function idOf({ id, occurredAt }: SentParts): string {
  if (id === undefined) return uuidv7();
  const read = ID.type.read(id) ?? refuse('id', ID.type);
  if (occurredAt === undefined && timeOfUuid(read) === undefined) {
    throw invalid(
      'an id that is not a UUIDv7 needs occurredAt: sent again without it, the event could not be recognised',
    );
  }
  return read;
}

function timeOf({ id, occurredAt }: SentParts, bounds: Bounds): number {
  if (occurredAt === undefined) {
    const time = typeof id === 'string' ? timeOfUuid(id) : undefined;
    return time === undefined ? bounds.now : within('EVENT', 'the time of the id', time, bounds);
  }
  const read = OCCURRED_AT.type.read(occurredAt) ?? refuse('occurredAt', OCCURRED_AT.type);
  return within('EVENT', 'occurredAt', read, bounds);
}
