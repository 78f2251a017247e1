/** The identity and the scopes of an authenticated request. */
import type { Scope } from '../scopes.js';

export type { Scope };

export interface Principal {
  /** The only tenant whose data the request can access. */
  tenantId: string;
  /** The token's `sub`, or the tenant id if it has none, because the token then represents the whole tenant. */
  subject: string;
  /** No scope includes another. */
  scopes: ReadonlySet<Scope>;
  /** When the token expires, milliseconds since the epoch. */
  expiresAt: number;
}
