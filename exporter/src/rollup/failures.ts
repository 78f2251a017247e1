/** What went wrong with which tenant while the others went on; the log is where that is told. */
import type { DatabaseLog } from '../db/log.js';
import { isUnavailable } from '../db/pool.js';
import { messageOf } from '../errors.js';

export class TenantFailures {
  private readonly errors: unknown[] = [];

  constructor(
    private readonly log: DatabaseLog,
    private readonly work: string,
  ) {}

  /** @throws the error itself where the database is away: it is so for every tenant */
  add(tenant: string, error: unknown): void {
    this.collect(error);
    this.log.warn({ tenant, error: messageOf(error) }, `${this.work} of a tenant failed`);
  }

  /** One that has been told already, or that is of no tenant. */
  collect(error: unknown): void {
    if (isUnavailable(error)) throw error;
    this.errors.push(error);
  }

  /** @throws the first failure, with the number of those after it. Without a tenant's name: the ledger is no tenant's. */
  throwFirst(): void {
    const [first, ...more] = this.errors;
    if (first === undefined) return;
    if (more.length === 0) throw first;
    throw new Error(`${messageOf(first)} (and ${more.length} more)`, { cause: first });
  }
}
