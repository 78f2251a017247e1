/** The whole exporter with a test database, in one line: `const t = await testApp()`. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LightMyRequestResponse, RouteOptions } from 'fastify';
import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { pino } from 'pino';
import { buildApp, type Built } from '../../src/app.js';
import type { Scope } from '../../src/auth/principal.js';
import { signToken } from '../../src/auth/tokens.js';
import { type Config, loadConfig } from '../../src/config.js';
import type { App } from '../../src/http/context.js';
import { createTestDatabase, migrationsDir, type TestDatabase } from './database.js';

export const SECRET = 'a secret of the tests that is long enough';
/** The prefix of relative paths in tests. */
export const PREFIX = '/api/v1/analytics';
/** The service's current time unless a test sets another one: a Wednesday. */
export const NOW = '2026-03-18T12:00:00Z';

export interface TestAppOptions {
  /** In RFC 3339. */
  now?: string;
  /** Environment variables. By default the cache is disabled, so that every response is current. */
  env?: Record<string, string>;
  /** The database of another test app, which drops it. */
  database?: TestDatabase;
  pool?: Pool;
  redis?: Redis;
  ready?: () => boolean;
  onRoute?: (route: RouteOptions) => void;
  /** Default false. */
  processMetrics?: boolean;
  /** Default: no request is shed, however busy the machine is. */
  maxEventLoopDelayMs?: number;
  unreadMs?: number;
}

/** Who sends a request; a string is the tenant. By default the token may read and write. */
export interface Asker {
  tenant?: string;
  scopes?: readonly Scope[];
  /** Replaces the signed token; with null, none is sent. */
  token?: string | null;
  headers?: Record<string, string>;
}

/** An event as the API receives it, with the fields that tests always set. */
export interface TestEvent {
  id?: string;
  occurredAt: string;
  metricType: string;
  agentId?: string | null;
  [field: string]: unknown;
}

export interface QueryRequest {
  range: { from: string; to: string };
  timeZone?: string;
  queries: readonly object[];
}

export type Json = Record<string, unknown>;

export class TestApp {
  /** The log, one JSON object per line. */
  readonly log: string[];
  private tenants = 0;

  constructor(
    readonly app: App,
    readonly services: Built['services'],
    readonly config: Config,
    readonly database: TestDatabase,
    readonly clock: { now: number },
    log: string[],
    private readonly ownsDatabase: boolean,
    private readonly ownsFolder: boolean,
  ) {
    this.log = log;
  }

  get pool(): Pool {
    return this.database.pool;
  }

  /** The id of a new tenant. */
  tenant(): string {
    this.tenants += 1;
    return `tenant-${this.tenants}`;
  }

  setNow(time: string): void {
    this.clock.now = Date.parse(time);
  }

  token(tenant: string, scopes: readonly Scope[] = ['analytics:read', 'analytics:write']): Promise<string> {
    return signToken({ secret: SECRET, tenantId: tenant, subject: 'tests', scopes, lifetimeSeconds: 600 });
  }

  async headers(asker: string | Asker = {}): Promise<Record<string, string>> {
    const { tenant = 'acme', scopes, token, headers } = typeof asker === 'string' ? { tenant: asker } : asker;
    if (token === null) return { ...headers };
    return { authorization: `Bearer ${token ?? (await this.token(tenant, scopes))}`, ...headers };
  }

  /** A path without a leading slash is relative to the canonical prefix. */
  async get(path: string, asker?: string | Asker): Promise<LightMyRequestResponse> {
    return this.app.inject({ method: 'GET', url: urlOf(path), headers: await this.headers(asker) });
  }

  /** `body` is sent as JSON; a string or buffer is sent unchanged. */
  async post(path: string, body: unknown, asker?: string | Asker): Promise<LightMyRequestResponse> {
    const headers = { 'content-type': 'application/json', ...(await this.headers(asker)) };
    const payload = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    return this.app.inject({ method: 'POST', url: urlOf(path), headers, payload });
  }

  /** Returns the body; throws unless the status is 200. */
  async read<T = Json>(path: string, asker?: string | Asker): Promise<T> {
    return bodyOf<T>(await this.get(path, asker));
  }

  /** Sends events of a tenant; throws unless all are accepted. */
  async send(tenant: string, events: readonly TestEvent[]): Promise<void> {
    for (let first = 0; first < events.length; first += 10_000) {
      const part = events.slice(first, first + 10_000);
      const answer = bodyOf<{ accepted: number }>(
        await this.post('/api/v1/events', { events: part }, { tenant }),
      );
      if (answer.accepted !== part.length) throw new Error(`not all accepted: ${JSON.stringify(answer)}`);
    }
  }

  /** Processes all due marks and takes the snapshot for Prometheus. */
  rollup(): Promise<void> {
    return this.services.rollupJob.run(new AbortController().signal);
  }

  /** Nothing of the events is left to do in the background, so that later statements can be counted. */
  async sendAndRollup(tenant: string, events: readonly TestEvent[]): Promise<void> {
    await this.send(tenant, events);
    await this.services.arrivals.share();
    await this.rollup();
  }

  /** Returns the results of `POST /query`. */
  async query(tenant: string, request: QueryRequest): Promise<Record<string, QueryResult>> {
    return bodyOf<{ results: Record<string, QueryResult> }>(await this.post('query', request, tenant))
      .results;
  }

  async close(): Promise<void> {
    await this.app.close();
    if (this.ownsFolder) await rm(this.config.dataDir, { recursive: true, force: true });
    if (this.ownsDatabase) await this.database.drop();
  }
}

export interface QueryResult {
  columns: { name: string; type: string; unit?: string; values: (string | number | null)[] }[];
  notices: string[];
  error?: { code: string; message: string };
}

/** Converts columns to rows. */
export function rowsOf({ columns }: Pick<QueryResult, 'columns'>): Record<string, string | number | null>[] {
  return (columns[0]?.values ?? []).map((_, i) =>
    Object.fromEntries(columns.map(({ name, values }) => [name, values[i] ?? null])),
  );
}

const urlOf = (path: string): string => (path.startsWith('/') ? path : `${PREFIX}/${path}`);

export function bodyOf<T = Json>(response: LightMyRequestResponse): T {
  if (response.statusCode !== 200) throw new Error(`${response.statusCode}: ${response.body.slice(0, 500)}`);
  return response.json<T>();
}

/** The outcome of a request that sends facts, also if all of them were rejected. */
export function outcomeOf<T = Json>(response: LightMyRequestResponse): T {
  if (response.statusCode !== 400) return bodyOf<T>(response);
  const { code, details } = response.json<{ code: string; details?: { rejected?: unknown } }>();
  if (code !== 'VALIDATION_ERROR' || details?.rejected === undefined) return bodyOf<T>(response);
  return { accepted: 0, duplicates: 0, rejected: details.rejected } as T;
}

/** Status and error code of an error response. */
export function refusalOf(response: LightMyRequestResponse): [number, unknown] {
  return [response.statusCode, response.json<Json>().code];
}

export async function testApp(options: TestAppOptions = {}): Promise<TestApp> {
  const database = options.database ?? (await createTestDatabase());
  const clock = { now: Date.parse(options.now ?? NOW) };
  const config = loadConfig({
    AUTH_JWT_SECRET: SECRET,
    CACHE_ENABLED: 'false',
    RATE_LIMIT_PER_MINUTE: '0',
    DATA_DIR: join(tmpdir(), `agentidp-analytics-${randomUUID()}`),
    ...options.env,
  });
  const log: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => void log.push(line) });
  const { app, services } = await buildApp({
    config,
    pool: options.pool ?? database.pool,
    logger,
    migrationsDir,
    redis: options.redis,
    now: () => clock.now,
    ready: options.ready,
    processMetrics: options.processMetrics ?? false,
    onRoute: options.onRoute,
    unreadMs: options.unreadMs,
    maxEventLoopDelayMs: options.maxEventLoopDelayMs ?? 0,
  });
  await app.ready();
  const owns = [options.database === undefined, options.env?.DATA_DIR === undefined] as const;
  return new TestApp(app, services, config, database, clock, log, ...owns);
}
