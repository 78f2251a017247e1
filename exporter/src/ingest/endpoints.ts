/** Endpoint names are normalised and limited in number, so that neither ids nor scanners make the list unbounded. */
import { LRUCache } from 'lru-cache';
import type { Pool, PoolClient } from 'pg';
import { lockKey, transactionLock } from '../db/locks.js';
import { withTransaction } from '../db/pool.js';
import { formatDate, MINUTE } from '../time.js';
import { ERROR_STATUS, OTHER_ENDPOINT } from '../catalog/index.js';
import type { UsageEvent } from '../facts/event/parse.js';

/** Names per tenant. Calls of further endpoints count as OTHER_ENDPOINT. */
export const MAX_ENDPOINTS = 1_000;
/** Days after which an unused name is freed. */
const UNUSED_NAME_DAYS = 30;

const MAX_NAME = 256;
/** How long a replica uses its copy of a tenant's names before it reads them again. */
const CACHE_TTL = MINUTE;
const MAX_CACHED_TENANTS = 1_000;

const VARIABLE_SEGMENTS =
  /(?<=^|\/)(?:\d+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16,})(?=\/|$)/gi;

const SURROGATE = /[\ud800-\udfff]/;
const LONE_SURROGATES = /\p{Cs}/gu;

/** `GET /agents/17?x=1` → `GET /agents/{id}`: removes query and fragment; replaces numbers, UUIDs and long hex. */
export function normaliseEndpoint(endpoint: string): string {
  const end = endpoint.search(/[?#]/);
  const bare = (end === -1 ? endpoint : endpoint.slice(0, end)).trim();
  const normal = bare.includes('/') ? bare.replace(VARIABLE_SEGMENTS, '{id}') : bare;
  const name = normal.slice(0, MAX_NAME) || OTHER_ENDPOINT;
  // A lone surrogate becomes U+FFFD, as PostgreSQL stores it: otherwise the name read back would not match.
  return SURROGATE.test(name) ? name.replace(LONE_SURROGATES, '\ufffd') : name;
}

interface KnownNames {
  /** Each name with the UTC date on which its use was last recorded. */
  usedOn: Map<string, string>;
  full: boolean;
}

/** Decides under which name an event is counted, and records which names are in use. */
export class EndpointNames {
  private readonly tenants: LRUCache<string, KnownNames>;

  constructor(
    private readonly pool: Pool,
    private readonly now: () => number = Date.now,
  ) {
    this.tenants = new LRUCache({
      max: MAX_CACHED_TENANTS,
      ttl: CACHE_TTL,
      ttlResolution: 0,
      perf: { now },
    });
  }

  /**
   * Replaces each event's endpoint with the name under which it is counted. Only endpoints that responded with a status
   * below 400 can take a new name.
   */
  async assign(tenantId: string, events: readonly UsageEvent[]): Promise<void> {
    const today = formatDate(this.now());
    const normalised = events.map((event) =>
      event.endpoint === null ? null : normaliseEndpoint(event.endpoint),
    );
    let known = this.tenants.get(tenantId);
    const wanted = new Set<string>();
    normalised.forEach((name, i) => {
      const status = events[i]!.status;
      if (name === null || name === OTHER_ENDPOINT || (status !== null && status >= ERROR_STATUS)) return;
      const usedOn = known?.usedOn.get(name);
      if (usedOn === today || (usedOn === undefined && known?.full === true)) return;
      wanted.add(name);
    });
    if (
      wanted.size > 0 ||
      (known === undefined && normalised.some((name) => name !== null && name !== OTHER_ENDPOINT))
    ) {
      known = await this.claim(tenantId, [...wanted].sort(), today);
    }
    events.forEach((event, i) => {
      const name = normalised[i];
      event.endpoint =
        name === null || name === undefined ? null : known?.usedOn.has(name) ? name : OTHER_ENDPOINT;
    });
  }

  private async claim(tenantId: string, names: readonly string[], today: string): Promise<KnownNames> {
    const rows = await withTransaction(this.pool, async (client) => {
      // One transaction per tenant at a time, otherwise two could both take the last free place.
      await transactionLock(client, lockKey('endpoint-names', tenantId));
      if (names.length > 0) await insertNames(client, tenantId, names, today);
      const result = await client.query<{ endpoint: string; used: string }>(
        'SELECT endpoint, last_used_on::text AS used FROM endpoint_names WHERE tenant_id = $1',
        [tenantId],
      );
      return result.rows;
    });
    const known: KnownNames = {
      usedOn: new Map(rows.map((row) => [row.endpoint, row.used])),
      full: rows.length >= MAX_ENDPOINTS,
    };
    this.tenants.set(tenantId, known);
    return known;
  }
}

async function insertNames(
  client: PoolClient,
  tenantId: string,
  names: readonly string[],
  today: string,
): Promise<void> {
  await client.query(
    `UPDATE endpoint_names SET last_used_on = $3
     WHERE tenant_id = $1 AND endpoint = ANY ($2::text[]) AND last_used_on < $3`,
    [tenantId, names, today],
  );
  await client.query(
    `INSERT INTO endpoint_names (tenant_id, endpoint, last_used_on)
     SELECT $1, name, $3::date FROM unnest($2::text[]) AS name
     WHERE NOT EXISTS (SELECT FROM endpoint_names WHERE tenant_id = $1 AND endpoint = name)
     LIMIT greatest(0, $4 - (SELECT count(*) FROM endpoint_names WHERE tenant_id = $1))
     ON CONFLICT DO NOTHING`,
    [tenantId, names, today, MAX_ENDPOINTS],
  );
}

/** Frees names that have not been used for UNUSED_NAME_DAYS days. @returns the number of names */
export async function freeUnusedNames(pool: Pool, now: number): Promise<number> {
  const result = await pool.query(`DELETE FROM endpoint_names WHERE last_used_on < $1::date - $2::int`, [
    formatDate(now),
    UNUSED_NAME_DAYS,
  ]);
  return result.rowCount ?? 0;
}
