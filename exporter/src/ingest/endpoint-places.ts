/**
 * The places that a tenant's endpoint names take. A name that was used once has a place until another one needs it; used
 * twice within a day, it keeps the place.
 */
import type { PoolClient } from 'pg';
import { OTHER_ENDPOINT } from '../catalog/index.js';
import { DAY, formatDate } from '../time.js';
import { markHoursOf } from './marks.js';

/** Names per tenant. Calls of further endpoints count as OTHER_ENDPOINT. */
export const MAX_ENDPOINTS = 1_000;
/** Names without a place that are remembered per tenant, the latest ones. */
const MAX_CANDIDATES = 10_000;
/** A name must be used again within this time. */
const WITHIN = DAY;

/** How a request uses a name. */
export interface Use {
  name: string;
  /** Calls, as far as it matters: 2 is several. */
  calls: number;
  /** Of the first of these calls. */
  eventId: string;
  occurredAt: number;
}

/** The only event that used a name so far. Times are in milliseconds. */
interface FirstUse {
  eventId: string;
  occurredAt: number;
  usedAt: number;
}

export interface Place {
  /** UTC date on which its use was last recorded. */
  usedOn: string;
  /** Null if the name keeps its place. */
  first: FirstUse | null;
}

/** A name with its first use. */
type Named = FirstUse & { name: string };

/** Whether a use of a name in its place has to be recorded. */
export const isNews = ({ usedOn, first }: Place, use: Use, today: string): boolean =>
  usedOn !== today || (first !== null && (use.calls > 1 || use.eventId !== first.eventId));

/**
 * Gives names their places. The caller holds the tenant's lock.
 * @returns all places by name
 */
export async function takePlaces(
  client: PoolClient,
  tenantId: string,
  uses: readonly Use[],
  now: number,
): Promise<Map<string, Place>> {
  const today = formatDate(now);
  const places = await readPlaces(client, tenantId);
  const strangers = uses.filter(({ name }) => !places.has(name));
  const candidates = await readCandidates(client, tenantId, strangers, now);
  const changed = new Map<string, Place>();
  for (const use of uses) {
    const place = places.get(use.name);
    if (place !== undefined && isNews(place, use, today))
      changed.set(use.name, usedAgain(place, use, today, now));
  }
  const room = new Room(places, new Set(uses.map(({ name }) => name)));
  const waiting: Named[] = [];
  const staying = strangers.filter((use) => isSecond(use, candidates.get(use.name)));
  // First, so that no name that may have to go takes their places.
  for (const { name } of staying) if (room.make(true)) changed.set(name, { usedOn: today, first: null });
  for (const use of strangers) {
    if (staying.includes(use)) continue;
    const first = firstUse(use, now);
    if (room.make(false)) changed.set(use.name, { usedOn: today, first });
    else waiting.push({ name: use.name, ...first });
  }
  for (const [name, place] of changed) places.set(name, place);
  await free(client, tenantId, room.freed);
  await write(client, tenantId, changed);
  const known = [...candidates].flatMap(([name, first]) => (places.has(name) ? [{ name, ...first }] : []));
  await forget(client, tenantId, known);
  await recount(client, tenantId, known, ({ name }) => ({ from: OTHER_ENDPOINT, to: name }));
  await recount(client, tenantId, room.freed, ({ name }) => ({ from: name, to: OTHER_ENDPOINT }));
  await remember(client, tenantId, [...waiting, ...room.freed], now);
  return places;
}

const firstUse = ({ eventId, occurredAt }: Use, usedAt: number): FirstUse => ({
  eventId,
  occurredAt,
  usedAt,
});

/** Whether the name was used before, by another event. */
const isSecond = (use: Use, before: FirstUse | undefined): boolean =>
  use.calls > 1 || (before !== undefined && before.eventId !== use.eventId);

function usedAgain({ first }: Place, use: Use, usedOn: string, now: number): Place {
  if (first === null) return { usedOn, first };
  const isRecent = first.usedAt > now - WITHIN;
  if (isSecond(use, isRecent ? first : undefined)) return { usedOn, first: null };
  return { usedOn, first: use.eventId === first.eventId ? first : firstUse(use, now) };
}

/** Places that names can take from others. */
class Room {
  /** Names that lost their places. */
  readonly freed: Named[] = [];
  /** Names that may lose theirs, the oldest one last. */
  private readonly yielding: Named[];
  private taken = 0;

  constructor(
    private readonly places: Map<string, Place>,
    inUse: ReadonlySet<string>,
  ) {
    this.yielding = [...places]
      .flatMap(([name, { first }]) => (first === null || inUse.has(name) ? [] : [{ name, ...first }]))
      .sort((a, b) => b.usedAt - a.usedAt);
  }

  /** @param isForGood only a name that stays takes the place of another one */
  make(isForGood: boolean): boolean {
    if (this.places.size + this.taken >= MAX_ENDPOINTS) {
      const oldest = isForGood ? this.yielding.pop() : undefined;
      if (oldest === undefined) return false;
      this.places.delete(oldest.name);
      this.freed.push(oldest);
    }
    this.taken += 1;
    return true;
  }
}

interface Row {
  endpoint: string;
  event_id: string | null;
  occurred_at: Date;
  used_at: Date;
}

const firstOf = ({ event_id, occurred_at, used_at }: Row): FirstUse | null =>
  event_id === null
    ? null
    : { eventId: event_id, occurredAt: occurred_at.getTime(), usedAt: used_at.getTime() };

async function readPlaces(client: PoolClient, tenantId: string): Promise<Map<string, Place>> {
  const { rows } = await client.query<Row & { used: string }>(
    `SELECT endpoint, last_used_on::text AS used, first_event_id AS event_id, first_occurred_at AS occurred_at,
            first_used_at AS used_at
     FROM endpoint_names WHERE tenant_id = $1`,
    [tenantId],
  );
  return new Map(rows.map((row) => [row.endpoint, { usedOn: row.used, first: firstOf(row) }]));
}

async function readCandidates(
  client: PoolClient,
  tenantId: string,
  uses: readonly Use[],
  now: number,
): Promise<Map<string, FirstUse>> {
  if (uses.length === 0) return new Map();
  const { rows } = await client.query<Row>(
    `SELECT endpoint, event_id, occurred_at, used_at FROM endpoint_candidates
     WHERE tenant_id = $1 AND endpoint = ANY ($2::text[]) AND used_at > $3`,
    [tenantId, uses.map(({ name }) => name), new Date(now - WITHIN)],
  );
  return new Map(rows.map((row) => [row.endpoint, firstOf(row)!]));
}

async function free(client: PoolClient, tenantId: string, names: readonly Named[]): Promise<void> {
  if (names.length === 0) return;
  await client.query('DELETE FROM endpoint_names WHERE tenant_id = $1 AND endpoint = ANY ($2::text[])', [
    tenantId,
    names.map(({ name }) => name),
  ]);
}

async function write(
  client: PoolClient,
  tenantId: string,
  changed: ReadonlyMap<string, Place>,
): Promise<void> {
  if (changed.size === 0) return;
  const places = [...changed.values()];
  await client.query(
    `INSERT INTO endpoint_names AS n
       (tenant_id, endpoint, last_used_on, first_event_id, first_occurred_at, first_used_at)
     SELECT $1, * FROM unnest($2::text[], $3::date[], $4::uuid[], $5::timestamptz[], $6::timestamptz[])
     ON CONFLICT (tenant_id, endpoint) DO UPDATE SET
       last_used_on = greatest(n.last_used_on, excluded.last_used_on), first_event_id = excluded.first_event_id,
       first_occurred_at = excluded.first_occurred_at, first_used_at = excluded.first_used_at`,
    [
      tenantId,
      [...changed.keys()],
      places.map(({ usedOn }) => usedOn),
      places.map(({ first }) => first?.eventId ?? null),
      places.map(({ first }) => (first === null ? null : new Date(first.occurredAt))),
      places.map(({ first }) => (first === null ? null : new Date(first.usedAt))),
    ],
  );
}

/** Counts the first events of names under another name, and marks their hours. */
async function recount(
  client: PoolClient,
  tenantId: string,
  names: readonly Named[],
  change: (named: Named) => { from: string; to: string },
): Promise<void> {
  if (names.length === 0) return;
  const changes = names.map(change);
  await client.query(
    `WITH changed AS (
       UPDATE usage_events e SET endpoint = first.now
       FROM unnest($2::timestamptz[], $3::uuid[], $4::text[], $5::text[]) AS first (occurred_at, event_id, before, now)
       WHERE e.tenant_id = $1 AND e.occurred_at = first.occurred_at AND e.event_id = first.event_id
         AND e.endpoint = first.before
       RETURNING e.occurred_at
     )
     ${markHoursOf('changed')}`,
    [
      tenantId,
      names.map(({ occurredAt }) => new Date(occurredAt)),
      names.map(({ eventId }) => eventId),
      changes.map(({ from }) => from),
      changes.map(({ to }) => to),
    ],
  );
}

async function forget(client: PoolClient, tenantId: string, names: readonly Named[]): Promise<void> {
  if (names.length === 0) return;
  await client.query('DELETE FROM endpoint_candidates WHERE tenant_id = $1 AND endpoint = ANY ($2::text[])', [
    tenantId,
    names.map(({ name }) => name),
  ]);
}

/** Remembers names that have no place, and forgets the oldest ones beyond MAX_CANDIDATES. */
async function remember(
  client: PoolClient,
  tenantId: string,
  names: readonly Named[],
  now: number,
): Promise<void> {
  if (names.length === 0) return;
  await client.query(
    `INSERT INTO endpoint_candidates AS c (tenant_id, endpoint, event_id, occurred_at, used_at)
     SELECT $1, * FROM unnest($2::text[], $3::uuid[], $4::timestamptz[], $5::timestamptz[])
     ON CONFLICT (tenant_id, endpoint) DO UPDATE SET
       event_id = excluded.event_id, occurred_at = excluded.occurred_at, used_at = excluded.used_at
     WHERE c.used_at <= $6`,
    [
      tenantId,
      names.map(({ name }) => name),
      names.map(({ eventId }) => eventId),
      names.map(({ occurredAt }) => new Date(occurredAt)),
      names.map(({ usedAt }) => new Date(usedAt)),
      new Date(now - WITHIN),
    ],
  );
  await client.query(
    `DELETE FROM endpoint_candidates WHERE tenant_id = $1 AND endpoint IN (
       SELECT endpoint FROM endpoint_candidates WHERE tenant_id = $1 ORDER BY used_at DESC, endpoint OFFSET $2)`,
    [tenantId, MAX_CANDIDATES],
  );
}
