/** What routes are given: the rooms behind them, nothing of the process. */
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifySchema,
  FastifySchemaCompiler,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { Pool } from 'pg';
import type { Principal, Scope } from '../auth/principal.js';
import type { Cache } from '../cache/cache.js';
import type { Config } from '../config.js';
import type { BusinessMetrics } from '../metrics/business.js';
import type { ServiceMetrics } from '../metrics/service.js';
import type { Services } from '../services.js';
import type { Admission, HeldBody } from './admission.js';

/** Fastify with types from the TypeBox schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export interface RouteContext {
  config: Config;
  pool: Pool;
  services: Services;
  cache: Cache | undefined;
  metrics: ServiceMetrics;
  admission: Admission;
  business: BusinessMetrics;
  now: () => number;
  migrationsDir: string;
  /** Whether the schema is there and the clock runs. */
  ready: () => boolean;
  /** Compiles a schema into a validator, as every route's does. */
  compile: FastifySchemaCompiler<FastifySchema>;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard on every route that names a scope. */
    principal: Principal;
    /** Set on every way in once its body is admitted. */
    heldBody: HeldBody | undefined;
  }
  interface FastifyContextConfig {
    /** What the token must allow; a route without it is open. */
    scope?: Scope;
    /** Reads that the free tier may not make. */
    tiered?: boolean;
    /** Its callers wait in a queue of their own, not for connections: they are not shed. */
    queued?: boolean;
    /** Content types of its body, in words; default: JSON. */
    accepts?: string;
  }
}

/** The tenant of a request: its principal's, and no other way to name one. */
export function tenantOf(request: { principal: Principal }): string {
  return request.principal.tenantId;
}
