/** The statement that makes sessions of their executions and steps. */
import { type Bounds, BOUNDS, maxExecutions, MAX_FLOW } from '../facts/session/session.js';

/** Executions `x` of a session `k`, by an index whichever end comes first; none whose hours may have been dropped. */
const ofSession = (columns: string, direction: 'ASC' | 'DESC', limit: number): string => `
      SELECT ${columns} FROM executions x
      WHERE x.tenant_id = $1 AND x.session_id = k.session_id AND x.started_at >= $3
      ORDER BY x.started_at ${direction}, x.id ${direction} LIMIT ${limit}`;

const RUN = `x.id, x.agent_id, x.user_id, x.environment, x.status, x.parent_execution_id IS NULL AS is_top, x.started_at,
        greatest(x.started_at, coalesce(x.completed_at, x.started_at + x.execution_time_ms * interval '1 millisecond')) AS ended_at,
        x.steps, x.total_tokens, x.cost_usd`;

const WANTED = 'unnest($2::text[]) AS k (session_id)';

/** What the last execution of the top level, or of any where there is none, has come to. */
const LAST_STATUS = '(array_agg(status ORDER BY is_top DESC, started_at DESC, id DESC))[1]';

const firstOf = (column: string): string =>
  `(array_agg(${column} ORDER BY started_at, id) FILTER (WHERE ${column} IS NOT NULL))[1]`;

/** Within a path, and within the path of each agent. A step without a time follows the one before it. */
const IN_ORDER = 'ORDER BY at, started_at, id, step_number';

/**
 * $1 the tenant, $2 the sessions, $3 the first instant whose executions are kept, $4 the instant before which an end is
 * long enough ago. The sessions have been removed before. Returns the hours in which they begin.
 */
export const insertSessions = (bounds: Bounds = BOUNDS): string => `
  WITH runs AS MATERIALIZED (
    SELECT k.session_id, e.* FROM ${WANTED} CROSS JOIN LATERAL (
      (${ofSession(RUN, 'ASC', bounds.firstExecutions)})
      UNION
      (${ofSession(RUN, 'DESC', bounds.lastExecutions)})
    ) AS e
  ), figures AS (
    SELECT session_id, min(started_at) AS started_at, max(ended_at) AS ended_at, count(*) AS executions,
           sum(steps) AS steps, sum(total_tokens) AS total_tokens,
           coalesce(sum(total_tokens) FILTER (WHERE cost_usd IS NOT NULL), 0) AS priced_tokens, coalesce(sum(cost_usd), 0) AS cost_usd,
           count(*) FILTER (WHERE cost_usd IS NULL) AS unpriced, count(*) FILTER (WHERE status = 'running') AS running,
           CASE WHEN ${LAST_STATUS} = 'success' THEN 'completed' ELSE 'failed' END AS ended_as,
           ${firstOf('user_id')} AS user_id, ${firstOf('environment')} AS environment
    FROM runs GROUP BY 1
  ), agents AS (
    SELECT session_id, agent_id, row_number() OVER (PARTITION BY session_id ORDER BY first_at, first_id) AS place
    FROM (
      SELECT DISTINCT ON (session_id, agent_id) session_id, agent_id, started_at AS first_at, id AS first_id
      FROM runs WHERE agent_id IS NOT NULL ORDER BY session_id, agent_id, started_at, id
    ) AS first_runs
  ), agent_lists AS (
    SELECT session_id, array_agg(agent_id::text ORDER BY place) AS agents
    FROM agents WHERE place <= ${bounds.agents} GROUP BY 1
  ), agent_turns AS (
    SELECT *, agent_id IS DISTINCT FROM lag(agent_id) OVER (PARTITION BY session_id ORDER BY started_at, id) AS is_new
    FROM runs WHERE agent_id IS NOT NULL
  ), agent_places AS (
    SELECT session_id, agent_id, row_number() OVER (PARTITION BY session_id ORDER BY started_at, id) AS place
    FROM agent_turns WHERE is_new
  ), agent_paths AS (
    SELECT session_id, array_agg(agent_id::text ORDER BY place) AS agent_path
    FROM agent_places WHERE place <= ${MAX_FLOW + 1} GROUP BY 1
  ), steps AS (
    SELECT k.session_id, s.* FROM ${WANTED} CROSS JOIN LATERAL (
      SELECT e.agent_id, e.started_at, e.id, p.step_number, p.label, coalesce(p.at, e.started_at) AS at
      FROM (${ofSession('x.id, x.agent_id, x.started_at', 'ASC', bounds.pathExecutions)}) AS e
      CROSS JOIN LATERAL (
        SELECT step_number, CASE WHEN step_type = 'tool_call' THEN coalesce(tool_name, step_type) ELSE step_type END AS label,
               coalesce(occurred_at, max(occurred_at) OVER (ORDER BY step_number)) AS at
        FROM (
          SELECT * FROM execution_steps y WHERE y.tenant_id = $1 AND y.execution_id = e.id
          ORDER BY y.step_number LIMIT ${bounds.pathSteps}
        ) AS y
      ) AS p
      ORDER BY e.started_at, e.id, p.step_number LIMIT ${bounds.pathSteps}
    ) AS s
  ), scoped AS (
    SELECT session_id, NULL AS scope, label, at, started_at, id, step_number FROM steps
    UNION ALL
    SELECT session_id, agent_id, label, at, started_at, id, step_number FROM steps WHERE agent_id IS NOT NULL
  ), turns AS (
    SELECT *, label IS DISTINCT FROM lag(label) OVER (PARTITION BY session_id, scope ${IN_ORDER}) AS is_new FROM scoped
  ), places AS (
    SELECT session_id, scope, label, at, row_number() OVER (PARTITION BY session_id, scope ${IN_ORDER}) AS place
    FROM turns WHERE is_new
  ), paths AS MATERIALIZED (
    SELECT session_id, scope, array_agg(label::text ORDER BY place) AS path, array_agg(at ORDER BY place) AS path_at
    FROM places WHERE place <= ${bounds.path} GROUP BY 1, 2
  ), of_agents AS (
    INSERT INTO session_agents (tenant_id, session_id, agent_id, started_at, path, path_at)
    SELECT $1, a.session_id, a.agent_id, f.started_at, coalesce(p.path, '{}'), coalesce(p.path_at, '{}')
    FROM agents a JOIN figures f ON f.session_id = a.session_id
      LEFT JOIN paths p ON p.session_id = a.session_id AND p.scope = a.agent_id
    WHERE a.place <= ${bounds.agents}
  )
  INSERT INTO sessions AS s (tenant_id, session_id, started_at, ended_at, executions, steps, total_tokens, priced_tokens,
    cost_usd, unpriced, running, ended_as, is_active, is_cut, user_id, environment, agents, agent_path, path, path_at)
  SELECT $1, f.session_id, f.started_at, f.ended_at, f.executions, f.steps, f.total_tokens, f.priced_tokens,
         f.cost_usd, f.unpriced, f.running, f.ended_as, f.running > 0 OR f.ended_at > $4, f.executions >= ${maxExecutions(bounds)}, f.user_id, f.environment,
         coalesce(l.agents, '{}'), coalesce(a.agent_path, '{}'), coalesce(p.path, '{}'), coalesce(p.path_at, '{}')
  FROM figures f
    LEFT JOIN agent_lists l ON l.session_id = f.session_id
    LEFT JOIN agent_paths a ON a.session_id = f.session_id
    LEFT JOIN paths p ON p.session_id = f.session_id AND p.scope IS NULL
  RETURNING date_trunc('hour', s.started_at, 'UTC') AS hour`;
