/** Recomputes every aggregate from the raw events with independent SQL, and compares it with the stored one. */
import type { Pool } from 'pg';

export interface RecountOptions {
  /** Minutes before this time (milliseconds) are not compared, because they may have been deleted. Default: all are. */
  minutesFrom?: number;
}

/** Two queries with the same columns that must return the same rows. */
interface Comparison {
  what: string;
  expected: string;
  actual: string;
}

interface Level {
  unit: 'minute' | 'hour' | 'day';
  /** Start of an event's bucket. */
  start: string;
  /** The column with that start. */
  at: 'bucket' | 'date';
}

const LEVELS: readonly Level[] = [
  { unit: 'minute', start: `date_trunc('minute', occurred_at, 'UTC')`, at: 'bucket' },
  { unit: 'hour', start: `date_trunc('hour', occurred_at, 'UTC')`, at: 'bucket' },
  { unit: 'day', start: `(occurred_at AT TIME ZONE 'UTC')::date`, at: 'date' },
];

const CALLS = `(
  SELECT *, coalesce(endpoint, 'other') AS name, coalesce(status_code, 0) AS code,
         CASE WHEN duration_ms < 0.001 THEN -1000 ELSE ceil(ln(duration_ms) / ln(1.03::float8)) END::int AS step
  FROM usage_events WHERE metric_type = 'api_calls') AS calls`;
const COUNTED = `sum(count)::bigint AS calls, coalesce(sum(count) FILTER (WHERE step IS NOT NULL), 0)::bigint AS duration_count,
  round(coalesce(sum(duration_ms * count), 0)::numeric, 3) AS duration_sum`;
// Rounded, because doubles that are added in another order differ in their last digits.
const KEPT = 'calls, duration_count, round(duration_sum::numeric, 3) AS duration_sum';

function usage({ unit, start, at }: Level): Comparison {
  const table = unit === 'day' ? 'analytics_daily_aggregates' : `usage_${unit}s`;
  return {
    what: table,
    expected: `SELECT tenant_id, ${start} AS ${at}, agent_id, metric_type, sum(count)::bigint AS count,
                      min(occurred_at) AS first_at, max(occurred_at) AS last_at
               FROM usage_events GROUP BY 1, 2, 3, 4`,
    actual: `SELECT tenant_id, ${at}, agent_id, metric_type, count, first_at, last_at FROM ${table}`,
  };
}

/** The histogram is compared as text: `bucket:count` per bucket. */
function endpoints({ unit, start, at }: Level): Comparison {
  const group = `tenant_id, ${start} AS ${at}, name AS endpoint, code AS status_code`;
  const key = `tenant_id, ${at}, endpoint, status_code`;
  return {
    what: `endpoint_${unit}s`,
    expected: `SELECT ${key}, calls, duration_count, duration_sum, coalesce(histogram, '') AS histogram
               FROM (SELECT ${group}, ${COUNTED} FROM ${CALLS} GROUP BY 1, 2, 3, 4) AS sums
               LEFT JOIN (
                 SELECT ${key}, string_agg(step || ':' || n, ' ' ORDER BY step) AS histogram
                 FROM (SELECT ${group}, step, sum(count) AS n FROM ${CALLS} WHERE step IS NOT NULL GROUP BY 1, 2, 3, 4, 5) AS steps
                 GROUP BY 1, 2, 3, 4
               ) AS histograms USING (${key})`,
    actual: `SELECT ${key}, ${KEPT},
                    coalesce((SELECT string_agg(b || ':' || n, ' ' ORDER BY b)
                              FROM unnest(hist_buckets, hist_counts) AS u (b, n)), '') AS histogram
             FROM endpoint_${unit}s`,
  };
}

/** A condition on events: one of their bucket has an environment. Otherwise the bucket has no rows by environment. */
const withEnvironment = (start: string): string =>
  `(tenant_id, ${start}) IN (SELECT tenant_id, ${start} FROM usage_events WHERE environment IS NOT NULL)`;

function eventEnvironments({ unit, start, at }: Level): Comparison {
  return {
    what: `event_environment_${unit}s`,
    expected: `SELECT tenant_id, ${start} AS ${at}, environment, sum(count)::bigint AS count
               FROM usage_events WHERE environment IS NOT NULL GROUP BY 1, 2, 3`,
    actual: `SELECT tenant_id, ${at}, environment, count FROM event_environment_${unit}s`,
  };
}

function usageEnvironments({ unit, start, at }: Level): Comparison {
  return {
    what: `usage_environment_${unit}s`,
    expected: `SELECT tenant_id, ${start} AS ${at}, agent_id, environment, metric_type, sum(count)::bigint AS count,
                      min(occurred_at) AS first_at, max(occurred_at) AS last_at
               FROM usage_events WHERE ${withEnvironment(start)} GROUP BY 1, 2, 3, 4, 5`,
    actual: `SELECT tenant_id, ${at}, agent_id, environment, metric_type, count, first_at, last_at
             FROM usage_environment_${unit}s`,
  };
}

/** Without the histograms, which are those of the endpoints. */
function callEnvironments({ unit, start, at }: Level): Comparison {
  return {
    what: `call_environment_${unit}s`,
    expected: `SELECT tenant_id, ${start} AS ${at}, environment, name AS endpoint, code AS status_code, ${COUNTED}
               FROM ${CALLS} WHERE ${withEnvironment(start)} GROUP BY 1, 2, 3, 4, 5`,
    actual: `SELECT tenant_id, ${at}, environment, endpoint, status_code, ${KEPT} FROM call_environment_${unit}s`,
  };
}

function agentEndpoints({ unit, start, at }: Level): Comparison {
  return {
    what: `agent_endpoint_${unit}s`,
    expected: `SELECT tenant_id, ${start} AS ${at}, agent_id, name AS endpoint, code AS status_code, ${COUNTED}
               FROM ${CALLS} GROUP BY 1, 2, 3, 4, 5`,
    actual: `SELECT tenant_id, ${at}, agent_id, endpoint, status_code, ${KEPT} FROM agent_endpoint_${unit}s`,
  };
}

function agentCallEnvironments({ unit, start, at }: Level): Comparison {
  const keys = `tenant_id, ${at}, agent_id, environment, endpoint, status_code`;
  return {
    what: `agent_call_environment_${unit}s`,
    expected: `SELECT tenant_id, ${start} AS ${at}, agent_id, environment, name AS endpoint, code AS status_code, ${COUNTED}
               FROM ${CALLS} WHERE ${withEnvironment(start)} GROUP BY 1, 2, 3, 4, 5, 6`,
    actual: `SELECT ${keys}, ${KEPT} FROM agent_call_environment_${unit}s`,
  };
}

const AGENTS: Comparison = {
  what: 'agents: first seen, last seen, last rotated',
  expected: `SELECT tenant_id, agent_id, min(occurred_at) AS first_seen_at, max(occurred_at) AS last_seen_at,
                    max(occurred_at) FILTER (WHERE metric_type = 'credential_rotations') AS last_rotated_at
             FROM usage_events WHERE agent_id IS NOT NULL GROUP BY 1, 2`,
  actual: `SELECT tenant_id, id, first_seen_at, last_seen_at, last_rotated_at FROM agents WHERE first_seen_at IS NOT NULL`,
};

const TOTALS: Comparison = {
  what: 'agent_totals',
  expected: `SELECT tenant_id, agent_id, metric_type, sum(count)::bigint AS count, true AS plausible
             FROM (
               SELECT tenant_id, agent_id, metric_type, count FROM usage_events
               UNION ALL
               SELECT tenant_id, agent_id, 'api_errors', count FROM usage_events
               WHERE metric_type = 'api_calls' AND status_code >= 400
             ) AS facts GROUP BY 1, 2, 3`,
  actual: `SELECT tenant_id, agent_id, metric_type, count, count_as_other BETWEEN 0 AND count FROM agent_totals
           WHERE count <> 0 OR count_as_other <> 0`,
};

/** Stored sums: what agents have counted while they had no series of their own. */
const OTHERS: readonly Comparison[] = [
  {
    what: 'agent_totals_other',
    expected: `SELECT tenant_id, metric_type, sum(count_as_other)::bigint AS count FROM agent_totals
               GROUP BY 1, 2 HAVING sum(count_as_other) <> 0`,
    actual: 'SELECT tenant_id, metric_type, count FROM agent_totals_other WHERE count <> 0',
  },
  {
    what: 'execution_counters_other',
    expected: `SELECT tenant_id, status, sum(executions_as_other)::bigint AS executions FROM execution_agent_counters
               GROUP BY 1, 2 HAVING sum(executions_as_other) <> 0`,
    actual: 'SELECT tenant_id, status, executions FROM execution_counters_other WHERE executions <> 0',
  },
];

function comparisons(minutesFrom: number | undefined): Comparison[] {
  const all = LEVELS.flatMap((level) => [
    usage(level),
    endpoints(level),
    ...(level.unit === 'minute'
      ? []
      : [
          agentEndpoints(level),
          eventEnvironments(level),
          usageEnvironments(level),
          callEnvironments(level),
          agentCallEnvironments(level),
        ]),
  ]);
  if (minutesFrom === undefined) return [...all, AGENTS, TOTALS, ...OTHERS];
  const kept = (sql: string): string =>
    `SELECT * FROM (${sql}) AS rows WHERE bucket >= '${new Date(minutesFrom).toISOString()}'`;
  const bounded = all.map((each) =>
    each.what.endsWith('_minutes')
      ? { ...each, expected: kept(each.expected), actual: kept(each.actual) }
      : each,
  );
  return [...bounded, AGENTS, TOTALS, ...OTHERS];
}

/** Up to three missing and three excess rows per aggregate. Empty if the aggregates are correct. */
export async function differences(pool: Pool, { minutesFrom }: RecountOptions = {}): Promise<string[]> {
  const found: string[] = [];
  for (const { what, expected, actual } of comparisons(minutesFrom)) {
    const { rows } = await pool.query<{ problem: string }>(
      `WITH expected AS (${expected}), actual AS (${actual}),
            missing AS (TABLE expected EXCEPT ALL TABLE actual), excess AS (TABLE actual EXCEPT ALL TABLE expected)
       (SELECT 'lacks ' || to_jsonb(m)::text AS problem FROM missing m LIMIT 3)
       UNION ALL (SELECT 'has ' || to_jsonb(e)::text FROM excess e LIMIT 3)`,
    );
    found.push(...rows.map(({ problem }) => `${what} ${problem}`));
  }
  return found;
}

/** Fails with the rows that differ. All raw events must still be stored, and every mark processed. */
export async function expectAggregatesMatch(pool: Pool, options?: RecountOptions): Promise<void> {
  expect(await differences(pool, options)).toEqual([]);
}

/** Number of marked buckets that wait for a rollup, by kind. The finest projection may wait for up to five minutes. */
export async function pendingMarks(pool: Pool): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ kind: string; marks: number }>(
    'SELECT kind, count(*) AS marks FROM dirty_marks GROUP BY kind ORDER BY kind',
  );
  return Object.fromEntries(rows.map(({ kind, marks }) => [kind, marks]));
}
