/** Checks the token, its scope and the tenant's tier, before anything else of the request is read. */
import type { FastifyContextConfig, FastifyRequest } from 'fastify';
import plugin from 'fastify-plugin';
import type { Principal, Scope } from '../auth/principal.js';
import type { TokenVerifier } from '../auth/verifier.js';
import type { Config } from '../config.js';
import { AppError, RETRY_AFTER } from '../errors.js';
import type { Tiers } from '../tenants/tiers.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every route with a scope. */
    principal: Principal;
  }
  interface FastifyContextConfig {
    /** The scope that the token must have. A route without one is open. */
    scope?: Scope;
    /** If true, the route is not part of the free tier. */
    tiered?: boolean;
    /** If true, requests wait in their own queue and not for a connection: they are not shed, and have a rate limit of their own. */
    queued?: boolean;
    /** If true, answers have no end of their own, so that how long they take says nothing. */
    endless?: boolean;
  }
}

/** Maximum number of requests that wait for a connection. Further ones get a 503. */
const MAX_WAITING = 200;

const UNKNOWN_READ = { scope: 'analytics:read', tiered: true } as const;
const UNKNOWN_WRITE = { scope: 'analytics:write' } as const;
const INGEST_PATHS = /^\/api\/v1\/(events|executions)(?![^/?])/;

export interface AuthenticationDeps {
  verifier: TokenVerifier;
  tiers: Tiers;
  config: Pick<Config, 'analyticsFreeTier'>;
  pool: { waitingCount: number };
  ready: () => boolean;
  /** Prefixes below which an unknown route also requires a token, so that routes cannot be discovered without one. */
  guardedPrefixes: readonly string[];
}

export type Authenticate = (request: FastifyRequest) => Promise<void>;

export function createAuthenticate(deps: AuthenticationDeps): Authenticate {
  const { verifier, tiers, config, pool, ready, guardedPrefixes } = deps;
  const guarded = guardedPrefixes.map((prefix) => new RegExp(`^${prefix}(?![^/?])`));
  const configOfUnknown = ({ url }: FastifyRequest): FastifyContextConfig | undefined => {
    if (guarded.some((prefix) => prefix.test(url))) return UNKNOWN_READ;
    return INGEST_PATHS.test(url) ? UNKNOWN_WRITE : undefined;
  };
  return async (request) => {
    const route: FastifyContextConfig =
      (request.is404 && configOfUnknown(request)) || request.routeOptions.config;
    const { scope, tiered = false, queued = false } = route;
    if (scope === undefined) return;
    request.principal = await verifier.verify(request.headers.authorization);
    const { tenantId, scopes } = request.principal;
    if (!scopes.has(scope)) throw new AppError('FORBIDDEN', `the token lacks the scope ${scope}`);
    if (!ready()) {
      throw new AppError('UNAVAILABLE', 'the database is not ready yet; try again', {
        retryAfter: RETRY_AFTER.starting,
      });
    }
    if (!queued && pool.waitingCount > MAX_WAITING) {
      throw new AppError('UNAVAILABLE', 'too many requests are waiting for the database; try again', {
        retryAfter: RETRY_AFTER.overload,
      });
    }
    if (tiered && !config.analyticsFreeTier && (await tiers.of(tenantId)) === 'free') {
      throw new AppError('ANALYTICS_NOT_AVAILABLE', 'analytics is not part of the free tier');
    }
  };
}

export const authentication = plugin<{ authenticate: Authenticate }>(
  async (app, { authenticate }) => {
    app.decorateRequest('principal');
    app.addHook('onRequest', authenticate);
  },
  { name: 'authentication' },
);
