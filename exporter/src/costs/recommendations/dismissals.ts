/** Recommendations that are not wanted: until they change by more than a quarter, or until a given time. */
import type { Pool } from 'pg';
import type { ReadPool } from '../../db/read-shares.js';
import { formatUsd, toWire, type Usd } from '../../money.js';
import { type Author, auditedTransaction } from '../../tenants/audit.js';
import { formatTime } from '../../time.js';
import type { Recommendation, Recommended } from './recommend.js';

/** The share by which a dismissed recommendation may change. */
const MAX_CHANGE = 0.25;

/** Of a tenant, because they are read with its recommendations. The oldest give way. */
const MAX_DISMISSALS = 1_000;

interface Dismissal {
  id: string;
  /** Name of the period in which it was dismissed. */
  period: string;
  weight: number;
}

export interface Shown extends Recommendation {
  dismissed: boolean;
}

export interface DismissInput {
  /** Milliseconds; null for good. */
  until: number | null;
  reason: string | null;
}

const hasChanged = (weight: number, before: number): boolean =>
  Math.abs(weight - before) > MAX_CHANGE * Math.abs(before);

/**
 * Says which are dismissed, and what the others save together.
 * @param period its name; the figures of another one than that of the dismissal say nothing about a change
 */
export async function withDismissals(
  pool: ReadPool,
  tenantId: string,
  all: readonly Recommended[],
  period: string | null,
  now: number,
): Promise<{ total_savings: number; recommendations: Shown[] }> {
  const { rows } = await pool.query<Dismissal>(
    `SELECT id, period, weight::float8 AS weight FROM recommendation_dismissals
     WHERE tenant_id = $1 AND (until IS NULL OR until > $2)`,
    [tenantId, new Date(now)],
  );
  const dismissals = new Map(rows.map((row) => [row.id, row]));
  let total: Usd = 0n;
  const recommendations = all.map(({ recommendation, savings, weight, isOpen }): Shown => {
    const dismissal = dismissals.get(recommendation.id);
    const dismissed =
      dismissal !== undefined && !(dismissal.period === period && hasChanged(weight, dismissal.weight));
    if (isOpen && !dismissed) total += savings ?? 0n;
    return { ...recommendation, dismissed };
  });
  return { total_savings: toWire(formatUsd(total)), recommendations };
}

/** Again, it changes until when and why. */
export async function dismiss(
  pool: Pool,
  tenantId: string,
  { recommendation, weight }: Recommended,
  period: string,
  { until, reason }: DismissInput,
  now: number,
  author: Author,
): Promise<Shown> {
  const { id, kind, title } = recommendation;
  const values = [
    tenantId,
    id,
    new Date(now),
    period,
    weight,
    until === null ? null : new Date(until),
    reason,
  ];
  await auditedTransaction(pool, tenantId, author, async (client, record) => {
    await client.query(
      `INSERT INTO recommendation_dismissals (tenant_id, id, dismissed_at, period, weight, until, reason)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (tenant_id, id) DO UPDATE SET dismissed_at = excluded.dismissed_at, period = excluded.period,
         weight = excluded.weight, until = excluded.until, reason = excluded.reason`,
      values,
    );
    await client.query(
      `DELETE FROM recommendation_dismissals WHERE tenant_id = $1 AND id IN (
         SELECT id FROM recommendation_dismissals WHERE tenant_id = $1 ORDER BY dismissed_at DESC OFFSET ${MAX_DISMISSALS})`,
      [tenantId],
    );
    const after = { kind, title, until: until === null ? null : formatTime(until), reason };
    await record({ resource: 'recommendation', id, before: null, after });
  });
  return { ...recommendation, dismissed: true };
}

/** Ends the dismissals of recommendations that have changed, and those whose time is over. @returns their number */
export async function endDismissals(
  pool: Pool,
  tenantId: string,
  all: readonly Recommended[],
  period: string,
  now: number,
): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM recommendation_dismissals d WHERE tenant_id = $1 AND (
       until <= $2 OR EXISTS (
         SELECT FROM unnest($3::uuid[], $4::numeric[]) AS now (id, weight)
         WHERE now.id = d.id AND d.period = $5 AND abs(now.weight - d.weight) > ${MAX_CHANGE} * abs(d.weight)))`,
    [
      tenantId,
      new Date(now),
      all.map(({ recommendation }) => recommendation.id),
      all.map(({ weight }) => weight),
      period,
    ],
  );
  return rowCount ?? 0;
}
