/**
 * Requests per minute and tenant: one limit for all reads and one for all writes, on any route. Routes with their own
 * queue, those of reservations, have a limit of their own.
 */
import rateLimitPlugin from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';
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

type Kind = 'read' | 'write' | 'reservation';

const KINDS: Partial<Record<Scope, Kind>> = { 'analytics:read': 'read', 'analytics:write': 'write' };

/** Requires authentication, which sets the tenant of a request. */
export const rateLimit = plugin<RateLimitOptions>(
  async (app, { config, redis }) => {
    const limits: Record<Kind, number> = {
      read: config.rateLimitPerMinute,
      write: config.ingestRateLimitPerMinute,
      reservation: config.reservationRateLimitPerMinute,
    };
    await app.register(rateLimitPlugin, {
      global: false,
      redis,
      nameSpace: 'analytics:ratelimit:',
      timeWindow: '1 minute',
      max: (request) => limits[kindOf(request)!],
      // The kind comes first, because a tenant's id may have any characters.
      keyGenerator: (request) => `${kindOf(request)}:${request.principal.tenantId}`,
      // If Redis fails, requests are not counted: a limit is no reason to refuse service.
      skipOnError: true,
      errorResponseBuilder: (_request, { max, ttl }) =>
        new AppError(
          'RATE_LIMITED',
          `rate limit of ${max} requests per minute exceeded; retry in ${Math.ceil(ttl / 1000)} s`,
        ),
    });
    // Without options of its own: with them, the plugin would name the key after a route.
    const count = app.rateLimit();
    app.addHook('onRequest', async (request, reply) => {
      const kind = kindOf(request);
      if (kind !== undefined && limits[kind] > 0) await count.call(app, request, reply);
    });
  },
  { name: 'rate-limit', dependencies: ['authentication'] },
);

/** What is counted together; undefined where nothing is counted. */
function kindOf(request: FastifyRequest): Kind | undefined {
  const { scope, queued } = request.routeOptions.config;
  if (queued === true) return 'reservation';
  return scope && KINDS[scope];
}
