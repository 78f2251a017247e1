/** Collects the failures of some tenants while the others go on. The log says which tenant failed. */
import { LRUCache } from 'lru-cache';
import type { DatabaseLog } from '../db/log.js';
import { isUnavailable } from '../db/pool.js';
import { messageOf } from '../errors.js';

/** Beyond them, the failure of a tenant is logged again. */
const MAX_FAILING = 10_000;

/** Tenants whose last attempt failed, so that only the first failure in a row is logged. */
export class FailingTenants {
  private readonly failing = new LRUCache<string, true>({ max: MAX_FAILING });

  has(tenant: string): boolean {
    return this.failing.has(tenant);
  }

  add(tenant: string): void {
    this.failing.set(tenant, true);
  }

  /** @returns whether it was failing */
  delete(tenant: string): boolean {
    return this.failing.delete(tenant);
  }
}

export class TenantFailures {
  private readonly errors: unknown[] = [];

  constructor(
    private readonly log: DatabaseLog,
    private readonly work: string,
  ) {}

  /** @throws the error itself if the database is unavailable, which concerns every tenant */
  add(tenant: string, error: unknown): void {
    this.collect(error);
    this.log.warn({ tenant, error: messageOf(error) }, `${this.work} of a tenant failed`);
  }

  /** A failure that has been logged already, or that belongs to no tenant. Throws like `add`. */
  collect(error: unknown): void {
    if (isUnavailable(error)) throw error;
    this.errors.push(error);
  }

  /** @throws the first failure, with the number of further ones; it names no tenant, because every tenant may read the ledger */
  throwFirst(): void {
    const [first, ...more] = this.errors;
    if (first === undefined) return;
    if (more.length === 0) throw first;
    throw new Error(`${messageOf(first)} (and ${more.length} more)`, { cause: first });
  }
}
