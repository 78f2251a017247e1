/** The whole exporter over a test database, in one line: `const t = await testApp()`. */
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

export const SECRET = 'a secret of the tests, long enough';
/** Where relative paths of a test stand. */
export const PREFIX = '/api/v1/analytics';
/** What the service takes for now, unless a test says otherwise: a Wednesday. */
export const NOW = '2026-03-18T12:00:00Z';

export interface TestAppOptions {
  /** RFC 3339. */
  now?: string;
  /** Settings by name. Without them nothing is cached, so that every answer is of the moment. */
  env?: Record<string, string>;
  /** Of another test app, which then keeps it. */
  database?: TestDatabase;
  pool?: Pool;
  redis?: Redis;
  ready?: () => boolean;
  onRoute?: (route: RouteOptions) => void;
  /** Default false. */
  processMetrics?: boolean;
  /** Default: nothing is shed, however busy the machine of the tests is. */
  maxEventLoopDelayMs?: number;
}

/** Who asks; a text is the tenant. Without scopes the token may read and write. */
export interface Asker {
  tenant?: string;
  scopes?: readonly Scope[];
  /** In place of a signed one; null sends none. */
  token?: string | null;
  headers?: Record<string, string>;
}

/** An event of the wire with what the tests always give it. */
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
  /** Lines of the log, as JSON. */
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
  ) {
    this.log = log;
  }

  get pool(): Pool {
    return this.database.pool;
  }

  /** The id of a tenant that no other test has. */
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

  /** A path without a leading slash stands under the canonical prefix. */
  async get(path: string, asker?: string | Asker): Promise<LightMyRequestResponse> {
    return this.app.inject({ method: 'GET', url: urlOf(path), headers: await this.headers(asker) });
  }

  /** `body` is JSON, or bytes as they are. */
  async post(path: string, body: unknown, asker?: string | Asker): Promise<LightMyRequestResponse> {
    const headers = { 'content-type': 'application/json', ...(await this.headers(asker)) };
    const payload = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    return this.app.inject({ method: 'POST', url: urlOf(path), headers, payload });
  }

  /** The body of a 200. */
  async read<T = Json>(path: string, asker?: string | Asker): Promise<T> {
    return bodyOf<T>(await this.get(path, asker));
  }

  /** Sends events of a tenant, all of which must be accepted. */
  async send(tenant: string, events: readonly TestEvent[]): Promise<void> {
    for (let first = 0; first < events.length; first += 10_000) {
      const part = events.slice(first, first + 10_000);
      const answer = bodyOf<{ accepted: number }>(
        await this.post('/api/v1/events', { events: part }, { tenant }),
      );
      if (answer.accepted !== part.length) throw new Error(`not all accepted: ${JSON.stringify(answer)}`);
    }
  }

  /** Works off all marks that are due and takes the snapshot for Prometheus. */
  rollup(): Promise<void> {
    return this.services.rollupJob.run(new AbortController().signal);
  }

  async sendAndRollup(tenant: string, events: readonly TestEvent[]): Promise<void> {
    await this.send(tenant, events);
    await this.rollup();
  }

  /** The results of `POST /query`. */
  async query(tenant: string, request: QueryRequest): Promise<Record<string, QueryResult>> {
    return bodyOf<{ results: Record<string, QueryResult> }>(await this.post('query', request, tenant))
      .results;
  }

  async close(): Promise<void> {
    await this.app.close();
    if (this.ownsDatabase) await this.database.drop();
  }
}

export interface QueryResult {
  columns: { name: string; type: string; unit?: string; values: (string | number | null)[] }[];
  notices: string[];
  error?: { code: string; message: string };
}

/** Columns as rows. */
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

/** The outcome of a request that brings facts, also of one of which everything was rejected. */
export function outcomeOf<T = Json>(response: LightMyRequestResponse): T {
  if (response.statusCode !== 400) return bodyOf<T>(response);
  const { code, details } = response.json<{ code: string; details?: { rejected?: unknown } }>();
  if (code !== 'VALIDATION_ERROR' || details?.rejected === undefined) return bodyOf<T>(response);
  return { accepted: 0, duplicates: 0, rejected: details.rejected } as T;
}

/** Status and error code, which is what most refusals are about. */
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
    maxEventLoopDelayMs: options.maxEventLoopDelayMs ?? 0,
  });
  await app.ready();
  return new TestApp(app, services, config, database, clock, log, options.database === undefined);
}
