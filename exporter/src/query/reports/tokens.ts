/** Tokens by day, by week, and by agent this month. */
import { measureSql, usage } from '../../aggregates/index.js';
import type { ReadPool } from '../../db/read-shares.js';
import { DAY, floorTo, formatDate, nextMonth, parseDate, startOfMonth, startOfWeek } from '../../time.js';
import { decodeCursor, MAX_PAGE, pageOf, type PageRequest } from './cursor.js';
import { datesOf, type Period } from './period.js';
import { counted, usageDays } from './usage-days.js';

export interface DailyCount {
  date: string;
  count: number;
}

/** Daily issuances of the last `days` days ending today, zero days included, oldest first. */
export async function dailyTokens(
  pool: ReadPool,
  tenantId: string,
  days: number,
  now: number,
): Promise<DailyCount[]> {
  const period = { from: formatDate(floorTo(now, DAY) - (days - 1) * DAY), to: formatDate(now) };
  const { rows } = await pool.query<DailyCount>(
    `SELECT date, ${counted('issuances')} AS count
     ${usageDays('issuances')} AND date BETWEEN $2::date AND $3::date GROUP BY date`,
    [tenantId, period.from, period.to],
  );
  const counts = new Map(rows.map((row) => [row.date, row.count]));
  return datesOf(period).map((date) => ({ date, count: counts.get(date) ?? 0 }));
}

export interface AgentTokens {
  agentId: string;
  tokenCount: number;
}

/** Issuances of this UTC month by agent, largest first. */
export async function monthlyTokensByAgent(
  pool: ReadPool,
  tenantId: string,
  { limit = MAX_PAGE, cursor }: PageRequest,
  now: number,
): Promise<{ month: string; data: AgentTokens[]; nextCursor?: string }> {
  const [lastCount, lastId] =
    cursor === undefined ? [null, null] : decodeCursor(cursor, ['number', 'string']);
  const issued = measureSql(usage, 'issuances', 'd');
  const { rows } = await pool.query<AgentTokens>(
    `SELECT agent_id AS "agentId", ${counted('issuances')} AS "tokenCount"
     ${usageDays('issuances')} AND date >= $2::date AND date < $3::date AND agent_id IS NOT NULL
     GROUP BY agent_id
     HAVING $4::float8 IS NULL OR ${issued} < $4 OR (${issued} = $4 AND agent_id > $5::text COLLATE "C")
     ORDER BY 2 DESC, 1 LIMIT $6`,
    [tenantId, formatDate(startOfMonth(now)), formatDate(nextMonth(now)), lastCount, lastId, limit + 1],
  );
  const page = pageOf(rows, limit, (row) => [row.tokenCount, row.agentId]);
  return { month: formatDate(now).slice(0, 7), data: page.rows, nextCursor: page.nextCursor };
}

export const GRANULARITIES = ['day', 'week'] as const;
export type Granularity = (typeof GRANULARITIES)[number];

export interface TokenTrendPoint {
  /** The day, or the Monday of the ISO week, which may lie before the period. */
  date: string;
  totalIssuances: number;
  successfulIssuances: number;
  failedIssuances: number;
  uniqueAgents: number;
}

/** Zero buckets included; weeks count only what lies within the period. */
export async function tokenTrends(
  pool: ReadPool,
  tenantId: string,
  period: Period,
  granularity: Granularity,
): Promise<TokenTrendPoint[]> {
  const { rows } = await pool.query<Omit<TokenTrendPoint, 'totalIssuances'>>(
    `SELECT date_trunc($4, date::timestamp)::date AS date,
            ${counted('issuances')} AS "successfulIssuances", ${counted('failures')} AS "failedIssuances",
            (${measureSql(usage, 'tokenAgents', 'd')})::int AS "uniqueAgents"
     ${usageDays('issuances', 'failures', 'tokenAgents')} AND date BETWEEN $2::date AND $3::date GROUP BY 1`,
    [tenantId, period.from, period.to, granularity],
  );
  const found = new Map(rows.map((row) => [row.date, row]));
  const bucketOf = (date: string): string =>
    granularity === 'day' ? date : formatDate(startOfWeek(parseDate(date)!));
  return [...new Set(datesOf(period).map(bucketOf))].map((date) => {
    const { successfulIssuances = 0, failedIssuances = 0, uniqueAgents = 0 } = found.get(date) ?? {};
    const totalIssuances = successfulIssuances + failedIssuances;
    return { date, totalIssuances, successfulIssuances, failedIssuances, uniqueAgents };
  });
}
