/** What ran on behalf of each user, page by page, the one with the most executions first. */
import type { ReadPool } from '../../db/read-shares.js';
import { measureSql } from '../../aggregates/index.js';
import type { Measure } from '../../catalog/index.js';
import { Parameters } from '../../db/parameters.js';
import { toWire } from '../../money.js';
import { formatTime } from '../../time.js';
import { baseSql } from '../base.js';
import { type ExecutionPeriod, periodAnswer } from '../executions/period.js';
import { metricValue } from '../metric-value.js';
import { selectionOf } from '../selection.js';
import { decodeCursor, pageOf, type PageRequest } from './cursor.js';

const SUMS = [
  'executions',
  'finished',
  'succeeded',
  'totalTokens',
  'unpriced',
] as const satisfies readonly Measure[];

type Row = Record<(typeof SUMS)[number], number> & {
  id: string;
  cost: string;
  name: string | null;
  created: number;
  seen: Date | null;
};

export async function userActivity(
  pool: ReadPool,
  tenantId: string,
  period: ExecutionPeriod,
  { limit, cursor }: PageRequest & { limit: number },
) {
  const selection = selectionOf(tenantId, {
    metric: 'executions',
    range: period.range,
    dimensions: ['user'],
  });
  const parameters = new Parameters();
  const base = baseSql(selection, [...SUMS, 'knownCost'], ['user'], parameters);
  const sum = (measure: Measure): string => measureSql(selection.source, measure, 'b');
  const sums = SUMS.map((measure) => `coalesce(${sum(measure)}, 0)::float8 AS "${measure}"`);
  const tenant = parameters.add(tenantId);
  let after = '';
  if (cursor !== undefined) {
    const [executions, id] = decodeCursor(cursor, ['number', 'string']).map((value) => parameters.add(value));
    after = `WHERE (-s.executions, s.id) > (-(${executions}::float8), ${id}::text COLLATE "C")`;
  }
  const { rows } = await pool.query<Row>(
    `WITH ${base}, sums AS (
       SELECT b.user_id AS id, ${sums.join(', ')}, ${sum('knownCost')} AS cost
       FROM base b WHERE b.user_id IS NOT NULL GROUP BY 1
     ), page AS (
       SELECT * FROM sums s ${after} ORDER BY s.executions DESC, s.id LIMIT ${parameters.add(limit + 1)}
     ), made AS (
       SELECT a.created_by AS id, count(*)::float8 AS agents FROM agents a
       WHERE a.tenant_id = ${tenant} AND a.created_by IN (SELECT id FROM page) GROUP BY 1
     )
     SELECT page.*, u.name, u.last_seen_at AS seen, coalesce(made.agents, 0) AS created
     FROM page LEFT JOIN users u ON u.tenant_id = ${tenant} AND u.id = page.id LEFT JOIN made ON made.id = page.id
     ORDER BY page.executions DESC, page.id`,
    parameters.values,
  );
  const page = pageOf(rows, limit, ({ executions, id }) => [executions, id]);
  return {
    period: periodAnswer(period),
    users: page.rows.map((row) => ({
      user_id: row.id,
      name: row.name,
      agents_created: row.created,
      execution_count: row.executions,
      success_rate: metricValue('execution_success_rate', row),
      total_tokens: row.totalTokens,
      total_cost: row.unpriced < row.executions ? toWire(row.cost) : null,
      last_active: row.seen === null ? null : formatTime(row.seen.getTime()),
    })),
    next_cursor: page.nextCursor ?? null,
  };
}
