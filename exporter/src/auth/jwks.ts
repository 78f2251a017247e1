/** Fetches the keys of a JWKS endpoint on demand, with a cooldown. */
import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import { AppError } from '../errors.js';

const FETCH_TIMEOUT_MS = 3_000;
/** Delay after a failed fetch before the next one. */
const RETRY_MS = 5_000;

/**
 * Returns a function that finds the key for a token's header. Keys are cached for ten minutes. An unknown `kid` causes
 * another fetch, at most once per `cooldownMs`. The function throws jose's JWKSNoMatchingKey or JWKSMultipleMatchingKeys,
 * or AppError UNAVAILABLE if the endpoint does not return a key set.
 */
export function createKeyFinder(jwksUrl: string, cooldownMs: number): JWTVerifyGetKey {
  const retryMs = Math.min(RETRY_MS, cooldownMs);
  let nextFetchAt = 0;
  const findKey = createRemoteJWKSet(new URL(jwksUrl), {
    cooldownDuration: cooldownMs,
    timeoutDuration: FETCH_TIMEOUT_MS,
    // jose's cooldown applies after a success only. This one avoids a request per token while the endpoint fails.
    [customFetch]: async (url, init) => {
      if (performance.now() < nextFetchAt) throw new Error('the last fetch of the key set failed');
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
  return new AppError('UNAVAILABLE', 'The keys that verify tokens are not available; try again later', {
    retryAfter: Math.ceil(retryMs / 1000),
    cause,
  });
}
