/** What each agent did by day, and how its credentials were rotated. */
import { bytesOf, firstThatFit, fitting } from '../../db/page-bytes.js';
import type { ReadPool } from '../../db/read-shares.js';
import { AppError } from '../../errors.js';
import { formatTime } from '../../time.js';
import { decodeCursor, encodeCursor, MAX_PAGE, pageOf, type PageRequest } from './cursor.js';
import { MAX_REQUEST_CELLS } from '../budget.js';
import { daysOf, type Period } from './period.js';
import type { DailyCount } from './tokens.js';
import { counted, usageDays } from './usage-days.js';

interface Agent {
  agentId: string;
  agentName: string | null;
}

/** @throws AppError AGENT_NOT_FOUND, also for an agent of another tenant */
export async function requireAgent(pool: ReadPool, tenantId: string, agentId: string): Promise<Agent> {
  const { rows } = await pool.query<Agent>(
    'SELECT id AS "agentId", name AS "agentName" FROM agents WHERE tenant_id = $1 AND id = $2',
    [tenantId, agentId],
  );
  if (rows[0] === undefined) throw new AppError('AGENT_NOT_FOUND', `there is no agent "${agentId}"`);
  return rows[0];
}

export interface DailyActivity {
  date: string;
  apiCalls: number;
  tokenIssuances: number;
  credentialRotations: number;
}

export interface AgentActivity extends Agent {
  dailyActivity: DailyActivity[];
}

export interface AgentPage<T> {
  agents: T[];
  nextCursor?: string;
}

/** Only days with activity, oldest first; agents in the order of their ids. */
export async function agentActivity(
  pool: ReadPool,
  tenantId: string,
  period: Period,
  { limit = MAX_PAGE, cursor, agentId }: PageRequest & { agentId?: string },
): Promise<AgentPage<AgentActivity>> {
  const single = agentId === undefined ? undefined : await requireAgent(pool, tenantId, agentId);
  const [after] = cursor === undefined ? [''] : decodeCursor(cursor, ['string']);
  const { rows } = await pool.query<Agent & DailyActivity>(
    `WITH counted AS (
       SELECT d.agent_id, d.date, d.metric_type, d.count
       ${usageDays('calls', 'issuances', 'rotations')} AND d.date BETWEEN $2::date AND $3::date
         AND d.agent_id > $4::text COLLATE "C" AND ($5::text IS NULL OR d.agent_id = $5)
     ), page AS (SELECT DISTINCT agent_id FROM counted ORDER BY agent_id LIMIT $6)
     SELECT d.agent_id AS "agentId", a.name AS "agentName", d.date, ${counted('calls')} AS "apiCalls",
            ${counted('issuances')} AS "tokenIssuances", ${counted('rotations')} AS "credentialRotations"
     FROM counted d JOIN page USING (agent_id) LEFT JOIN agents a ON a.tenant_id = $1 AND a.id = d.agent_id
     GROUP BY d.agent_id, a.name, d.date ORDER BY d.agent_id, d.date LIMIT $7`,
    [tenantId, period.from, period.to, after, agentId ?? null, limit + 1, MAX_REQUEST_CELLS + 1],
  );
  if (rows.length > MAX_REQUEST_CELLS) {
    const fits = Math.floor(MAX_REQUEST_CELLS / daysOf(period));
    throw new AppError(
      'TOO_LARGE',
      `the answer would have more than ${MAX_REQUEST_CELLS} days of agents; take a limit of ${fits}, or a shorter period`,
    );
  }
  const agents = new Map<string, AgentActivity>();
  if (single !== undefined) agents.set(single.agentId, { ...single, dailyActivity: [] });
  for (const { agentId: id, agentName, ...day } of rows) {
    const agent = agents.get(id) ?? { agentId: id, agentName, dailyActivity: [] };
    agent.dailyActivity.push(day);
    agents.set(id, agent);
  }
  const page = pageOf([...agents.values()], limit, (agent) => [agent.agentId]);
  return { agents: page.rows, nextCursor: page.nextCursor };
}

export interface AgentRotations extends Agent {
  rotations: number;
  /** RFC 3339, of all time. */
  lastRotatedAt: string | null;
  averageIntervalDays: number | null;
  daily: DailyCount[];
}

/** Every agent, those that never rotated included, in the order of their ids. */
export async function credentialRotations(
  pool: ReadPool,
  tenantId: string,
  period: Period,
  { limit = MAX_PAGE, cursor }: PageRequest,
): Promise<AgentPage<AgentRotations>> {
  const [after] = cursor === undefined ? [''] : decodeCursor(cursor, ['string']);
  const found = await pool.query<
    Agent & { last: Date | null; rotations: number; days: number | null; daily: DailyCount[] | null }
  >(
    firstThatFit(
      `WITH rotated AS (
         SELECT agent_id, ${counted('rotations')} AS rotations,
                extract(epoch FROM max(last_at) - min(first_at)) / 86400 AS days,
                json_agg(json_build_object('date', date, 'count', count) ORDER BY date) AS daily
         ${usageDays('rotations')} AND d.date BETWEEN $2::date AND $3::date
           AND d.agent_id > $4::text COLLATE "C"
         GROUP BY agent_id
       )
       SELECT a.id AS "agentId", a.name AS "agentName", a.last_rotated_at AS last,
              coalesce(r.rotations, 0) AS rotations, r.days::float8 AS days, r.daily
       FROM agents a LEFT JOIN rotated r ON r.agent_id = a.id
       WHERE a.tenant_id = $1 AND a.id > $4::text COLLATE "C" AND (a.deleted_at IS NULL OR r.agent_id IS NOT NULL)
       ORDER BY a.id LIMIT $5`,
      { size: bytesOf('daily'), order: 'page."agentId"' },
    ),
    [tenantId, period.from, period.to, after, limit + 1],
  );
  const { rows, more } = fitting(found.rows, limit);
  return {
    agents: rows.map(({ agentId, agentName, rotations, last, days, daily }) => ({
      agentId,
      agentName,
      rotations,
      lastRotatedAt: last === null ? null : formatTime(last.getTime()),
      averageIntervalDays: rotations < 2 || days === null ? null : days / (rotations - 1),
      daily: daily ?? [],
    })),
    nextCursor: more ? encodeCursor([rows.at(-1)!.agentId]) : undefined,
  };
}
