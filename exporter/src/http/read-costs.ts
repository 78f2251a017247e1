/**
 * What the reads of a tenant may cost in a minute, beside their number: the rows that are read for them and the cells
 * that are made of them. Answers from the cache cost nothing. Each replica counts by itself.
 */
import { LRUCache } from 'lru-cache';
import { AppError } from '../errors.js';
import { MINUTE } from '../time.js';

const MAX_TENANTS = 10_000;

interface Window {
  /** When it ends, milliseconds. */
  until: number;
  used: number;
}

export class ReadCosts {
  private readonly windows = new LRUCache<string, Window>({ max: MAX_TENANTS });

  /** @param max 0: no limit */
  constructor(
    private readonly max: number,
    private readonly now: () => number = Date.now,
  ) {}

  /** @throws AppError RATE_LIMITED if the tenant has used up what it may use in this minute */
  check(tenantId: string): void {
    const window = this.windows.get(tenantId);
    if (this.max === 0 || window === undefined || window.used < this.max) return;
    const seconds = Math.ceil((window.until - this.now()) / 1000);
    if (seconds <= 0) return;
    throw new AppError(
      'RATE_LIMITED',
      `the reads of this tenant have cost more than ${this.max} rows and cells within a minute; ask for less at a time, ` +
        `or retry in ${seconds} s`,
      { retryAfter: seconds },
    );
  }

  charge(tenantId: string, count: number): void {
    const window = this.windows.get(tenantId);
    if (window !== undefined && window.until > this.now()) window.used += count;
    else this.windows.set(tenantId, { until: this.now() + MINUTE, used: count });
  }
}
