/** The tier of a tenant, which determines whether it may read. */
import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import type { Tier } from '../config.js';

/** A changed tier takes effect within this time. */
const KNOWN_FOR_MS = 1_000;
const MAX_TENANTS_IN_MEMORY = 10_000;

export class Tiers {
  private readonly known = new LRUCache<string, Tier>({ max: MAX_TENANTS_IN_MEMORY, ttl: KNOWN_FOR_MS });

  constructor(
    private readonly pool: Pool,
    private readonly defaultTier: Tier,
  ) {}

  /** A tenant that has never written counts as a tenant of the default tier without data. */
  async of(tenantId: string): Promise<Tier> {
    const known = this.known.get(tenantId);
    if (known !== undefined) return known;
    const { rows } = await this.pool.query<{ tier: Tier }>('SELECT tier FROM tenants WHERE id = $1', [
      tenantId,
    ]);
    const tier = rows[0]?.tier ?? this.defaultTier;
    this.known.set(tenantId, tier);
    return tier;
  }
}
