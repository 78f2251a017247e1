/** Parsers of the settings that say which tokens are accepted, and what their claims mean. */
import { ConfigError } from '../errors.js';
import { isScope, type Scope, SCOPES } from '../scopes.js';
import { LOOPBACK, url } from './values.js';

/** Names of claims, the outermost first: `["tenant", "id"]` is `{ "tenant": { "id": … } }`. */
export type ClaimPath = readonly string[];
/** By a scope of the identity provider, the scopes that it stands for. */
export type ScopeMap = ReadonlyMap<string, ReadonlySet<Scope>>;

const MIN_SECRET_BYTES = 32;
const MAX_SECRETS = 2;
/** Printable ASCII without space, `"` and `\\`, as in RFC 6749, 3.3. */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** One secret, or two while they are rotated. The first one signs, both verify. */
export const secrets = (value: string, name: string): string[] => {
  const list = value.split(',').map((secret) => secret.trim());
  if (list.length > MAX_SECRETS) {
    throw new ConfigError(
      name,
      `must be one secret, or two separated by a comma, not ${list.length}; a secret itself has no comma`,
    );
  }
  for (const secret of list) {
    const bytes = Buffer.byteLength(secret);
    if (bytes >= MIN_SECRET_BYTES) continue;
    const which = list.length === 1 ? 'must be' : 'each of the secrets, which a comma separates, must be';
    throw new ConfigError(name, `${which} at least ${MIN_SECRET_BYTES} bytes long, but has ${bytes}`);
  }
  return list;
};

/** Over plain HTTP, anybody on the way could replace the keys. */
export const jwksUrl = (value: string, name: string): string => {
  const { protocol, hostname } = new URL(url('https:', 'http:')(value, name));
  if (protocol === 'https:' || LOOPBACK.test(hostname.replace(/^\[|\]$/g, ''))) return value;
  throw new ConfigError(name, 'must begin with https://, because only a loopback address may use http://');
};

/** A dotted path. A name that is a URI itself, such as `https://example.org/tenant`, is one claim. */
export const tenantClaim = (value: string, name: string): ClaimPath => {
  const path = URL.canParse(value) ? [value] : value.split('.');
  if (path.every((part) => part !== '' && !/\s/.test(part))) return path;
  throw new ConfigError(
    name,
    `must be the name of a claim, or a path such as "organization.id", not "${value}"`,
  );
};

export const scopeMap = (value: string, name: string): ScopeMap => {
  const map = new Map<string, Set<Scope>>();
  for (const pair of value.split(',').map((item) => item.trim())) {
    const at = pair.lastIndexOf('=');
    const theirs = pair.slice(0, Math.max(at, 0)).trim();
    const own = pair.slice(at + 1).trim();
    if (!SCOPE_TOKEN.test(theirs) || !isScope(own)) {
      throw new ConfigError(
        name,
        `must be pairs such as "reports:view=analytics:read", separated by commas, with one of ${SCOPES.join(', ')} on the right, not "${pair}"`,
      );
    }
    map.set(theirs, (map.get(theirs) ?? new Set()).add(own));
  }
  return map;
};
