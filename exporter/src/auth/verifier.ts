/** Verifies `Authorization` headers and returns principals. */
import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { CryptoKey, JWTPayload, JWTVerifyOptions } from 'jose';
import { LRUCache } from 'lru-cache';
import { AppError, ConfigError } from '../errors.js';
import { type ClaimOptions, principalOf } from './claims.js';
import { createKeyFinder, isTooShort, type KeyFinder, keysUnavailable, type KeyLog } from './jwks.js';
import type { Principal } from './principal.js';
import { unauthorized } from './unauthorized.js';

const MAX_TOKEN_BYTES = 8 * 1024;
const CLOCK_TOLERANCE_SECONDS = 5;
/** How long a verified token is cached. A revoked key is still accepted for this long. */
const CACHE_MS = 60_000;
const CACHED_TOKENS = 5_000;

const SECRET_ALGORITHMS = ['HS256'];
const JWKS_ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];
/** Types of access tokens (RFC 7519, RFC 9068). Other types are for other uses, such as an id token. */
const ACCEPTED_TYPES = ['jwt', 'at+jwt'];

export interface TokenVerifierOptions extends ClaimOptions {
  /** HS256 secrets, at least 32 bytes each. At least one of `jwtSecrets` and `jwksUrl` is required. */
  jwtSecrets?: readonly string[];
  jwksUrl?: string;
  /** Required value of `iss`. */
  issuer?: string;
  /** Value that `aud` must contain. */
  audience?: string;
  /** Minimum time between two fetches of the JWKS because of unknown keys, in milliseconds. */
  jwksCooldownMs?: number;
  /** Is told of keys that cannot be used. */
  log?: KeyLog;
  /** The clock, in milliseconds since the epoch. */
  now?: () => number;
}

export interface TokenVerifier {
  /**
   * @param authorization the whole header, `Bearer <JWT>`
   * @throws AppError UNAUTHORIZED if the token is missing or not accepted; UNAVAILABLE, with `retryAfter`, if the JWKS is
   * unreachable
   */
  verify(authorization: string | undefined): Promise<Principal>;
}

interface CachedPrincipal {
  principal: Principal;
  /** Milliseconds since the epoch. */
  until: number;
}

export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { now = Date.now } = options;
  const verifyJwt = createJwtVerifier(options, now);
  // Verifying a signature takes tens of times as long as hashing the token.
  const cache = new LRUCache<string, CachedPrincipal>({ max: CACHED_TOKENS });

  return {
    async verify(authorization) {
      const token = bearerToken(authorization);
      const hash = createHash('sha256').update(token).digest('base64');
      const known = cache.get(hash);
      if (known !== undefined && now() < known.until) return known.principal;
      const claims = await verifyJwt(token);
      const principal = principalOf(claims, options);
      const until = Math.min(now() + CACHE_MS, principal.expiresAt);
      cache.set(hash, { principal, until });
      return principal;
    },
  };
}

function createJwtVerifier(
  options: TokenVerifierOptions,
  now: () => number,
): (token: string) => Promise<JWTPayload> {
  const { jwtSecrets = [], jwksUrl, issuer, audience, jwksCooldownMs = 30_000, log } = options;
  if (jwtSecrets.length === 0 && jwksUrl === undefined) {
    throw new ConfigError('AUTH_JWT_SECRET', 'set this or AUTH_JWKS_URL to verify tokens');
  }
  const secrets = jwtSecrets.map((secret) => createSecretKey(secret, 'utf8'));
  const findKey = jwksUrl === undefined ? undefined : createKeyFinder(jwksUrl, jwksCooldownMs, log);
  const accepted = [...(secrets.length > 0 ? SECRET_ALGORITHMS : []), ...(findKey ? JWKS_ALGORITHMS : [])];
  const rules = (algorithms: string[]): JWTVerifyOptions => ({
    algorithms,
    requiredClaims: ['exp'],
    issuer,
    audience,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    currentDate: new Date(now()),
  });

  return async (token) => {
    const alg = algorithmOf(token);
    try {
      // The algorithm selects the kind of key, so that a public key can never be used as an HS256 secret.
      if (secrets.length > 0 && SECRET_ALGORITHMS.includes(alg)) {
        return await verifyByAny(token, secrets, rules(SECRET_ALGORITHMS));
      }
      if (findKey !== undefined && JWKS_ALGORITHMS.includes(alg)) {
        return await verifyByJwks(token, findKey, rules(JWKS_ALGORITHMS));
      }
    } catch (error) {
      throw asAppError(error);
    }
    throw unauthorized(
      `The algorithm of the bearer token is not accepted (accepted: ${accepted.join(', ')})`,
    );
  };
}

/** @throws AppError UNAUTHORIZED if the header is malformed or says that this is another kind of token */
function algorithmOf(token: string): string {
  const { alg, typ } = headerOf(token);
  if (typ !== undefined && !ACCEPTED_TYPES.includes(normalType(typ))) {
    throw unauthorized(
      'The bearer token is no access token: its "typ" must be JWT or at+jwt, or be left out',
    );
  }
  return alg ?? '';
}

/** Media types are compared without case, and without the prefix that RFC 7515, 4.1.9, recommends to leave out. */
const normalType = (typ: unknown): string =>
  (typeof typ === 'string' ? typ : '').toLowerCase().replace(/^application\//, '');

function headerOf(token: string): { alg?: string; typ?: unknown } {
  try {
    return decodeProtectedHeader(token);
  } catch {
    throw unauthorized(MALFORMED);
  }
}

async function verifyByJwks(token: string, findKey: KeyFinder, rules: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, findKey, rules)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    // During a key rotation, several keys can match a token without a kid.
    return verifyByAny(token, usable(error), rules);
  }
}

async function* usable(keys: AsyncIterable<CryptoKey>): AsyncIterable<CryptoKey> {
  for await (const key of keys) if (!isTooShort(key)) yield key;
}

/** Tries one key after the other. */
async function verifyByAny(
  token: string,
  keys: Iterable<KeyObject> | AsyncIterable<CryptoKey>,
  rules: JWTVerifyOptions,
): Promise<JWTPayload> {
  for await (const key of keys) {
    try {
      return (await jwtVerify(token, key, rules)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
}

function bearerToken(authorization: string | undefined): string {
  if (authorization === undefined || authorization === '') {
    throw unauthorized('A bearer token is required: send "Authorization: Bearer <token>"');
  }
  // Check the length first, so that oversized headers are never parsed or hashed.
  if (authorization.length > 'Bearer '.length + MAX_TOKEN_BYTES) {
    throw unauthorized(`The bearer token is longer than ${MAX_TOKEN_BYTES} bytes`);
  }
  const token = /^bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(authorization)?.[1];
  if (token === undefined) {
    throw unauthorized('The Authorization header does not contain a JSON Web Token: send "Bearer <token>"');
  }
  return token;
}

const MALFORMED = 'The bearer token is not a valid JSON Web Token';

const CLAIM_ADVICE: Record<string, string> = {
  exp: 'The bearer token needs an expiry: the claim "exp", in seconds',
  nbf: 'The bearer token is not valid yet',
  iss: 'The issuer of the bearer token ("iss") is not accepted',
  aud: 'The bearer token is not meant for this service ("aud")',
};

function asAppError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  // A key of the set cannot be read. The token may be valid.
  if (!(error instanceof errors.JOSEError)) return keysUnavailable(error);
  if (error instanceof errors.JWTExpired) return unauthorized('The bearer token has expired');
  if (error instanceof errors.JWTClaimValidationFailed) {
    return unauthorized(CLAIM_ADVICE[error.claim] ?? `The claim "${error.claim}" is not acceptable`);
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return unauthorized('The signature of the bearer token does not match');
  }
  if (error instanceof errors.JWKSNoMatchingKey)
    return unauthorized('The key of the bearer token is not known');
  return unauthorized(MALFORMED);
}
