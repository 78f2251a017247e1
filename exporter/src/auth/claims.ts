/** What the claims of a verified token mean: tenant, subject and scopes. */
import type { JWTPayload } from 'jose';
import type { ClaimPath, ScopeMap } from '../config/auth.js';
import { isId } from '../ids.js';
import { isScope, type Scope } from '../scopes.js';
import type { Principal } from './principal.js';
import { unauthorized } from './unauthorized.js';

const SUBJECT = /^[^\p{C}\p{Zl}\p{Zp}]{1,256}$/u;
const NO_MAP: ScopeMap = new Map();

export const DEFAULT_TENANT_CLAIM: ClaimPath = ['organization_id'];

export interface ClaimOptions {
  /** Default `organization_id`. */
  tenantClaim?: ClaimPath;
  scopeMap?: ScopeMap;
}

/** @throws AppError UNAUTHORIZED */
export function principalOf(claims: JWTPayload, options: ClaimOptions): Principal {
  const { tenantClaim = DEFAULT_TENANT_CLAIM, scopeMap = NO_MAP } = options;
  const tenantId = claimAt(claims, tenantClaim);
  const name = tenantClaim.join('.');
  if (tenantId === undefined) {
    throw unauthorized(`The bearer token names no tenant: the claim "${name}" is missing`);
  }
  if (!isId(tenantId)) {
    throw unauthorized(`"${name}" must be 1 to 128 printable characters without white space`);
  }
  const { sub } = claims;
  if (sub !== undefined && !(typeof sub === 'string' && SUBJECT.test(sub))) {
    throw unauthorized('"sub" must be 1 to 256 printable characters');
  }
  // The verifier requires an `exp`.
  const expiresAt = claims.exp! * 1000;
  return { tenantId, subject: sub ?? tenantId, scopes: scopesOf(claims, scopeMap), expiresAt };
}

/** Only a claim's own fields count, so that no path leads to `constructor` or the length of a text. */
function claimAt(claims: JWTPayload, path: ClaimPath): unknown {
  let value: unknown = claims;
  for (const name of path) {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isObject || !Object.hasOwn(value as object, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** Ignores unknown words, because the claims may also list scopes of other services. */
function scopesOf({ scope, scp }: JWTPayload, map: ScopeMap): ReadonlySet<Scope> {
  if (scope === undefined && scp === undefined) return new Set<Scope>(['analytics:read']);
  const words = [...wordsOf(scope, '"scope"', false), ...wordsOf(scp, '"scp"', true)];
  return new Set(words.flatMap((word) => [...(isScope(word) ? [word] : []), ...(map.get(word) ?? [])]));
}

function wordsOf(claim: unknown, name: string, isListAllowed: boolean): string[] {
  if (claim === undefined) return [];
  if (typeof claim === 'string') return claim.split(' ');
  if (isListAllowed && Array.isArray(claim) && claim.every((word) => typeof word === 'string')) return claim;
  const list = isListAllowed ? ', or an array of them' : '';
  throw unauthorized(`${name} must be a string of scopes separated by spaces${list}`);
}
