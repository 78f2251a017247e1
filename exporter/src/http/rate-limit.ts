/**
 * Requests per minute and tenant: one limit for all reads and one for all writes, on any route. Routes with their own
 * queue, those of reservations, have a limit of their own.
 */
import rateLimitPlugin from '@fastify/rate-limit';
import type { FastifyInstance, preHandlerAsyncHookHandler } from 'fastify';
import plugin from 'fastify-plugin';
import type { Redis } from 'ioredis';
import type { Scope } from '../auth/principal.js';
import type { Config } from '../config.js';
import { AppError } from '../errors.js';

export interface RateLimitOptions {
  config: Pick<Config, 'rateLimitPerMinute' | 'ingestRateLimitPerMinute' | 'reservationRateLimitPerMinute'>;
  /** If set, replicas share the counts. */
  redis?: Redis;
}

/** Requires authentication, which sets the tenant of a request. */
export const rateLimit = plugin<RateLimitOptions>(
  async (app, { config, redis }) => {
    await app.register(rateLimitPlugin, {
      global: false,
      redis,
      nameSpace: 'analytics:ratelimit:',
      // If Redis fails, requests are not counted: a limit is no reason to refuse service.
      skipOnError: true,
      errorResponseBuilder: (_request, { max, ttl }) =>
        new AppError(
          'RATE_LIMITED',
          `rate limit of ${max} requests per minute exceeded; retry in ${Math.ceil(ttl / 1000)} s`,
        ),
    });
    const limits: Partial<Record<Scope, preHandlerAsyncHookHandler>> = {
      'analytics:read': sharedLimit(app, 'read', config.rateLimitPerMinute),
      'analytics:write': sharedLimit(app, 'write', config.ingestRateLimitPerMinute),
    };
    const reservations = sharedLimit(app, 'reservation', config.reservationRateLimitPerMinute);
    app.addHook('onRequest', async (request, reply) => {
      const { scope, queued } = request.routeOptions.config;
      const limit = queued === true ? reservations : scope && limits[scope];
      if (limit !== undefined) await limit.call(app, request, reply);
    });
  },
  { name: 'rate-limit', dependencies: ['authentication'] },
);

/** One count for many routes; the plugin's own limits count each route separately. With `max` 0 there is no limit. */
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
