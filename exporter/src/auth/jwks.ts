/** The keys of a JWKS endpoint, fetched when needed and never more often than is polite. */
import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import { AppError } from '../errors.js';

const FETCH_TIMEOUT_MS = 3_000;
/** After a fetch that failed, and the longest wait before the next. */
const RETRY_MS = 5_000;

/**
 * Finds the key for a token's header. Keys are kept for ten minutes.
 * A `kid` that is not among them makes it ask again, at most once per `cooldownMs`.
 * The function throws jose's JWKSNoMatchingKey or JWKSMultipleMatchingKeys, or AppError UNAVAILABLE
 * when the endpoint does not answer or answers no key set.
 */
export function createKeyFinder(jwksUrl: string, cooldownMs: number): JWTVerifyGetKey {
  const retryMs = Math.min(RETRY_MS, cooldownMs);
  let nextFetchAt = 0;
  const findKey = createRemoteJWKSet(new URL(jwksUrl), {
    cooldownDuration: cooldownMs,
    timeoutDuration: FETCH_TIMEOUT_MS,
    // jose's cooldown starts with a success; this one keeps a failing endpoint from being asked for every token.
    [customFetch]: async (url, init) => {
      if (performance.now() < nextFetchAt) throw new Error('the key set could not be fetched a moment ago');
      nextFetchAt = performance.now() + retryMs;
      return fetch(url, init);
    },
  });
  return async (header, token) => {
    try {
      return await findKey(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
        throw error;
      throw keysUnavailable(error, retryMs);
    }
  };
}

export function keysUnavailable(cause: unknown, retryMs = RETRY_MS): AppError {
  return new AppError('UNAVAILABLE', 'The keys that verify tokens are not available, try again later', {
    retryAfter: Math.ceil(retryMs / 1000),
    cause,
  });
}
