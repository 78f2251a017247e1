/**
 * Sessions in large numbers: their rows by one statement, as the rollup would write them. Of a few, the executions and
 * steps are made as well, so that the rollup can be asked for its own rows.
 */
import type pg from 'pg';

export interface SessionsOptions {
  tenant: string;
  count: number;
  /** Half-open, milliseconds: sessions begin evenly spread over it. */
  from: number;
  to: number;
}

const FLOWS = 400;
const AGENTS = 25;
const USERS = 2_000;

/** The same number from 0 to below 1 for the same session and purpose. */
const chance = (purpose: string): string =>
  `(abs(hashtext('${purpose} ' || n)::bigint) % 1000000 / 1000000.0)`;

/**
 * Flows with a few labels in two runs, the first ones far more often than the last: equal labels are no neighbours. Each step
 * takes ten seconds and up to a minute more.
 */
const MAKE_FLOWS = `
  CREATE TABLE bench_flows AS
  SELECT flow, (SELECT array_agg('tool-' || (flow * k + k) % 7 || '-' || k % 3 ORDER BY k) FROM generate_series(1, 2 + flow % 5) AS k) AS first,
    CASE WHEN flow % 3 > 0 THEN (SELECT array_agg('tool-' || (flow + 5 * k) % 11 || '-b' || k % 2 ORDER BY k) FROM generate_series(1, 1 + flow % 9) AS k) END AS second
  FROM generate_series(0, ${FLOWS} - 1) AS flow`;

/** $1 how many, $2 from, $3 to. */
const MAKE = `
  CREATE UNLOGGED TABLE bench_made AS
  SELECT n, 'session-' || n AS session_id, $2::timestamptz + n * (($3::timestamptz - $2::timestamptz) / $1) AS started_at,
    'agent-' || floor(${chance('agent')} * ${AGENTS}) AS agent, 'agent-' || ${AGENTS} + floor(${chance('helper')} * 3) AS helper,
    'user-' || floor(${chance('user')} * ${USERS}) AS user_id, ${chance('end')} < 0.8 AS is_good,
    interval '1 second' * (10 + floor(50 * ${chance('pace')})) AS pace, f.first, coalesce(f.second, '{}') AS second
  FROM generate_series(0, $1 - 1) AS n
  JOIN bench_flows f ON f.flow = floor(${FLOWS} * power(${chance('flow')}, 3))`;

/** The time of each label, the first one at the start. */
const times = (labels: string, after: string): string =>
  `ARRAY(SELECT started_at + pace * (${after} + k - 1) FROM generate_series(1, cardinality(${labels})) AS k)`;

const TOKENS = 1_000;
const COST = 0.002;
const IS_TWO = 'cardinality(second) > 0';
const RUNS = `(1 + (${IS_TWO})::int)`;
const STEPS = '(cardinality(first) + cardinality(second))';

const INSERT_SESSIONS = `
  INSERT INTO sessions (tenant_id, session_id, started_at, ended_at, executions, steps, total_tokens, priced_tokens, cost_usd,
    unpriced, running, ended_as, is_active, is_cut, user_id, environment, agents, agent_path, path, path_at)
  SELECT $1, session_id, started_at, started_at + pace * ${STEPS}, ${RUNS}, ${STEPS}, ${TOKENS} * ${RUNS}, ${TOKENS} * ${RUNS},
    ${COST} * ${RUNS}, 0, 0, CASE WHEN is_good THEN 'completed' ELSE 'failed' END, false, false, user_id, 'production',
    a.agents, a.agents, first || second, ${times('first || second', '0')}
  FROM bench_made CROSS JOIN LATERAL (
    SELECT CASE WHEN ${IS_TWO} THEN ARRAY[agent, helper] ELSE ARRAY[agent] END AS agents
  ) AS a`;

const INSERT_AGENTS = `
  INSERT INTO session_agents (tenant_id, session_id, agent_id, started_at, path, path_at)
  SELECT $1, session_id, agent, started_at, first, ${times('first', '0')} FROM bench_made
  UNION ALL SELECT $1, session_id, helper, started_at, second, ${times('second', 'cardinality(first)')} FROM bench_made WHERE ${IS_TWO}`;

/** The two executions of a session, `r` the number of each. */
const RUN_ROWS = `
  SELECT m.*, r, md5(session_id || r)::uuid AS id, CASE r WHEN 1 THEN first ELSE second END AS labels,
    CASE r WHEN 1 THEN agent ELSE helper END AS agent_id, started_at + pace * CASE r WHEN 1 THEN 0 ELSE cardinality(first) END AS begins
  FROM bench_made m CROSS JOIN generate_series(1, 2) AS r WHERE n < $2 AND (r = 1 OR ${IS_TWO})`;

const INSERT_EXECUTIONS = `
  INSERT INTO executions (tenant_id, id, session_id, agent_id, user_id, environment, status, started_at, completed_at,
    input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_usd, reported_cost_usd, cost_source, tags, steps,
    own_tokens, header_digest)
  SELECT $1, id, session_id, agent_id, user_id, 'production', CASE WHEN is_good THEN 'success' ELSE 'failure' END, begins,
    begins + pace * cardinality(labels), ${TOKENS}, 0, 0, 0, 0, ${COST}, ${COST}, 'reported', '{}', cardinality(labels), true, id
  FROM (${RUN_ROWS}) AS runs`;

const INSERT_STEPS = `
  INSERT INTO execution_steps (tenant_id, execution_id, step_number, step_type, tool_name, input_tokens, output_tokens, occurred_at)
  SELECT $1, id, k, 'tool_call', labels[k], 0, 0, begins + pace * (k - 1)
  FROM (${RUN_ROWS}) AS runs CROSS JOIN LATERAL generate_series(1, cardinality(labels)) AS k`;

export async function insertSessions(
  pool: pg.Pool,
  { tenant, count, from, to }: SessionsOptions,
): Promise<void> {
  await pool.query(MAKE_FLOWS);
  await pool.query(MAKE, [count, new Date(from), new Date(to)]);
  await pool.query(INSERT_SESSIONS, [tenant]);
  await pool.query(INSERT_AGENTS, [tenant]);
}

const TABLES = ['sessions', 'session_agents'] as const;

/** What is there of the first sessions. */
async function rowsOf(pool: pg.Pool, tenant: string, ids: readonly string[]): Promise<string[][]> {
  const all: string[][] = [];
  for (const table of TABLES) {
    const { rows } = await pool.query<{ row: string }>(
      `SELECT to_jsonb(t)::text AS row FROM ${table} t WHERE tenant_id = $1 AND session_id = ANY ($2::text[]) ORDER BY 1`,
      [tenant, ids],
    );
    all.push(rows.map(({ row }) => row));
  }
  return all;
}

/**
 * Lets the rollup make the first sessions of their executions.
 * @throws if its rows are not those that were inserted
 */
export async function compareSample(
  pool: pg.Pool,
  tenant: string,
  sample: number,
  rollup: () => Promise<unknown>,
): Promise<void> {
  const ids = Array.from({ length: sample }, (_, n) => `session-${n}`);
  const inserted = await rowsOf(pool, tenant, ids);
  for (const table of TABLES)
    await pool.query(`DELETE FROM ${table} WHERE tenant_id = $1 AND session_id = ANY ($2::text[])`, [
      tenant,
      ids,
    ]);
  await pool.query(INSERT_EXECUTIONS, [tenant, sample]);
  await pool.query(INSERT_STEPS, [tenant, sample]);
  await pool.query(
    `INSERT INTO session_marks (tenant_id, bucket, session_id)
     SELECT $1, date_trunc('hour', started_at, 'UTC'), session_id FROM bench_made WHERE n < $2`,
    [tenant, sample],
  );
  await rollup();
  const made = await rowsOf(pool, tenant, ids);
  TABLES.forEach((table, t) => {
    const [mine, theirs] = [inserted[t]!, made[t]!];
    const other = mine.findIndex((row, i) => row !== theirs[i]);
    if (mine.length === theirs.length && other < 0) return;
    throw new Error(
      `the rollup makes other rows of ${table} than were inserted: ${theirs[Math.max(0, other)] ?? 'none'} in place of ${mine[Math.max(0, other)] ?? 'none'}`,
    );
  });
}
