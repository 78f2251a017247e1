/** The name of a cached answer. */
import { createHash } from 'node:crypto';

/** What an answer depends on. */
export interface CacheSubject {
  tenantId: string;
  /** Name of the route, such as `usage-summary`. */
  endpoint: string;
  /** The normalised query, any JSON value; the order of an object's fields does not matter. */
  query: unknown;
}

/** `analytics:{tenantId}:{endpoint}:{queryHash}`, the hash being SHA-256 in hex. */
export function cacheKey({ tenantId, endpoint, query }: CacheSubject): string {
  const hash = createHash('sha256').update(canonicalJson(query)).digest('hex');
  return `analytics:${literal(tenantId)}:${literal(endpoint)}:${hash}`;
}

/** A colon within an id must not end it: the keys of tenant `a` and of tenant `a:b` stay apart. */
function literal(part: string): string {
  return part.replace(/[%:]/g, encodeURIComponent);
}

/** JSON with the fields of every object in one order, whatever order they were set in. */
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
