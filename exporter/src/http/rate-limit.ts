/**
 * Requests a tenant a minute: all reads share one count, and so do all writes, whichever route they take. Whose callers
 * wait in turn has none.
 */
import type { onRequestAsyncHookHandler, preHandlerAsyncHookHandler } from 'fastify';
import type { Scope } from '../auth/principal.js';
import type { Config } from '../config.js';
import type { App } from './context.js';

/** Runs after the guard, which says whose request it is. */
export function createLimiter(app: App, config: Config): onRequestAsyncHookHandler {
  const limits: Partial<Record<Scope, preHandlerAsyncHookHandler>> = {
    'analytics:read': limiterOf(app, 'read', config.rateLimitPerMinute),
    'analytics:write': limiterOf(app, 'write', config.ingestRateLimitPerMinute),
  };
  return async (request, reply) => {
    const { scope, queued } = request.routeOptions.config;
    const limit = scope && queued !== true ? limits[scope] : undefined;
    if (limit !== undefined) await limit.call(app, request, reply);
  };
}

/** One counter for all routes: those that the plugin makes by itself count each route apart. `max` 0: no limit. */
function limiterOf(app: App, kind: string, max: number): preHandlerAsyncHookHandler | undefined {
  if (max === 0) return undefined;
  return app.rateLimit({
    max,
    timeWindow: '1 minute',
    keyGenerator: (request) => `${kind}:${request.principal.tenantId}`,
  });
}
