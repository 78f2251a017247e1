/** Keys of cached responses. */
import { createHash } from 'node:crypto';

/** Everything that a response depends on. */
export interface CacheSubject {
  tenantId: string;
  /** Name of the route, such as `usage-summary`. */
  endpoint: string;
  /** The normalised query, any JSON value. The order of fields does not matter. */
  query: unknown;
}

/** `analytics:{tenantId}:{endpoint}:{queryHash}`, where the hash is SHA-256 in hex. */
export function cacheKey({ tenantId, endpoint, query }: CacheSubject): string {
  const hash = createHash('sha256').update(canonicalJson(query)).digest('hex');
  return `analytics:${escapePart(tenantId)}:${escapePart(endpoint)}:${hash}`;
}

/** Escapes colons, so that the keys of tenant `a` and tenant `a:b` cannot collide. */
function escapePart(part: string): string {
  return part.replace(/[%:]/g, encodeURIComponent);
}

/** JSON with sorted fields. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const fields = value as Record<string, unknown>;
  const named = Object.keys(fields)
    .filter((name) => fields[name] !== undefined)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(fields[name])}`);
  return `{${named.join(',')}}`;
}
