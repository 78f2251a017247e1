/** Verifies `Authorization` headers and returns principals. */
import { createHash, createSecretKey } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { JWTPayload, JWTVerifyGetKey, JWTVerifyOptions } from 'jose';
import { LRUCache } from 'lru-cache';
import { AppError, ConfigError } from '../errors.js';
import { isId } from '../ids.js';
import { createKeyFinder, keysUnavailable } from './jwks.js';
import { isScope, type Principal, type Scope } from './principal.js';

const MAX_TOKEN_BYTES = 8 * 1024;
const CLOCK_TOLERANCE_SECONDS = 5;
/** How long a verified token is cached. A revoked key is still accepted for this long. */
const CACHE_MS = 60_000;
const CACHED_TOKENS = 5_000;
const SUBJECT = /^[^\p{C}\p{Zl}\p{Zp}]{1,256}$/u;

const SECRET_ALGORITHMS = ['HS256'];
const JWKS_ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];

export interface TokenVerifierOptions {
  /** HS256 secret, at least 32 bytes. At least one of `jwtSecret` and `jwksUrl` is required. */
  jwtSecret?: string;
  jwksUrl?: string;
  /** Required value of `iss`. */
  issuer?: string;
  /** Value that `aud` must contain. */
  audience?: string;
  /** Minimum time between two fetches of the JWKS because of unknown keys, in milliseconds. */
  jwksCooldownMs?: number;
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
      const principal = principalOf(claims);
      const until = Math.min(now() + CACHE_MS, claims.exp! * 1000);
      cache.set(hash, { principal, until });
      return principal;
    },
  };
}

function createJwtVerifier(
  options: TokenVerifierOptions,
  now: () => number,
): (token: string) => Promise<JWTPayload> {
  const { jwtSecret, jwksUrl, issuer, audience, jwksCooldownMs = 30_000 } = options;
  if (jwtSecret === undefined && jwksUrl === undefined) {
    throw new ConfigError('AUTH_JWT_SECRET', 'set this or AUTH_JWKS_URL to verify tokens');
  }
  const secret = jwtSecret === undefined ? undefined : createSecretKey(jwtSecret, 'utf8');
  const findKey = jwksUrl === undefined ? undefined : createKeyFinder(jwksUrl, jwksCooldownMs);
  const accepted = [...(secret ? SECRET_ALGORITHMS : []), ...(findKey ? JWKS_ALGORITHMS : [])];
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
      if (secret !== undefined && SECRET_ALGORITHMS.includes(alg)) {
        return (await jwtVerify(token, secret, rules(SECRET_ALGORITHMS))).payload;
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

function algorithmOf(token: string): string {
  try {
    return decodeProtectedHeader(token).alg ?? '';
  } catch {
    throw unauthorized(MALFORMED);
  }
}

async function verifyByJwks(
  token: string,
  findKey: JWTVerifyGetKey,
  rules: JWTVerifyOptions,
): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, findKey, rules)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    // During a key rotation, several keys can match a token without a kid.
    for await (const key of error) {
      try {
        return (await jwtVerify(token, key, rules)).payload;
      } catch (mismatch) {
        if (!(mismatch instanceof errors.JWSSignatureVerificationFailed)) throw mismatch;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
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

function principalOf(claims: JWTPayload): Principal {
  const { organization_id: tenantId, sub, scope } = claims;
  if (tenantId === undefined) {
    throw unauthorized('The bearer token names no tenant: the claim "organization_id" is missing');
  }
  if (!isId(tenantId)) {
    throw unauthorized('"organization_id" must be 1 to 128 printable characters without white space');
  }
  if (sub !== undefined && !(typeof sub === 'string' && SUBJECT.test(sub))) {
    throw unauthorized('"sub" must be 1 to 256 printable characters');
  }
  return { tenantId, subject: sub ?? tenantId, scopes: scopesOf(scope) };
}

/** Ignores unknown words, because the claim may also list scopes of other services. */
function scopesOf(claim: unknown): ReadonlySet<Scope> {
  if (claim === undefined) return new Set<Scope>(['analytics:read']);
  if (typeof claim !== 'string') throw unauthorized('"scope" must be a string of scopes separated by spaces');
  return new Set(claim.split(' ').filter(isScope));
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
  // A key of the set cannot be used, such as an RSA key that is too short. The token may be valid.
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

/** Without a cause, because jose's errors contain the claims, which are personal data. */
function unauthorized(message: string): AppError {
  return new AppError('UNAUTHORIZED', message);
}
