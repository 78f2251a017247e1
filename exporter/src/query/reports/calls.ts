/** API calls: totals of a period, when they are made, and which endpoints are called how. */
import type { Pool } from 'pg';
import { ERROR_STATUS, findMetric, sourceFor } from '../../catalog/index.js';
import { mergedHistograms } from '../../db/histograms.js';
import { daysOf, type Period, rangeOf } from './period.js';
import { requireAgent } from './agents.js';
import { segmentsOf } from '../segments.js';
import { baseSql, dimensionSql, Parameters, whereSql } from '../sql.js';

export interface UsageSummary {
  totalApiCalls: number;
  totalTokenIssuances: number;
  totalCredentialRotations: number;
  activeAgentCount: number;
  averageDailyApiCalls: number;
  peakDailyApiCalls: number;
  peakDate: string | null;
}

export async function usageSummary(pool: Pool, tenantId: string, period: Period): Promise<UsageSummary> {
  const [days, agents] = await Promise.all([
    pool.query<{ date: string; calls: number; issuances: number; rotations: number }>(
      `SELECT date, coalesce(sum(count) FILTER (WHERE metric_type = 'api_calls'), 0)::float8 AS calls,
              coalesce(sum(count) FILTER (WHERE metric_type = 'token_issuances'), 0)::float8 AS issuances,
              coalesce(sum(count) FILTER (WHERE metric_type = 'credential_rotations'), 0)::float8 AS rotations
       FROM analytics_daily_aggregates WHERE tenant_id = $1 AND date BETWEEN $2::date AND $3::date
       GROUP BY date ORDER BY date`,
      [tenantId, period.from, period.to],
    ),
    pool.query<{ active: number }>(
      `SELECT count(DISTINCT agent_id)::int AS active FROM analytics_daily_aggregates
       WHERE tenant_id = $1 AND date BETWEEN $2::date AND $3::date`,
      [tenantId, period.from, period.to],
    ),
  ]);
  const total = (pick: (row: (typeof days.rows)[number]) => number): number =>
    days.rows.reduce((sum, row) => sum + pick(row), 0);
  const totalApiCalls = total((row) => row.calls);
  const peakDailyApiCalls = days.rows.reduce((peak, row) => Math.max(peak, row.calls), 0);
  return {
    totalApiCalls,
    totalTokenIssuances: total((row) => row.issuances),
    totalCredentialRotations: total((row) => row.rotations),
    activeAgentCount: agents.rows[0]?.active ?? 0,
    averageDailyApiCalls: Math.floor(totalApiCalls / daysOf(period)),
    peakDailyApiCalls,
    peakDate:
      peakDailyApiCalls === 0
        ? null
        : (days.rows.find((row) => row.calls === peakDailyApiCalls)?.date ?? null),
  };
}

export interface ActivityCell {
  /** 0 is Sunday. */
  dow: number;
  /** UTC. */
  hour: number;
  count: number;
}

/** API calls by weekday and hour, non-zero cells only. */
export async function callActivity(
  pool: Pool,
  tenantId: string,
  period: Period,
  agentId: string | undefined,
): Promise<ActivityCell[]> {
  if (agentId !== undefined) await requireAgent(pool, tenantId, agentId);
  const range = rangeOf(period);
  const source = sourceFor(findMetric('api_calls')!, ['agent'], 'hour')!;
  const filters =
    agentId === undefined ? [] : [{ dimension: 'agent', operator: 'in', values: [agentId] } as const];
  const selection = {
    tenantId,
    source,
    range,
    segments: segmentsOf(range, false),
    timeZone: 'UTC',
    roundHours: false,
    filters,
  };
  const parameters = new Parameters();
  const base = baseSql(selection, ['calls'], ['weekday', 'hourOfDay'], parameters);
  const weekday = dimensionSql('weekday', 'UTC', parameters);
  const hour = dimensionSql('hourOfDay', 'UTC', parameters);
  const { rows } = await pool.query<ActivityCell>(
    `WITH ${base} SELECT ${weekday} AS dow, ${hour} AS hour, sum(b.count)::float8 AS count
     FROM base b ${whereSql(selection, parameters)} GROUP BY 1, 2 ORDER BY 1, 2`,
    parameters.values,
  );
  return rows;
}

export interface EndpointPattern {
  endpoint: string;
  calls: number;
  errors: number;
  /** Percent. */
  errorRate: number | null;
  averageDurationMs: number | null;
  p95DurationMs: number | null;
  /** Percent of all calls of the period. */
  share: number | null;
}

/** Most called first. Histograms are merged for the endpoints shown only. */
export async function callPatterns(
  pool: Pool,
  tenantId: string,
  period: Period,
  limit: number,
): Promise<EndpointPattern[]> {
  const { rows } = await pool.query<EndpointPattern>(
    `WITH rows AS (
       SELECT endpoint, status_code, calls, duration_count, duration_sum, hist_buckets, hist_counts FROM endpoint_days
       WHERE tenant_id = $1 AND date BETWEEN $2::date AND $3::date
     ), sums AS (
       SELECT endpoint, sum(calls) AS calls, coalesce(sum(calls) FILTER (WHERE status_code >= ${ERROR_STATUS}), 0) AS errors,
              sum(duration_sum) / nullif(sum(duration_count), 0) AS average, sum(sum(calls)) OVER () AS all_calls
       FROM rows GROUP BY endpoint
     ), top AS (SELECT * FROM sums ORDER BY calls DESC, endpoint LIMIT $4
     ), exploded AS (
       ${mergedHistograms([['endpoint', 'r.endpoint']], 'r', 'FROM rows r JOIN top USING (endpoint)')}
     ), ranked AS (
       SELECT endpoint, b, sum(n) OVER (PARTITION BY endpoint ORDER BY b) AS running,
              sum(n) OVER (PARTITION BY endpoint) AS total
       FROM exploded
     ), p95 AS (
       SELECT endpoint, duration_of_bucket(min(b) FILTER (WHERE running >= ceil(total * 0.95))) AS duration
       FROM ranked GROUP BY endpoint
     )
     SELECT endpoint, calls::float8, errors::float8, (100.0 * errors / nullif(calls, 0))::float8 AS "errorRate",
            average::float8 AS "averageDurationMs", p95.duration AS "p95DurationMs",
            (100.0 * calls / nullif(all_calls, 0))::float8 AS share
     FROM top LEFT JOIN p95 USING (endpoint) ORDER BY calls DESC, endpoint`,
    [tenantId, period.from, period.to, limit],
  );
  return rows;
}
