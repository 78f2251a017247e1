/** Helpers of the token tests. */
import { createSecretKey } from 'node:crypto';
import { SignJWT, type JWTPayload } from 'jose';
import { AppError } from '../../src/errors.js';

export const SECRET = 'a secret of the tests that is long enough';

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

export function goodClaims(): JWTPayload {
  return { organization_id: 'acme', sub: 'u-7', exp: nowSeconds() + 300 };
}

/** Signs any claims, including those that `signToken` rejects. */
export function sign(
  claims: JWTPayload,
  secret = SECRET,
  alg = 'HS256',
  header: object = {},
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg, ...header }).sign(createSecretKey(secret, 'utf8'));
}

export function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** The AppError that the promise rejects with. */
export async function refusal(promise: Promise<unknown>): Promise<AppError> {
  const outcome = await promise.then(
    () => 'accepted',
    (error: unknown) => error,
  );
  if (outcome instanceof AppError) return outcome;
  throw new Error(`expected an AppError, not ${String(outcome)}`);
}
