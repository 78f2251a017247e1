/** The recommendations of every tenant as of the night, for when finding them takes too long. */
import type { Pool } from 'pg';
import type { DatabaseLog } from '../../db/log.js';
import type { ReadPool } from '../../db/read-shares.js';
import { isStatementTimeout, isUnavailable, withTransaction } from '../../db/pool.js';
import { messageOf } from '../../errors.js';
import { parseUsd } from '../../money.js';
import { tenantIds } from '../../tenants/tenants.js';
import { endDismissals } from './dismissals.js';
import type { Range } from './finding.js';
import { recommend, type Recommendation, type Recommendations } from './recommend.js';

export interface NightlyDeps {
  pool: Pool;
  now: () => number;
  log: DatabaseLog;
  /** The period and its name. */
  period: { name: string; range: Range };
}

/**
 * Tenant by tenant, so that one holds up no other.
 * @returns the number of recommendations
 * @throws the first failure, after all tenants
 */
export async function recommendAll(deps: NightlyDeps, signal: AbortSignal): Promise<number> {
  const { pool, now, log, period } = deps;
  let rows = 0;
  const failures: unknown[] = [];
  for (const tenantId of await tenantIds(pool)) {
    if (signal.aborted) throw new Error('stopped before it was finished; it will be run again');
    try {
      const found = await recommend(pool, tenantId, period.range, now(), 1);
      await store(pool, tenantId, found, now());
      await endDismissals(pool, tenantId, found.all, period.name, now());
      rows += found.all.length;
    } catch (error) {
      if (isUnavailable(error)) throw error;
      failures.push(error);
      log.warn({ tenant: tenantId, error: messageOf(error) }, 'recommendations of a tenant failed');
    }
  }
  if (failures.length > 0) throw failures[0];
  return rows;
}

async function store(
  pool: Pool,
  tenantId: string,
  { period, all }: Recommendations,
  now: number,
): Promise<void> {
  await withTransaction(pool, async (client) => {
    await client.query('DELETE FROM recommendations WHERE tenant_id = $1', [tenantId]);
    await client.query(
      `INSERT INTO recommendations (tenant_id, id, position, content, weight, is_open)
       SELECT $1, id, n, content, weight, is_open
       FROM unnest($2::uuid[], $3::jsonb[], $4::numeric[], $5::boolean[]) WITH ORDINALITY AS r (id, content, weight, is_open, n)`,
      [
        tenantId,
        all.map(({ recommendation }) => recommendation.id),
        all.map(({ recommendation }) => JSON.stringify(recommendation)),
        all.map(({ weight }) => weight),
        all.map(({ isOpen }) => isOpen),
      ],
    );
    await client.query(
      `INSERT INTO recommendation_runs (tenant_id, computed_at, from_at, to_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (tenant_id) DO UPDATE SET computed_at = excluded.computed_at, from_at = excluded.from_at,
         to_at = excluded.to_at`,
      [tenantId, new Date(now), new Date(period.from), new Date(period.to)],
    );
  });
}

interface Stored {
  from: Date;
  to: Date;
  content: Recommendation | null;
  weight: number;
  isOpen: boolean;
}

/** Undefined if no night has found any yet. */
async function lastNight(pool: ReadPool, tenantId: string): Promise<Recommendations | undefined> {
  const { rows } = await pool.query<Stored>(
    `SELECT n.from_at AS from, n.to_at AS to, r.content, r.weight::float8 AS weight, r.is_open AS "isOpen"
     FROM recommendation_runs n LEFT JOIN recommendations r USING (tenant_id)
     WHERE n.tenant_id = $1 ORDER BY r.position`,
    [tenantId],
  );
  if (rows[0] === undefined) return undefined;
  const { from, to } = rows[0];
  return {
    period: { from: from.getTime(), to: to.getTime() },
    all: rows.flatMap(({ content, weight, isOpen }) =>
      content === null
        ? []
        : {
            ...{ recommendation: content, weight, isOpen },
            savings: content.savings === null ? null : parseUsd(content.savings),
          },
    ),
  };
}

/** As of now; as of the last night where that takes too long. */
export async function recommendOrLast(
  pool: ReadPool,
  tenantId: string,
  period: Range,
  now: number,
): Promise<Recommendations> {
  try {
    return await recommend(pool, tenantId, period, now);
  } catch (error) {
    if (!isStatementTimeout(error)) throw error;
    const last = await lastNight(pool, tenantId);
    if (last === undefined) throw error;
    return last;
  }
}
