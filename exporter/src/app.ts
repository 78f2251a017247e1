/** The HTTP service, put together from its parts. It knows nothing of the process and its environment. */
import type { FastifyBaseLogger, RouteOptions } from 'fastify';
import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { createTokenVerifier } from './auth/verifier.js';
import type { Config } from './config.js';
import { ReadShares } from './db/read-shares.js';
import { Admission, bodyAdmission } from './http/admission.js';
import { authentication, createAuthenticate } from './http/authentication.js';
import { compression } from './http/compression.js';
import type { App, RouteContext } from './http/context.js';
import { LiveStreams } from './http/live-streams.js';
import { loadShedding, type LoadSheddingOptions } from './http/load-shedding.js';
import { ANALYTICS_PREFIXES, mountedRoutes } from './http/mount.js';
import { notFound } from './http/not-found.js';
import { observation } from './http/observation.js';
import { openApi } from './http/openapi.js';
import { OpenStreams } from './http/open-streams.js';
import { rateLimit } from './http/rate-limit.js';
import { ReadCosts } from './http/read-costs.js';
import { readers } from './http/reader.js';
import { createResponseCache } from './http/response-cache.js';
import { createServer } from './http/server.js';
import { shutdown } from './http/shutdown.js';
import { validation } from './http/validation.js';
import { BusinessMetrics } from './metrics/business.js';
import { ServiceMetrics } from './metrics/service.js';
import { Tiers } from './tenants/tiers.js';
import { ROUTES } from './routes/index.js';
import { createServices, type Services } from './services.js';

export interface AppDeps extends LoadSheddingOptions {
  config: Config;
  pool: Pool;
  logger: FastifyBaseLogger;
  migrationsDir: string;
  redis?: Redis;
  now?: () => number;
  /** Whether the database schema is ready. Default: it is. */
  ready?: () => boolean;
  /** How long a client may leave a stream unread before its connection is closed, in milliseconds. */
  unreadMs?: number;
  /** Default true. */
  processMetrics?: boolean;
  /** Called for every route, those of the documentation page included. */
  onRoute?: (route: RouteOptions) => void;
}

export interface Built {
  app: App;
  services: Services;
}

export async function buildApp(deps: AppDeps): Promise<Built> {
  const { config, pool, logger, redis, now = Date.now, ready = () => true } = deps;
  const services = createServices({
    config,
    pool,
    log: logger,
    now,
    watchBudgets: true,
    shareArrivals: true,
  });
  const admission = new Admission();
  const metrics = new ServiceMetrics({
    pool,
    bodies: admission,
    status: services.status,
    now,
    processMetrics: deps.processMetrics,
  });
  const context: RouteContext = {
    config,
    pool,
    services,
    cache: config.cacheEnabled ? createResponseCache({ redis, logger, metrics }) : undefined,
    metrics,
    admission,
    streams: new OpenStreams(deps.unreadMs),
    liveStreams: new LiveStreams(services.live, deps.unreadMs),
    business: new BusinessMetrics(() => services.status.snapshot),
    now,
    migrationsDir: deps.migrationsDir,
    ready,
  };
  const authenticate = createAuthenticate({
    verifier: createTokenVerifier({ ...config, log: logger }),
    tiers: new Tiers(pool, config.tenantDefaultTier),
    config,
    pool,
    ready,
    guardedPrefixes: config.analyticsEnabled ? ANALYTICS_PREFIXES : [],
  });

  const app = createServer({ config, logger, authenticate });
  if (deps.onRoute !== undefined) app.addHook('onRoute', deps.onRoute);
  // The order of the plugins is the order of their hooks.
  await app.register(observation, { metrics, config });
  await app.register(compression);
  await app.register(loadShedding, { maxEventLoopDelayMs: deps.maxEventLoopDelayMs });
  await app.register(openApi);
  await app.register(authentication, { authenticate });
  await app.register(rateLimit, { config, redis });
  await app.register(readers, {
    shares: new ReadShares(pool),
    costs: new ReadCosts(config.readCostPerMinute),
  });
  await app.register(notFound);
  await app.register(validation);
  await app.register(bodyAdmission);
  await app.register(mountedRoutes, { files: ROUTES, context });
  await app.register(shutdown, { services, cache: context.cache });
  return { app, services };
}
