/** Operations: health, Prometheus, the OpenAPI document. At the root only. */
import { timingSafeEqual } from 'node:crypto';
import { Type } from 'typebox';
import type { Scope } from '../auth/principal.js';
import { type SchemaStatus, schemaStatus } from '../db/migrate.js';
import { AppError } from '../errors.js';
import { BUSINESS_CONTENT_TYPE } from '../metrics/business.js';
import { type App, type RouteContext, tenantOf } from '../http/context.js';
import { bearer, errorResponses, GUARDED, NoQuery, Nullable, Strict } from '../http/schemas.js';

const tags = ['Operations'];
const Exposition = {
  description: 'Prometheus text exposition.',
  content: { 'text/plain': { schema: Type.String() } },
};

const Live = Strict({ status: Type.String({ enum: ['ok'] }) });
const Ready = Strict({
  status: Type.String({ enum: ['ready', 'migrating', 'unavailable'] }),
  database: Type.String({ enum: ['up', 'down'] }),
  schema: Nullable(Strict({ current: Type.Integer(), expected: Type.Integer() })),
});

export function operationRoutes(app: App, context: RouteContext): void {
  const { pool, metrics, business, config, migrationsDir } = context;
  /** What the log has been told of the schema: once, however often it is asked for. */
  let told: string | undefined;

  app.get(
    '/health/live',
    { schema: { summary: 'The process answers', tags, querystring: NoQuery, response: { 200: Live } } },
    () => ({
      status: 'ok',
    }),
  );

  app.get(
    '/health/ready',
    {
      schema: {
        summary: 'Database and schema are as needed',
        tags,
        querystring: NoQuery,
        response: { 200: Ready, 503: Ready },
      },
    },
    async (request, reply) => {
      const found = await schemaStatus(pool, { dir: migrationsDir }).catch(() => undefined);
      if (found === undefined) {
        return reply
          .code(503)
          .header('retry-after', 5)
          .send({ status: 'unavailable', database: 'down', schema: null });
      }
      const said = describe(found);
      if (said !== undefined && said !== told) request.log.warn({}, said);
      told = said;
      const status = statusOf(found, context.ready());
      const { current, expected } = found;
      return reply
        .code(status === 'ready' ? 200 : 503)
        .send({ status, database: 'up', schema: { current, expected } });
    },
  );

  app.get(
    '/metrics',
    {
      schema: {
        summary: "The service's own metrics",
        tags,
        querystring: NoQuery,
        response: { 200: Exposition },
      },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  );

  app.get(
    '/metrics/tenants',
    {
      onRequest: async ({ headers }) => {
        if (config.metricsToken === undefined) throw new AppError('NOT_FOUND', 'METRICS_TOKEN is not set');
        if (!isBearer(headers.authorization, config.metricsToken)) {
          throw new AppError('UNAUTHORIZED', 'this route wants METRICS_TOKEN as its bearer token');
        }
      },
      schema: {
        summary: 'Business metrics of all tenants',
        description: 'Wants METRICS_TOKEN as bearer token; 404 while that is unset.',
        tags,
        security: bearer,
        querystring: NoQuery,
        response: { 200: Exposition, ...errorResponses('UNAUTHORIZED', 'NOT_FOUND', 'UNAVAILABLE') },
      },
    },
    async (_request, reply) => reply.type(BUSINESS_CONTENT_TYPE).send(present(business.all())),
  );

  app.get(
    '/metrics/tenant',
    {
      config: { scope: 'analytics:read' as Scope, tiered: true },
      schema: {
        summary: "A tenant's own business metrics",
        tags,
        security: bearer,
        querystring: NoQuery,
        response: { 200: Exposition, ...errorResponses(...GUARDED, 'ANALYTICS_NOT_AVAILABLE') },
      },
    },
    async (request, reply) => reply.type(BUSINESS_CONTENT_TYPE).send(present(business.of(tenantOf(request)))),
  );

  app.get(
    '/openapi.json',
    {
      schema: { summary: 'This document', tags, querystring: NoQuery, response: { 200: Type.Unknown() } },
    },
    () => app.swagger(),
  );
}

/**
 * A replica that has started stays ready behind a newer release, as during an update: that one only adds to the schema.
 * Before its start it is not: its own migrate refuses such a database.
 */
function statusOf(
  { current, expected, pending, conflict }: SchemaStatus,
  started: boolean,
): 'ready' | 'migrating' | 'unavailable' {
  if (conflict !== undefined || (current > expected && !started)) return 'unavailable';
  return started && pending.length === 0 ? 'ready' : 'migrating';
}

function describe({ current, expected, conflict }: SchemaStatus): string | undefined {
  if (conflict !== undefined || current <= expected) return conflict;
  return `the schema is of a newer release: version ${current}, this release knows ${expected}`;
}

function present(text: string | undefined): string {
  if (text === undefined)
    throw new AppError('UNAVAILABLE', 'the first rollup has not ended yet', { retryAfter: 5 });
  return text;
}

/** In constant time, so that the answer's delay tells nothing of the token. */
function isBearer(header: string | undefined, token: string): boolean {
  const given = Buffer.from(/^bearer +(.*)$/i.exec(header ?? '')?.[1] ?? '');
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
