/** Who a request speaks for, and what its token allows. */

export const SCOPES = ['analytics:read', 'analytics:write', 'analytics:admin'] as const;
export type Scope = (typeof SCOPES)[number];

export interface Principal {
  /** The only tenant whose data the request may touch. */
  tenantId: string;
  /** The token's `sub`; the tenant id where it has none: the token then speaks for the tenant as a whole. */
  subject: string;
  /** No scope implies another. */
  scopes: ReadonlySet<Scope>;
}

export function isScope(word: string): word is Scope {
  return (SCOPES as readonly string[]).includes(word);
}
