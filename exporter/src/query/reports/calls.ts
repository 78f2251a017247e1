/** API calls: totals of a period, activity by weekday and hour, and figures by endpoint. */
import { endpoint, measureSql, tableOf, usage } from '../../aggregates/index.js';
import { findMetric } from '../../catalog/index.js';
import { Parameters } from '../../db/parameters.js';
import type { ReadPool } from '../../db/read-shares.js';
import { baseSql } from '../base.js';
import { percentileSql, rankedDurations } from '../percentiles.js';
import { selectionOf } from '../selection.js';
import { dimensionSql, formulaSql, whereSql } from '../sql.js';
import { requireAgent } from './agents.js';
import { daysOf, type Period, rangeOf } from './period.js';
import { counted, usageDays } from './usage-days.js';

export interface UsageSummary {
  totalApiCalls: number;
  totalTokenIssuances: number;
  totalCredentialRotations: number;
  activeAgentCount: number;
  averageDailyApiCalls: number;
  peakDailyApiCalls: number;
  peakDate: string | null;
}

export async function usageSummary(pool: ReadPool, tenantId: string, period: Period): Promise<UsageSummary> {
  const [days, agents] = await Promise.all([
    pool.query<{ date: string; calls: number; issuances: number; rotations: number }>(
      `SELECT date, ${counted('calls')} AS calls, ${counted('issuances')} AS issuances,
              ${counted('rotations')} AS rotations
       ${usageDays('calls', 'issuances', 'rotations')} AND date BETWEEN $2::date AND $3::date
       GROUP BY date ORDER BY date`,
      [tenantId, period.from, period.to],
    ),
    pool.query<{ active: number }>(
      `SELECT (${measureSql(usage, 'agents', 'd')})::int AS active
       ${usageDays('agents')} AND date BETWEEN $2::date AND $3::date`,
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
  pool: ReadPool,
  tenantId: string,
  period: Period,
  agentId: string | undefined,
): Promise<ActivityCell[]> {
  if (agentId !== undefined) await requireAgent(pool, tenantId, agentId);
  const selection = selectionOf(tenantId, {
    metric: 'api_calls',
    range: rangeOf(period),
    dimensions: ['agent'],
    filters: agentId === undefined ? [] : [{ dimension: 'agent', operator: 'in', values: [agentId] }],
    // The hour of day needs hours.
    inDays: false,
  });
  const parameters = new Parameters();
  const base = baseSql(selection, ['calls'], ['weekday', 'hourOfDay'], parameters);
  const weekday = dimensionSql('weekday', 'UTC', parameters);
  const hour = dimensionSql('hourOfDay', 'UTC', parameters);
  const calls = formulaSql({ op: 'sum', of: 'calls' }, selection.source);
  const { rows } = await pool.query<ActivityCell>(
    `WITH ${base} SELECT ${weekday} AS dow, ${hour} AS hour, ${calls} AS count
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

const metricSql = (name: string): string => formulaSql(findMetric(name)!.formula, endpoint, 'd');
const callsSql = measureSql(endpoint, 'calls', 'd');

const TOTALS = `
  SELECT endpoint, ${callsSql} AS calls, ${metricSql('api_errors')} AS errors, ${metricSql('api_error_rate')} AS rate,
         ${metricSql('api_duration_avg_ms')} AS average, sum(${callsSql}) OVER () AS all_calls
  FROM days d GROUP BY endpoint`;

/** Most called first. Histograms are merged for the endpoints shown only. */
export async function callPatterns(
  pool: ReadPool,
  tenantId: string,
  period: Period,
  limit: number,
): Promise<EndpointPattern[]> {
  const durations = rankedDurations(
    [{ name: 'endpoint', sql: 'd.endpoint' }],
    'd',
    'FROM days d JOIN top USING (endpoint)',
  );
  const { rows } = await pool.query<EndpointPattern>(
    `WITH days AS (
       SELECT * FROM ${tableOf(endpoint, 'day')} WHERE tenant_id = $1 AND date BETWEEN $2::date AND $3::date
     ), totals AS (${TOTALS}), top AS (SELECT * FROM totals ORDER BY calls DESC, endpoint LIMIT $4
     ), ${durations}, p95 AS (
       SELECT endpoint, ${percentileSql(0.95)} AS duration FROM ranked GROUP BY endpoint
     )
     SELECT endpoint, calls::float8, errors, rate AS "errorRate", average AS "averageDurationMs",
            p95.duration AS "p95DurationMs", (100.0 * calls / nullif(all_calls, 0))::float8 AS share
     FROM top LEFT JOIN p95 USING (endpoint) ORDER BY calls DESC, endpoint`,
    [tenantId, period.from, period.to, limit],
  );
  return rows;
}
