/** Signs tokens with the shared secret, for the command line, the demo and tests. */
import { createSecretKey } from 'node:crypto';
import { SignJWT } from 'jose';
import type { ClaimPath } from '../config/auth.js';
import { AppError } from '../errors.js';
import { isId } from '../ids.js';
import { DEFAULT_TENANT_CLAIM } from './claims.js';
import type { Scope } from './principal.js';

export interface TokenOptions {
  /** At least 32 bytes. */
  secret: string;
  tenantId: string;
  subject: string;
  /** Without scopes, the token is valid but allows nothing. */
  scopes: Iterable<Scope>;
  lifetimeSeconds: number;
  issuer?: string;
  audience?: string;
  /** Default `organization_id`. */
  tenantClaim?: ClaimPath;
}

/**
 * Creates an HS256 token that `createTokenVerifier` accepts with the same secret, issuer and audience.
 * @throws AppError VALIDATION_ERROR if the tenant id is invalid
 */
export async function signToken(options: TokenOptions): Promise<string> {
  const { secret, tenantId, subject, scopes, lifetimeSeconds, issuer, audience } = options;
  const { tenantClaim = DEFAULT_TENANT_CLAIM } = options;
  if (!isId(tenantId)) {
    throw new AppError(
      'VALIDATION_ERROR',
      'A tenant id must be 1 to 128 printable characters without white space',
    );
  }
  const now = Math.floor(Date.now() / 1000);
  const token = new SignJWT({ ...nested(tenantClaim, tenantId), scope: [...scopes].join(' ') })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(subject)
    .setIssuedAt(now)
    .setExpirationTime(now + lifetimeSeconds);
  if (issuer !== undefined) token.setIssuer(issuer);
  if (audience !== undefined) token.setAudience(audience);
  return token.sign(createSecretKey(secret, 'utf8'));
}

const nested = ([name, ...rest]: ClaimPath, value: string): Record<string, unknown> => ({
  [name!]: rest.length === 0 ? value : nested(rest, value),
});
