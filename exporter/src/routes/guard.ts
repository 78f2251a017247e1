/** Who may pass: the token, then its scope, then the tenant's tier; all before anything of the request is looked at. */
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import type { TokenVerifier } from '../auth/verifier.js';
import type { Config } from '../config.js';
import { AppError } from '../errors.js';
import type { Tiers } from '../query/tiers.js';

/** Requests that may wait for a connection; beyond that the service sheds load rather than queue it. */
const MAX_WAITING = 200;

export interface GuardDeps {
  verifier: TokenVerifier;
  tiers: Tiers;
  config: Config;
  pool: { waitingCount: number };
  ready: () => boolean;
}

export function createGuard({ verifier, tiers, config, pool, ready }: GuardDeps): onRequestAsyncHookHandler {
  return async (request: FastifyRequest) => {
    const { scope, tiered = false } = request.routeOptions.config;
    if (scope === undefined) return;
    request.principal = await verifier.verify(request.headers.authorization);
    const { tenantId, scopes } = request.principal;
    if (!scopes.has(scope)) throw new AppError('FORBIDDEN', `the token lacks the scope ${scope}`);
    if (!ready())
      throw new AppError('UNAVAILABLE', 'the database is not ready yet; try again', { retryAfter: 2 });
    if (pool.waitingCount > MAX_WAITING) {
      throw new AppError('UNAVAILABLE', 'too many requests are waiting for the database; try again', {
        retryAfter: 1,
      });
    }
    if (tiered && !config.analyticsFreeTier && (await tiers.of(tenantId)) === 'free') {
      throw new AppError('ANALYTICS_NOT_AVAILABLE', 'analytics is not part of the free tier');
    }
  };
}
