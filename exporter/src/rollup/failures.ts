/** Collects the failures of some tenants while the others go on. The log says which tenant failed. */
import type { DatabaseLog } from '../db/log.js';
import { isUnavailable } from '../db/pool.js';
import { messageOf } from '../errors.js';

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
