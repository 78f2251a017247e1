/** Endpoint names are normalised and limited in number, so that neither ids nor scanners make the list unbounded. */
import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import { lockKey, transactionLock } from '../db/locks.js';
import { withTransaction } from '../db/pool.js';
import { DAY, formatDate, MINUTE } from '../time.js';
import { ERROR_STATUS, OTHER_ENDPOINT } from '../catalog/index.js';
import type { UsageEvent } from '../facts/event/parse.js';
import { normaliseEndpoint } from './endpoint-name.js';
import { type EndpointPatterns, NO_PATTERNS } from '../endpoint-pattern.js';
import { isNews, MAX_ENDPOINTS, type Place, takePlaces, type Use } from './endpoint-places.js';

/** Days after which an unused name is freed. */
const UNUSED_NAME_DAYS = 30;
/** How long a replica uses its copy of a tenant's names before it reads them again. */
const CACHE_TTL = MINUTE;
const MAX_CACHED_TENANTS = 1_000;

interface KnownNames {
  places: Map<string, Place>;
  /** Whether every place is taken for good. */
  full: boolean;
}

/** One transaction per tenant at a time, otherwise two could both take the last free place. */
export const namesLock = (tenantId: string): string => lockKey('endpoint-names', tenantId);

/** Decides under which name an event is counted, and records which names are in use. */
export class EndpointNames {
  private readonly tenants: LRUCache<string, KnownNames>;

  constructor(
    private readonly pool: Pool,
    private readonly now: () => number = Date.now,
    private readonly patterns: EndpointPatterns = NO_PATTERNS,
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
    const names = events.map(({ endpoint }) =>
      endpoint === null ? null : normaliseEndpoint(endpoint, this.patterns),
    );
    const uses = usesOf(events, names);
    const today = formatDate(this.now());
    let known = this.tenants.get(tenantId);
    const news = [...uses.values()].filter((use) => {
      const place = known?.places.get(use.name);
      return place === undefined ? known?.full !== true : isNews(place, use, today);
    });
    if (
      news.length > 0 ||
      (known === undefined && names.some((name) => name !== null && name !== OTHER_ENDPOINT))
    ) {
      known = await this.claim(tenantId, news);
    }
    events.forEach((event, i) => {
      const name = names[i];
      event.endpoint =
        name === null || name === undefined ? null : known?.places.has(name) ? name : OTHER_ENDPOINT;
    });
  }

  private async claim(tenantId: string, uses: readonly Use[]): Promise<KnownNames> {
    const sorted = [...uses].sort((a, b) => (a.name < b.name ? -1 : 1));
    const places = await withTransaction(this.pool, async (client) => {
      await transactionLock(client, namesLock(tenantId));
      return takePlaces(client, tenantId, sorted, this.now());
    });
    const all = [...places.values()];
    const known = {
      places,
      full: all.length >= MAX_ENDPOINTS && all.every(({ first }) => first === null),
    };
    this.tenants.set(tenantId, known);
    return known;
  }
}

/** How the events use names that can take a place. An event that is sent twice is one use. */
function usesOf(events: readonly UsageEvent[], names: readonly (string | null)[]): Map<string, Use> {
  const uses = new Map<string, Use>();
  events.forEach(({ id, occurredAt, status, count }, i) => {
    const name = names[i];
    if (name === null || name === undefined || name === OTHER_ENDPOINT) return;
    if (status !== null && status >= ERROR_STATUS) return;
    const use = uses.get(name);
    if (use === undefined) uses.set(name, { name, calls: count, eventId: id, occurredAt });
    else if (use.eventId !== id) use.calls += count;
  });
  return uses;
}

/** Frees names that have not been used for UNUSED_NAME_DAYS days. @returns the number of names */
export async function freeUnusedNames(pool: Pool, now: number): Promise<number> {
  await pool.query('DELETE FROM endpoint_candidates WHERE used_at < $1', [new Date(now - DAY)]);
  const result = await pool.query(`DELETE FROM endpoint_names WHERE last_used_on < $1::date - $2::int`, [
    formatDate(now),
    UNUSED_NAME_DAYS,
  ]);
  return result.rowCount ?? 0;
}
