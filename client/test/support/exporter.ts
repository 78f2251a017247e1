/** The real service in its own process, with a real PostgreSQL that outlives it. */
import type { Scope } from 'agentidp-analytics/auth/principal';
import { signToken } from 'agentidp-analytics/auth/tokens';
import { type Exporter, Processes } from 'agentidp-analytics/testing/exporter-process';
import { SECRET } from 'agentidp-analytics/testing/app';
import { createTestDatabase, type TestDatabase } from 'agentidp-analytics/testing/database';

export type Json = Record<string, unknown>;

const SCOPES: readonly Scope[] = ['analytics:read', 'analytics:write', 'analytics:admin'];

export class RealService {
  private readonly processes = new Processes();
  private exporter!: Exporter;

  private constructor(readonly database: TestDatabase) {}

  static async start(): Promise<RealService> {
    const service = new RealService(await createTestDatabase());
    await service.serve('0');
    return service;
  }

  get url(): string {
    return this.exporter.url;
  }

  /** Kills it with SIGKILL. */
  kill(): Promise<void> {
    return this.exporter.kill();
  }

  /** Starts it again at the same address. */
  restart(): Promise<void> {
    return this.serve(new URL(this.url).port);
  }

  token(tenantId: string): Promise<string> {
    return signToken({ secret: SECRET, tenantId, subject: 'tests', scopes: SCOPES, lifetimeSeconds: 3600 });
  }

  /** Requests a path under the analytics prefix; with a body it is a POST. */
  async ask(tenantId: string, path: string, body?: object): Promise<Json> {
    const response = await fetch(`${this.url}/api/v1/analytics/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${await this.token(tenantId)}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    return (await response.json()) as Json;
  }

  /** The single number that a query returns. */
  async count(sql: string, tenantId: string): Promise<number> {
    const { rows } = await this.database.pool.query<{ n: number }>(sql, [tenantId]);
    return Number(rows[0]!.n);
  }

  async stop(): Promise<void> {
    await this.processes.cleanUp();
    await this.database.drop();
  }

  private async serve(port: string): Promise<void> {
    this.exporter = await this.processes.serve({ DATABASE_URL: this.database.url, PORT: port });
    await this.exporter.ready();
  }
}
