/** Fetches the keys of a JWKS endpoint on demand, with a cooldown. */
import { createRemoteJWKSet, type CryptoKey, customFetch, errors } from 'jose';
import type { FlattenedJWSInput, JWSHeaderParameters } from 'jose';
import { AppError } from '../errors.js';
import { unauthorized } from './unauthorized.js';

const FETCH_TIMEOUT_MS = 3_000;
/** Delay after a failed fetch before the next one. */
const RETRY_MS = 5_000;
/** RFC 7518, 3.3. */
const MIN_RSA_BITS = 2048;
/** Key ids that have been logged; a set with more weak keys than this is logged in part. */
const MAX_LOGGED = 100;

export interface KeyLog {
  warn(fields: object, message: string): void;
}

export type KeyFinder = (header: JWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>;

/**
 * Returns a function that finds the key for a token's header. Keys are cached for ten minutes. An unknown `kid` causes
 * another fetch, at most once per `cooldownMs`. The function throws jose's JWKSNoMatchingKey or JWKSMultipleMatchingKeys,
 * AppError UNAUTHORIZED if the key is too short, or AppError UNAVAILABLE if the endpoint does not return a key set.
 */
export function createKeyFinder(jwksUrl: string, cooldownMs: number, log?: KeyLog): KeyFinder {
  const logged = new Set<string>();
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
  const refuseShort = (kid = ''): AppError => {
    if (!logged.has(kid) && logged.size < MAX_LOGGED) {
      logged.add(kid);
      log?.warn(
        { kid },
        `a key of AUTH_JWKS_URL is not used: RSA keys must have at least ${MIN_RSA_BITS} bits`,
      );
    }
    return unauthorized(`The key of the bearer token is too short: RSA keys must have ${MIN_RSA_BITS} bits`);
  };
  return async (header, token) => {
    let key: CryptoKey;
    try {
      key = await findKey(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
        throw error;
      throw keysUnavailable(error, retryMs);
    }
    if (isTooShort(key)) throw refuseShort(header.kid);
    return key;
  };
}

export function isTooShort({ algorithm }: CryptoKey): boolean {
  return 'modulusLength' in algorithm && Number(algorithm.modulusLength) < MIN_RSA_BITS;
}

export function keysUnavailable(cause: unknown, retryMs = RETRY_MS): AppError {
  return new AppError('UNAVAILABLE', 'The keys that verify tokens are not available; try again later', {
    retryAfter: Math.ceil(retryMs / 1000),
    cause,
  });
}
