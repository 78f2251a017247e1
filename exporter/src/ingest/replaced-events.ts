/**
 * Imported events that replace what the same lines or rows became before. Removing the stored events and writing the new
 * ones is one transaction: at no moment is an event missing or counted twice.
 */
import type { Pool, PoolClient } from 'pg';
import { retryTransient, withTransaction } from '../db/pool.js';
import { EVENT } from '../facts/event/columns.js';
import type { UsageEvent } from '../facts/event/parse.js';
import { parametersOf, writtenColumns } from '../facts/statements.js';
import { EventBatch, INSERT_KNOWN, type Inserted } from './event-batch.js';
import { markHoursOf } from './marks.js';

/** Where an event may be stored. */
export interface EventKey {
  id: string;
  /** Milliseconds. */
  occurredAt: number;
}

const COLUMNS = writtenColumns(EVENT);
const KEY = ['id', 'occurredAt'] as const;

type Content = Exclude<keyof typeof EVENT.columns, (typeof KEY)[number] | 'agentName'>;

export interface Replacing {
  /** Fields whose other value replaces a stored event of the same id and time. Default: all. */
  fields?: readonly Content[];
  /** Other places where the event may be stored since an earlier import; nothing stays there. */
  earlier?: (event: UsageEvent) => readonly EventKey[];
}

const CONTENT = COLUMNS.filter(({ key }) => !(KEY as readonly string[]).includes(key));

/** Whether a stored event differs from the one that is sent. */
const differs = (columns: typeof CONTENT): string =>
  columns.map(({ column }) => `e.${column} IS DISTINCT FROM sent.${column}`).join(' OR ') || 'false';

/**
 * Removes events. $1 is the tenant; then come the columns, whether the event moves away from its place, and whether only
 * its id changes with that; last the times between which all of them are, so that other partitions are not searched.
 */
function removeSql(compared: typeof CONTENT): string {
  const types = [...COLUMNS.map(({ type }) => type.sql), 'boolean', 'boolean'];
  const names = [...COLUMNS.map(({ column }) => column), 'is_moved', 'is_renamed'];
  const [first, last] = [`$${types.length + 2}`, `$${types.length + 3}`];
  return `
    WITH gone AS (
      DELETE FROM usage_events e
      USING unnest(${types.map((type, i) => `$${i + 2}::${type}[]`).join(', ')}) AS sent (${names.join(', ')})
      WHERE e.tenant_id = $1 AND e.occurred_at = sent.occurred_at AND e.event_id = sent.event_id
        AND e.occurred_at BETWEEN ${first} AND ${last} AND (sent.is_moved OR ${differs(compared)})
      RETURNING e.occurred_at, sent.is_renamed AND NOT (${differs(CONTENT)}) AS is_renamed
    ), marks AS (
      ${markHoursOf('gone')}
    )
    SELECT count(*) FILTER (WHERE is_renamed)::int AS renamed FROM gone`;
}

const parameters = parametersOf(EVENT);

/**
 * Writes events, and removes what was stored of them before.
 * @param minutesFrom first instant with minute aggregates, milliseconds
 * @returns the events that were written, and how many of them only got another id
 */
export function replaceEvents(
  pool: Pool,
  tenantId: string,
  events: readonly UsageEvent[],
  minutesFrom: number,
  { fields, earlier = () => [] }: Replacing,
): Promise<{ written: readonly UsageEvent[]; renamed: number }> {
  const compared = CONTENT.filter(({ key }) => fields?.includes(key as Content) ?? true);
  const places = events.flatMap((event) => [
    { row: event, isMoved: false, isRenamed: false },
    ...earlier(event)
      .filter(({ id, occurredAt }) => id !== event.id || occurredAt !== event.occurredAt)
      .map((key) => ({
        row: { ...event, ...key },
        isMoved: true,
        isRenamed: key.occurredAt === event.occurredAt,
      })),
  ]);
  const batch = new EventBatch([{ tenantId, events }]);
  const times = places.map(({ row }) => row.occurredAt).sort((a, b) => a - b);
  const values = [
    tenantId,
    ...parameters(places.map(({ row }) => row)),
    places.map(({ isMoved }) => isMoved),
    places.map(({ isRenamed }) => isRenamed),
    new Date(times[0]!),
    new Date(times.at(-1)!),
  ];
  return retryTransient(() =>
    withTransaction(pool, async (client) => {
      const { rows } = await client.query<{ renamed: number }>(removeSql(compared), values);
      const written = await insert(client, batch, minutesFrom);
      return { written, renamed: Math.min(rows[0]!.renamed, written.length) };
    }),
  );
}

async function insert(
  client: PoolClient,
  batch: EventBatch,
  minutesFrom: number,
): Promise<readonly UsageEvent[]> {
  const { rows } = await client.query<Inserted>(INSERT_KNOWN, batch.knownParameters(minutesFrom));
  const { inserted, keys } = rows[0]!;
  if (inserted === batch.events.length) return batch.events;
  const written = new Set(keys?.map(([, time, id]) => `${time} ${id}`));
  return batch.events.filter(({ occurredAt, id }) => written.delete(`${occurredAt} ${id}`));
}
