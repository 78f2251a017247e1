/** The list of sessions, page by page, newest first. */
import { Parameters } from '../../db/parameters.js';
import type { ReadPool } from '../../db/read-shares.js';
import { AppError, errorCode } from '../../errors.js';
import {
  flowSql,
  knownCostSql,
  STATUS_COLUMNS,
  type SessionStatus,
  statusSql,
} from '../../facts/session/session.js';
import { toWire } from '../../money.js';
import { formatTime } from '../../time.js';
import { decodeCursor, pageOf } from '../reports/cursor.js';
import { agentNames } from '../run.js';
import type { SessionRequest } from './rows.js';

interface ListRequest extends SessionRequest {
  userId?: string;
  status?: SessionStatus;
  limit: number;
  cursor?: string;
}

interface Row {
  session_id: string;
  started_at: Date;
  /** With microseconds. */
  started: string;
  ended_at: Date;
  seconds: number;
  executions: number;
  steps: number;
  total_tokens: number;
  cost: string | null;
  unpriced: number;
  status: SessionStatus;
  is_cut: boolean;
  user_id: string | null;
  environment: string | null;
  agents: string[];
  flow: string[];
}

/** @throws AppError VALIDATION_ERROR for a cursor that is none */
export async function listSessions(pool: ReadPool, tenantId: string, request: ListRequest) {
  const { text, values } = statement(tenantId, request);
  const { rows } = await pool.query<Row>(text, values).catch((error: unknown) => {
    // Class 22: the key is no valid time, so it is not from this service.
    if (errorCode(error)?.startsWith('22') !== true) throw error;
    throw new AppError('VALIDATION_ERROR', 'cursor must be the next_cursor of the page before');
  });
  const page = pageOf(rows, request.limit, ({ started, session_id }) => [started, session_id]);
  const names = await agentNames(
    pool,
    tenantId,
    page.rows.flatMap(({ agents }) => agents),
  );
  return {
    sessions: page.rows.map((row) => ({
      session_id: row.session_id,
      started_at: formatTime(row.started_at.getTime()),
      ended_at: row.status === 'active' ? null : formatTime(row.ended_at.getTime()),
      duration_sec: row.seconds,
      executions: row.executions,
      steps: row.steps,
      agents: row.agents,
      agent_names: row.agents.map((id) => names.get(id) ?? id),
      user_id: row.user_id,
      environment: row.environment,
      status: row.status,
      total_tokens: row.total_tokens,
      total_cost: toWire(row.cost),
      unpriced_executions: row.unpriced,
      flow: row.flow,
      ...(row.is_cut && { truncated: true as const }),
    })),
    next_cursor: page.nextCursor ?? null,
  };
}

function statement(
  tenantId: string,
  { range, agentId, userId, status, idleSince, limit, cursor }: ListRequest,
): { text: string; values: unknown[] } {
  const parameters = new Parameters();
  const tenant = parameters.add(tenantId);
  // The rows that are walked through: those of an agent have an index of their own.
  const walked = agentId === undefined ? 's' : 'a';
  const conditions = [
    `${walked}.tenant_id = ${tenant}`,
    `${walked}.started_at >= ${parameters.add(new Date(range.from))}`,
    `${walked}.started_at < ${parameters.add(new Date(range.to))}`,
  ];
  if (agentId !== undefined) conditions.push(`a.agent_id = ${parameters.add(agentId)}`);
  if (userId !== undefined) conditions.push(`s.user_id = ${parameters.add(userId)}`);
  const statusOf = statusSql('s', parameters.add(new Date(idleSince)));
  if (status !== undefined)
    conditions.push(STATUS_COLUMNS[status]('s'), `${statusOf} = ${parameters.add(status)}`);
  if (cursor !== undefined) {
    const [started, id] = decodeCursor(cursor, ['string', 'string']);
    conditions.push(
      `(${walked}.started_at, ${walked}.session_id) < (${parameters.add(started)}::timestamptz, ${parameters.add(id)}::text)`,
    );
  }
  const from =
    agentId === undefined
      ? 'sessions s'
      : `session_agents a JOIN sessions s ON s.tenant_id = ${tenant} AND s.session_id = a.session_id`;
  return {
    text: `
    SELECT s.session_id, s.started_at, s.started_at::text AS started, s.ended_at,
           extract(epoch FROM s.ended_at - s.started_at)::float8 AS seconds, s.executions, s.steps, s.total_tokens,
           ${knownCostSql('s')} AS cost, s.unpriced, ${statusOf} AS status, s.is_cut,
           s.user_id, s.environment, s.agents, ${flowSql('s.path')} AS flow
    FROM ${from} WHERE ${conditions.join(' AND ')}
    ORDER BY ${walked}.started_at DESC, ${walked}.session_id DESC LIMIT ${parameters.add(limit + 1)}`,
    values: parameters.values,
  };
}
