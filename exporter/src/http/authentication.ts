/** Who may pass: the token, then its scope, then the tenant's tier; all before anything of the request is looked at. */
import type { FastifyContextConfig, FastifyRequest } from 'fastify';
import type { TokenVerifier } from '../auth/verifier.js';
import type { Config } from '../config.js';
import { AppError } from '../errors.js';
import type { Tiers } from '../query/tiers.js';

/** Requests that may wait for a connection; beyond that the service sheds load rather than queue it. */
const MAX_WAITING = 200;

const UNKNOWN_READ = { scope: 'analytics:read', tiered: true } as const;
const UNKNOWN_WRITE = { scope: 'analytics:write' } as const;
const WAYS_IN = /^\/api\/v1\/(events|executions)(?![^/?])/;

export interface GuardDeps {
  verifier: TokenVerifier;
  tiers: Tiers;
  config: Config;
  pool: { waitingCount: number };
  ready: () => boolean;
  /** Below these an unknown route is refused as any read would be: who may not read learns of no route. */
  guardedPrefixes: readonly string[];
}

export function createGuard(deps: GuardDeps): (request: FastifyRequest) => Promise<void> {
  const { verifier, tiers, config, pool, ready, guardedPrefixes } = deps;
  const guarded = guardedPrefixes.map((prefix) => new RegExp(`^${prefix}(?![^/?])`));
  const unknown = ({ url }: FastifyRequest): FastifyContextConfig | undefined =>
    guarded.some((prefix) => prefix.test(url)) ? UNKNOWN_READ : WAYS_IN.test(url) ? UNKNOWN_WRITE : undefined;
  return async (request) => {
    const {
      scope,
      tiered = false,
      queued = false,
    }: FastifyContextConfig = (request.is404 && unknown(request)) || request.routeOptions.config;
    if (scope === undefined) return;
    request.principal = await verifier.verify(request.headers.authorization);
    const { tenantId, scopes } = request.principal;
    if (!scopes.has(scope)) throw new AppError('FORBIDDEN', `the token lacks the scope ${scope}`);
    if (!ready())
      throw new AppError('UNAVAILABLE', 'the database is not ready yet; try again', { retryAfter: 2 });
    if (!queued && pool.waitingCount > MAX_WAITING) {
      throw new AppError('UNAVAILABLE', 'too many requests are waiting for the database; try again', {
        retryAfter: 1,
      });
    }
    if (tiered && !config.analyticsFreeTier && (await tiers.of(tenantId)) === 'free') {
      throw new AppError('ANALYTICS_NOT_AVAILABLE', 'analytics is not part of the free tier');
    }
  };
}
