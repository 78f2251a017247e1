/** The arguments of every route. */
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { Pool } from 'pg';
import type { Principal } from '../auth/principal.js';
import type { Cache } from '../cache/cache.js';
import type { Config } from '../config.js';
import type { BusinessMetrics } from '../metrics/business.js';
import type { ServiceMetrics } from '../metrics/service.js';
import type { Services } from '../services.js';
import type { Author } from '../tenants/audit.js';
import type { Admission } from './admission.js';
import type { LiveStreams } from './live-streams.js';
import type { OpenStreams } from './open-streams.js';

/** Fastify, with requests and replies typed by their TypeBox schemas. */
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
  streams: OpenStreams;
  liveStreams: LiveStreams;
  business: BusinessMetrics;
  now: () => number;
  migrationsDir: string;
  /** Whether the database schema is ready and the scheduler is running. */
  ready: () => boolean;
}

/** Who makes the changes of a request. */
export function authorOf({ principal, log }: { principal: Principal; log: Author['log'] }): Author {
  return { subject: principal.subject, via: 'api', log };
}

/** The tenant of a request is its principal's. A request cannot name another one. */
export function tenantOf(request: { principal: Principal }): string {
  return request.principal.tenantId;
}
