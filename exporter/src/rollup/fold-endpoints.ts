/**
 * Gives stored endpoints the names that they have by the rules of today, day by day: in raw events, and in the aggregates,
 * whose hours and days are older than what could be recomputed.
 */
import type { Pool, PoolClient } from 'pg';
import {
  agentCallEnvironment,
  agentEndpoint,
  callEnvironment,
  endpoint,
  tableOf,
} from '../aggregates/index.js';
import { renamed } from '../aggregates/renamed.js';
import { transactionLock } from '../db/locks.js';
import { withTransaction } from '../db/pool.js';
import type { EndpointPatterns } from '../endpoint-pattern.js';
import { NAME_RULES, normaliseEndpoint } from '../ingest/endpoint-name.js';
import { namesLock } from '../ingest/endpoints.js';
import { DAY, floorTo, formatDate, HOUR, parseDate } from '../time.js';

/** Replicas of an earlier release still give names by earlier rules, so the last days are looked at again. */
const AGAIN_DAYS = 2;

export interface FoldDeps {
  pool: Pool;
  patterns: EndpointPatterns;
  now: () => number;
  /** Runs a transaction while no rollup of the tenant does. */
  exclusively: <T>(tenantId: string, work: (client: PoolClient) => Promise<T>) => Promise<T>;
}

interface Folded {
  rules: string;
  folded_until: string;
  folded_on: string | null;
}

/** Names before and now. */
type Renames = ReadonlyMap<string, string>;

/** Continues where an interrupted run of it ended. @returns the number of rows changed */
export async function foldEndpoints(deps: FoldDeps, tenantId: string, signal: AbortSignal): Promise<number> {
  const { pool, patterns, now } = deps;
  const rules = `${NAME_RULES}:${patterns.text}`;
  const today = floorTo(now(), DAY);
  const { rows } = await pool.query<Folded>(
    `SELECT rules, folded_until::text, folded_on::text FROM endpoint_folds WHERE tenant_id = $1`,
    [tenantId],
  );
  const before = rows[0]?.rules === rules ? rows[0] : undefined;
  if (before?.folded_on === formatDate(today)) return 0;
  let changed = await foldNames(pool, tenantId, patterns);
  const isDone = before !== undefined && before.folded_on !== null;
  const until =
    before === undefined ? undefined : parseDate(before.folded_until)! - (isDone ? AGAIN_DAYS * DAY : 0);
  for (
    let day = await nextDay(pool, tenantId, until);
    day !== undefined;
    day = await nextDay(pool, tenantId, day + DAY)
  ) {
    if (signal.aborted) return changed;
    changed += await foldDay(deps, tenantId, day);
    await record(pool, tenantId, { rules, folded_until: formatDate(day + DAY), folded_on: null });
  }
  await record(pool, tenantId, {
    rules,
    folded_until: formatDate(today),
    folded_on: formatDate(today),
  });
  return changed;
}

async function record(
  pool: Pool,
  tenantId: string,
  { rules, folded_until, folded_on }: Folded,
): Promise<void> {
  await pool.query(
    `INSERT INTO endpoint_folds (tenant_id, rules, folded_until, folded_on) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant_id) DO UPDATE SET
       rules = excluded.rules, folded_until = excluded.folded_until, folded_on = excluded.folded_on`,
    [tenantId, rules, folded_until, folded_on],
  );
}

/** The places of names that are others now are freed. */
async function foldNames(pool: Pool, tenantId: string, patterns: EndpointPatterns): Promise<number> {
  return withTransaction(pool, async (client) => {
    await transactionLock(client, namesLock(tenantId));
    const { rows } = await client.query<{ endpoint: string }>(
      'SELECT endpoint FROM endpoint_names WHERE tenant_id = $1',
      [tenantId],
    );
    const renames = renamesOf(rows, patterns);
    if (renames.size === 0) return 0;
    const names = [tenantId, [...renames.keys()]];
    await client.query(
      `INSERT INTO endpoint_names AS n (tenant_id, endpoint, last_used_on)
       SELECT $1, names.now, max(o.last_used_on)
       FROM unnest($2::text[], $3::text[]) AS names (before, now)
         JOIN endpoint_names o ON o.tenant_id = $1 AND o.endpoint = names.before
       GROUP BY names.now
       ON CONFLICT (tenant_id, endpoint) DO UPDATE SET
         last_used_on = greatest(n.last_used_on, excluded.last_used_on), first_event_id = NULL`,
      [...names, [...renames.values()]],
    );
    await client.query(
      'DELETE FROM endpoint_names WHERE tenant_id = $1 AND endpoint = ANY ($2::text[])',
      names,
    );
    return renames.size;
  });
}

function renamesOf(rows: readonly { endpoint: string }[], patterns: EndpointPatterns): Renames {
  return new Map(
    rows.flatMap(({ endpoint: name }): [string, string][] => {
      const now = normaliseEndpoint(name, patterns);
      return now === name ? [] : [[name, now]];
    }),
  );
}

/** The next day with calls, in raw events or aggregates, milliseconds. */
async function nextDay(pool: Pool, tenantId: string, from: number | undefined): Promise<number | undefined> {
  const { rows } = await pool.query<{ day: string | null }>(
    `SELECT least(
       (SELECT min(date) FROM endpoint_days WHERE tenant_id = $1 AND date >= ($2::timestamptz AT TIME ZONE 'UTC')::date),
       (SELECT (min(occurred_at) AT TIME ZONE 'UTC')::date FROM usage_events WHERE tenant_id = $1 AND occurred_at >= $2)
     )::text AS day`,
    [tenantId, from === undefined ? '-infinity' : new Date(from)],
  );
  const day = rows[0]?.day ?? null;
  return day === null ? undefined : parseDate(day);
}

async function foldDay(
  { pool, patterns, exclusively }: FoldDeps,
  tenantId: string,
  day: number,
): Promise<number> {
  let changed = 0;
  // Raw events first: what is recomputed of them has the names of today, and folding those again changes nothing.
  for (let hour = day; hour < day + DAY; hour += HOUR)
    changed += await foldEvents(pool, tenantId, hour, patterns);
  return changed + (await exclusively(tenantId, (client) => foldAggregates(client, tenantId, day, patterns)));
}

async function foldEvents(
  pool: Pool,
  tenantId: string,
  hour: number,
  patterns: EndpointPatterns,
): Promise<number> {
  const range = [tenantId, new Date(hour), new Date(hour + HOUR)];
  const { rows } = await pool.query<{ endpoint: string }>(
    `SELECT DISTINCT endpoint FROM usage_events
     WHERE tenant_id = $1 AND occurred_at >= $2 AND occurred_at < $3 AND endpoint IS NOT NULL`,
    range,
  );
  const renames = renamesOf(rows, patterns);
  if (renames.size === 0) return 0;
  const { rowCount } = await pool.query(
    `UPDATE usage_events e SET endpoint = names.now FROM unnest($4::text[], $5::text[]) AS names (before, now)
     WHERE e.tenant_id = $1 AND e.occurred_at >= $2 AND e.occurred_at < $3 AND e.endpoint = names.before`,
    [...range, [...renames.keys()], [...renames.values()]],
  );
  return rowCount ?? 0;
}

const WITH_ENDPOINT = [endpoint, callEnvironment, agentEndpoint, agentCallEnvironment];

/** $1 the tenant, $2 the date, $3 and $4 its first instant and the end. */
const NAMES_OF_DAY = WITH_ENDPOINT.flatMap((aggregate) => [
  `SELECT endpoint FROM ${tableOf(aggregate, 'day')} WHERE tenant_id = $1 AND date = $2`,
  `SELECT endpoint FROM ${tableOf(aggregate, 'hour')} WHERE tenant_id = $1 AND bucket >= $3 AND bucket < $4`,
]).join(' UNION ');

async function foldAggregates(
  client: PoolClient,
  tenantId: string,
  day: number,
  patterns: EndpointPatterns,
): Promise<number> {
  const dates = [formatDate(day), formatDate(day + DAY)];
  const instants = [new Date(day), new Date(day + DAY)];
  const { rows } = await client.query<{ endpoint: string }>(NAMES_OF_DAY, [tenantId, dates[0], ...instants]);
  const renames = renamesOf(rows, patterns);
  if (renames.size === 0) return 0;
  const names = [[...renames.keys()], [...renames.values()]];
  let changed = 0;
  for (const aggregate of WITH_ENDPOINT) {
    for (const level of aggregate.levels) {
      const range = level === 'day' ? dates : instants;
      const { rowCount } = await client.query(renamed(aggregate, level, 'endpoint'), [
        tenantId,
        ...range,
        ...names,
      ]);
      changed += rowCount ?? 0;
    }
  }
  return changed;
}
