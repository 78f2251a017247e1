/**
 * Requests a minute for each tenant: one limit for all reads and one for all writes, whichever route they take. Routes
 * with a queue of their own have no limit.
 */
import rateLimitPlugin from '@fastify/rate-limit';
import type { FastifyInstance, preHandlerAsyncHookHandler } from 'fastify';
import plugin from 'fastify-plugin';
import type { Redis } from 'ioredis';
import type { Scope } from '../auth/principal.js';
import type { Config } from '../config.js';
import { AppError } from '../errors.js';

export interface RateLimitOptions {
  config: Pick<Config, 'rateLimitPerMinute' | 'ingestRateLimitPerMinute'>;
  /** Shares the counts between replicas. */
  redis?: Redis;
}

/** Needs authentication, which sets the tenant of a request. */
export const rateLimit = plugin<RateLimitOptions>(
  async (app, { config, redis }) => {
    await app.register(rateLimitPlugin, {
      global: false,
      redis,
      nameSpace: 'ratelimit:',
      // If Redis fails, requests pass uncounted: a limit is no reason to refuse service.
      skipOnError: true,
      errorResponseBuilder: (_request, { max, ttl }) =>
        new AppError(
          'RATE_LIMITED',
          `at most ${max} requests a minute; the next one in ${Math.ceil(ttl / 1000)} s`,
        ),
    });
    const limits: Partial<Record<Scope, preHandlerAsyncHookHandler>> = {
      'analytics:read': sharedLimit(app, 'read', config.rateLimitPerMinute),
      'analytics:write': sharedLimit(app, 'write', config.ingestRateLimitPerMinute),
    };
    app.addHook('onRequest', async (request, reply) => {
      const { scope, queued } = request.routeOptions.config;
      const limit = scope && queued !== true ? limits[scope] : undefined;
      if (limit !== undefined) await limit.call(app, request, reply);
    });
  },
  { name: 'rate-limit', dependencies: ['authentication'] },
);

/** One count for many routes, where the plugin's own limits count each route apart. `max` 0: no limit. */
function sharedLimit(
  app: FastifyInstance,
  kind: string,
  max: number,
): preHandlerAsyncHookHandler | undefined {
  if (max === 0) return undefined;
  return app.rateLimit({
    max,
    timeWindow: '1 minute',
    keyGenerator: (request) => `${kind}:${request.principal.tenantId}`,
  });
}
