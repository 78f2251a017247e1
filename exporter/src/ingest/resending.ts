/** Tenants that lately sent facts again: for these, stored facts are looked up before the insert. */
import { LRUCache } from 'lru-cache';
import { MINUTE } from '../time.js';

/** A tenant that sends facts again usually does so for a while. */
const RESENDING_FOR = MINUTE;
const MAX_TENANTS = 10_000;

export class Resending {
  private readonly tenants = new LRUCache<string, true>({ max: MAX_TENANTS, ttl: RESENDING_FOR });

  has(tenantId: string): boolean {
    return this.tenants.has(tenantId);
  }

  add(tenantId: string): void {
    this.tenants.set(tenantId, true);
  }
}
