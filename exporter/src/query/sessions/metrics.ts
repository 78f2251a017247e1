/** How many sessions there were, how long they took, and how they ended. */
import { measureSql, sessionless } from '../../aggregates/index.js';
import type { Measure } from '../../catalog/index.js';
import { Parameters } from '../../db/parameters.js';
import type { ReadPool } from '../../db/read-shares.js';
import { baseSql } from '../base.js';
import { metricValue } from '../metric-value.js';
import type { PlannedFilter } from '../plan.js';
import { selectionOf } from '../selection.js';
import { whereSql } from '../sql.js';
import { rowsSql } from '../rows.js';
import { endedSinceSql, type SessionRequest } from './rows.js';

const SUMS = [
  'sessions',
  'activeSessions',
  'endedSessions',
  'completedSessions',
  'sessionDurationSum',
  'sessionExecutions',
  'sessionSteps',
] as const satisfies readonly Measure[];

type Sums = Record<(typeof SUMS)[number], number>;

export async function sessionMetrics(pool: ReadPool, tenantId: string, request: SessionRequest) {
  const [sums, without] = await Promise.all([
    sessionSums(pool, tenantId, request),
    executionsWithoutSession(pool, tenantId, request),
  ]);
  return {
    total_sessions: sums.sessions,
    active_sessions: sums.activeSessions,
    ended_sessions: sums.endedSessions,
    avg_duration_sec: metricValue('session_duration_avg_s', sums),
    avg_steps: metricValue('session_steps_avg', sums),
    avg_executions: metricValue('session_executions_avg', sums),
    completion_rate: metricValue('session_completion_rate', sums),
    executions_without_session: without,
  };
}

async function sessionSums(pool: ReadPool, tenantId: string, request: SessionRequest): Promise<Sums> {
  const { range, agentId } = request;
  const filters: PlannedFilter[] =
    agentId === undefined ? [] : [{ dimension: 'agent', operator: 'in', values: [agentId] }];
  const selection = selectionOf(tenantId, { metric: 'sessions', range, filters });
  const parameters = new Parameters();
  const base = baseSql(selection, SUMS, [], parameters);
  const sums = SUMS.map(
    (name) => `coalesce(${measureSql(selection.source, name, 'b')}, 0)::float8 AS "${name}"`,
  );
  const ofAgent =
    agentId === undefined
      ? ''
      : `AND EXISTS (SELECT FROM session_agents a
           WHERE a.tenant_id = $1 AND a.session_id = e.session_id AND a.agent_id = ${parameters.add(agentId)})`;
  const { rows } = await pool.query<Sums & { ended: number; well: number }>(
    `WITH ${base}, sums AS (SELECT ${sums.join(', ')} FROM base b ${whereSql(selection, parameters)}),
     since AS (
       SELECT count(*) AS ended, count(*) FILTER (WHERE e.ended_as = 'completed') AS well
       FROM sessions e WHERE ${endedSinceSql(request, parameters)} ${ofAgent}
     )
     SELECT * FROM sums, since`,
    parameters.values,
  );
  const { ended, well, ...counted } = rows[0]!;
  return {
    ...counted,
    activeSessions: counted.activeSessions - ended,
    endedSessions: counted.endedSessions + ended,
    completedSessions: counted.completedSessions + well,
  };
}

async function executionsWithoutSession(
  pool: ReadPool,
  tenantId: string,
  { range, agentId }: SessionRequest,
): Promise<number> {
  const parameters = new Parameters();
  parameters.add(tenantId);
  const rows = rowsSql(sessionless, range, () => ['agent_id', 'executions'], parameters);
  const ofAgent = agentId === undefined ? '' : `WHERE agent_id = ${parameters.add(agentId)}`;
  const result = await pool.query<{ executions: number }>(
    `SELECT coalesce(sum(executions), 0)::float8 AS executions FROM (${rows}) AS rows ${ofAgent}`,
    parameters.values,
  );
  return result.rows[0]!.executions;
}
