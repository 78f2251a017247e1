/** Who may pass: the token, then its scope, then the tenant's tier; all before anything of the request is looked at. */
import type { FastifyContextConfig, FastifyRequest } from 'fastify';
import type { TokenVerifier } from '../auth/verifier.js';
import type { Config } from '../config.js';
import { AppError } from '../errors.js';
import type { Tiers } from '../query/tiers.js';

/** Requests that may wait for a connection; beyond that the service sheds load rather than queue it. */
const MAX_WAITING = 200;

const UNKNOWN_READ = { scope: 'analytics:read', tiered: true } as const;

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
  const isGuarded = ({ url }: FastifyRequest): boolean => guarded.some((prefix) => prefix.test(url));
  return async (request) => {
    const {
      scope,
      tiered = false,
      queued = false,
    }: FastifyContextConfig = request.is404 && isGuarded(request)
      ? UNKNOWN_READ
      : request.routeOptions.config;
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
