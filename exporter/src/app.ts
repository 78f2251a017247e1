/** The HTTP service: plugins, guards and routes over the rooms. It knows nothing of the process and its environment. */
import compress from '@fastify/compress';
import rateLimit from '@fastify/rate-limit';
import underPressure from '@fastify/under-pressure';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  LogController,
  type RouteOptions,
} from 'fastify';
import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { createTokenVerifier } from './auth/verifier.js';
import { createCache } from './cache/cache.js';
import type { Config } from './config.js';
import { AppError } from './errors.js';
import { uuidv7 } from './ids.js';
import { BusinessMetrics } from './metrics/business.js';
import { ServiceMetrics } from './metrics/service.js';
import { Tiers } from './query/tiers.js';
import { Admission } from './http/admission.js';
import type { App, RouteContext } from './http/context.js';
import { handleClientError, handleError, noRoute } from './http/error-handler.js';
import { createGuard } from './http/authentication.js';
import { createLimiter } from './http/rate-limit.js';
import { registerOpenApi } from './http/openapi.js';
import { securityHeaders } from './http/security-headers.js';
import { compileValidator, refuseFieldsOfDelete } from './http/validation.js';
import { ANALYTICS_PREFIXES, mountRoutes } from './http/mount.js';
import { ROUTES } from './routes/index.js';
import { createServices, type Services } from './services.js';

/** What is worth packing: text, JSON and JSON by the line. */
const COMPRESSED = /^text\/(?!event-stream)|[/+-](json|ndjson|xml|javascript)(;|$)/;
const CACHE_BYTES = 64 * 1024 * 1024;
const DEFAULT_BODY_BYTES = 1024 * 1024;
/** A client that sends its request more slowly is cut off with a 408, so that it cannot hold a connection for ever. */
const REQUEST_WITHIN_MS = 60_000;
const REQUEST_ID = /^[\w.:-]{1,128}$/;

export interface AppDeps {
  config: Config;
  pool: Pool;
  logger: FastifyBaseLogger;
  migrationsDir: string;
  redis?: Redis;
  now?: () => number;
  /** Default: the schema is there. */
  ready?: () => boolean;
  /** Default true. */
  processMetrics?: boolean;
  /** Mean delay of the event loop beyond which requests are shed; 0: never. Default 2,000. */
  maxEventLoopDelayMs?: number;
  /** Told of every route, those of the documentation page included. */
  onRoute?: (route: RouteOptions) => void;
}

export interface Built {
  app: App;
  services: Services;
}

export async function buildApp(deps: AppDeps): Promise<Built> {
  const { config, pool, logger, redis, migrationsDir, now = Date.now, ready = () => true } = deps;
  const app: App = fastify({
    loggerInstance: logger,
    // One line a request, written below, in place of two.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: (request) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : uuidv7();
    },
    trustProxy: config.trustProxy ?? false,
    bodyLimit: DEFAULT_BODY_BYTES,
    requestTimeout: REQUEST_WITHIN_MS,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 512 },
    // A path that cannot be read meets no hook: who may not read learns nothing of it either.
    frameworkErrors: (error, request, reply) =>
      void guard(request).then(
        () => handleError(error, request, reply),
        (refusal: FastifyError) => handleError(refusal, request, reply),
      ),
    clientErrorHandler: handleClientError,
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(compileValidator);
  app.setErrorHandler(handleError);
  app.setNotFoundHandler((request) => {
    throw noRoute(request);
  });
  // Bodies are JSON; the parser for plain text would let a text in as one.
  app.removeContentTypeParser('text/plain');
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, parsed) => {
    // Clients that have one set of headers for everything call the body JSON that a DELETE does not have.
    if (body === '' && request.method === 'DELETE') parsed(null);
    else void parseJson(request, body, parsed);
  });
  app.decorateRequest('principal');
  app.decorateRequest('heldBody');
  if (deps.onRoute !== undefined) app.addHook('onRoute', deps.onRoute);

  const services = createServices({ config, pool, log: logger, now, watchBudgets: true });
  const admission = new Admission();
  const metrics = new ServiceMetrics({
    pool,
    bodies: admission,
    clock: services.scheduler.state,
    now,
    processMetrics: deps.processMetrics,
  });
  const cache = config.cacheEnabled
    ? createCache({
        redis,
        maxBytes: CACHE_BYTES,
        log: logger,
        counters: {
          hit: (endpoint) => metrics.cacheHits.inc({ endpoint }),
          miss: (endpoint) => metrics.cacheMisses.inc({ endpoint }),
        },
      })
    : undefined;
  const business = new BusinessMetrics(() => services.scheduler.state.snapshot);
  const context: RouteContext = {
    config,
    pool,
    services,
    cache,
    metrics,
    admission,
    business,
    now,
    migrationsDir,
    ready,
  };

  observe(app, metrics);
  await registerPlugins(app, deps);
  await registerOpenApi(app);
  const guard = createGuard({
    verifier: createTokenVerifier(config),
    tiers: new Tiers(pool, config.tenantDefaultTier),
    config,
    pool,
    ready,
    guardedPrefixes: config.analyticsEnabled ? ANALYTICS_PREFIXES : [],
  });
  app.addHook('onRequest', guard);
  app.addHook('onRequest', createLimiter(app, config));
  // Before the body of a request for nothing is read.
  app.addHook('onRequest', (request, _reply, done) => {
    done(request.is404 ? noRoute(request) : undefined);
  });
  app.addHook('preValidation', refuseFieldsOfDelete);

  await mountRoutes(app, { files: ROUTES, context });
  app.addHook('preClose', async () => {
    // A connection that is busy now would be kept alive after its answer, and its idle client waited for.
    app.server.keepAliveTimeout = 1;
  });
  app.addHook('onClose', async () => {
    await services.ingest.drain();
    await services.traces.drain();
    await services.traces.close();
    await services.executions.drain();
    await services.reservations.drain();
    await services.scheduler.stop();
    await cache?.close();
  });
  return { app, services };
}

async function registerPlugins(app: App, { redis, maxEventLoopDelayMs = 2_000 }: AppDeps): Promise<void> {
  // HTTP's names of codings have no case, and an old one of gzip is still sent.
  app.addHook('onRequest', ({ headers }, _reply, done) => {
    const encoding = headers['content-encoding']?.toLowerCase();
    if (encoding !== undefined) headers['content-encoding'] = encoding === 'x-gzip' ? 'gzip' : encoding;
    done();
  });
  await app.register(compress, {
    encodings: ['gzip'],
    customTypes: COMPRESSED,
    requestEncodings: ['gzip', 'identity'],
    onUnsupportedRequestEncoding: (encoding) =>
      new AppError('UNSUPPORTED_MEDIA_TYPE', `Content-Encoding ${encoding} is not accepted; gzip is`),
    onInvalidRequestPayload: (encoding, _request, error) => {
      // Valid as it may be, there is no room for it.
      if (error instanceof AppError) return error;
      const message = `the body is not valid ${encoding}, though Content-Encoding says that it is`;
      // What can be enumerated is copied onto zlib's error, and of an error its message cannot.
      return { ...new AppError('VALIDATION_ERROR', message), message };
    },
  });
  await app.register(underPressure, {
    maxEventLoopDelay: maxEventLoopDelayMs,
    pressureHandler: (request) => {
      // A busy process is alive, and whoever looks after it must be able to see it.
      if (request.url.startsWith('/health') || request.url.startsWith('/metrics')) return;
      if (request.routeOptions.config.queued === true) return;
      throw new AppError('UNAVAILABLE', 'the service is overloaded; try again', { retryAfter: 1 });
    },
  });
  await app.register(rateLimit, {
    global: false,
    redis,
    nameSpace: 'ratelimit:',
    // Without Redis a request passes uncounted: a limit is no reason to refuse service.
    skipOnError: true,
    errorResponseBuilder: (_request, { max, ttl }) =>
      new AppError(
        'RATE_LIMITED',
        `at most ${max} requests a minute; the next one in ${Math.ceil(ttl / 1000)} s`,
      ),
  });
}

/** The headers of every answer; one line of log and one observation a request. */
function observe(app: App, metrics: ServiceMetrics): void {
  const headers = securityHeaders();
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers).header('x-request-id', request.id);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { elapsedTime, statusCode: status } = reply;
    const { method } = request;
    const route = request.routeOptions.url ?? 'none';
    metrics.httpDuration.observe({ method, route, status: String(status) }, elapsedTime / 1000);
    const level = route.startsWith('/health') || route.startsWith('/metrics') ? 'debug' : 'info';
    request.log[level](
      { method, route, status, ms: Math.round(elapsedTime * 10) / 10, tenant: request.principal?.tenantId },
      'request',
    );
    done();
  });
}
