/**
 * Shares of the connection pool for reads. Tenants take turns, no tenant has more than its share, and some connections
 * are left for ingest, jobs and health checks.
 */
import type { Pool, PoolConfig, QueryResult, QueryResultRow } from 'pg';
import { AppError, RETRY_AFTER } from '../errors.js';
import { FairSemaphore, NoTurn } from '../queues/fair-semaphore.js';
import { DEFAULT_POOL_SIZE } from './pool.js';

/** The part of a connection pool that reads use. */
export interface ReadPool {
  query<R extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<R>>;
}

/** Number of connections, from the size of the pool. */
interface ReadLimits {
  /** For reads of all tenants. */
  connections: number;
  /** For reads of one tenant. */
  perTenant: number;
}

/** Part of the pool that reads leave to others, and at least MIN_RESERVED connections. */
const RESERVED = 0.3;
const MIN_RESERVED = 2;

export function readLimits(poolSize: number): ReadLimits {
  const reserved = Math.max(MIN_RESERVED, Math.ceil(poolSize * RESERVED));
  const connections = Math.max(1, poolSize - reserved);
  return { connections, perTenant: Math.max(1, Math.floor(connections / 2)) };
}

/** Requests of one tenant that read at the same time. It bounds the memory of their answers. */
const MAX_REQUESTS_A_TENANT = 4;
const MAX_REQUESTS = 64;
/** Requests of one tenant that wait. */
export const MAX_WAITING_A_TENANT = 100;

export class ReadShares {
  readonly limits: ReadLimits;
  private readonly statements: FairSemaphore;
  private readonly requests: FairSemaphore;

  constructor(private readonly pool: Pool) {
    const { max = DEFAULT_POOL_SIZE, connectionTimeoutMillis = 0 }: PoolConfig = pool.options ?? {};
    this.limits = readLimits(max);
    // A read waits for its tenant's other reads twice: for its turn among the requests, and for a connection.
    const maxWaitMs = connectionTimeoutMillis > 0 ? 2 * connectionTimeoutMillis : undefined;
    this.statements = new FairSemaphore(this.limits.connections, {
      perKey: this.limits.perTenant,
      maxWaitMs,
    });
    this.requests = new FairSemaphore(MAX_REQUESTS, {
      perKey: MAX_REQUESTS_A_TENANT,
      maxWaiting: MAX_WAITING_A_TENANT,
      maxWaitMs,
    });
  }

  /** Resolves when it is the turn of a request. The result ends the turn. */
  async begin(tenantId: string): Promise<() => void> {
    return this.requests.acquire(tenantId, 1).catch(refuse);
  }

  /** Runs work that takes one connection, within the tenant's share. */
  async run<T>(tenantId: string, work: () => Promise<T>): Promise<T> {
    const release = await this.statements.acquire(tenantId, 1).catch(refuse);
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** Runs one statement within the tenant's share. */
  query<R extends QueryResultRow>(
    tenantId: string,
    text: string,
    values?: unknown[],
  ): Promise<QueryResult<R>> {
    return this.run(tenantId, () => this.pool.query<R>(text, values));
  }
}

function refuse(error: unknown): never {
  if (!(error instanceof NoTurn)) throw error;
  const message = error.ownShare
    ? "this tenant's share of reads is full; try again when some of its reads have ended, or request less"
    : 'the reads of all tenants together take all connections that reads may have; try again';
  throw new AppError('UNAVAILABLE', message, { retryAfter: RETRY_AFTER.overload });
}
