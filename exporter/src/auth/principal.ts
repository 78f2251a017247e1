/** The identity and the scopes of an authenticated request. */

export const SCOPES = ['analytics:read', 'analytics:write', 'analytics:admin'] as const;
export type Scope = (typeof SCOPES)[number];

export interface Principal {
  /** The only tenant whose data the request can access. */
  tenantId: string;
  /** The token's `sub`, or the tenant id if it has none, because the token then represents the whole tenant. */
  subject: string;
  /** No scope includes another. */
  scopes: ReadonlySet<Scope>;
}

export function isScope(word: string): word is Scope {
  return (SCOPES as readonly string[]).includes(word);
}
