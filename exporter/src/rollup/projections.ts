/**
 * The aggregates as statements: each projection can be made of raw events, or of a finer level of itself. All take
 * $1 the tenant and $2, $3 the parallel arrays of range starts and ends; both ends lie on bucket boundaries.
 */
import { ERROR_STATUS, type Level } from '../catalog/index.js';
import { mergedHistograms } from '../db/histograms.js';

export interface Projection {
  /** Removes the rows of the ranges: an upsert would leave ghosts where a fact has moved to another group. */
  remove(level: Level): string;
  fromRaw(level: Exclude<Level, 'day'>): string;
  fromFiner(level: Exclude<Level, 'minute'>, finer: Exclude<Level, 'day'>): string;
}

export interface Tables {
  minute?: string;
  hour: string;
  day: string;
}

export const RANGES = 'unnest($2::timestamptz[], $3::timestamptz[]) AS r (from_at, to_at)';
const EVENTS = `${RANGES} JOIN usage_events e
  ON e.tenant_id = $1 AND e.occurred_at >= r.from_at AND e.occurred_at < r.to_at`;

/** date_bin before date_trunc: it is several times as fast. */
export const bin = (level: 'minute' | 'hour', column: string): string =>
  `date_bin('1 ${level}', ${column}, timestamptz 'epoch')`;

export const timeColumn = (level: Level): string => (level === 'day' ? 'date' : 'bucket');

/** A finer row's bucket at the coarser level. */
export const coarser = (level: 'hour' | 'day', column: string): string =>
  level === 'day' ? `(${column} AT TIME ZONE 'UTC')::date` : bin('hour', column);

/** The rows of a table within the ranges. */
export const within = (level: Level, alias: string): string =>
  level === 'day'
    ? `${alias}.date >= (r.from_at AT TIME ZONE 'UTC')::date AND ${alias}.date < (r.to_at AT TIME ZONE 'UTC')::date`
    : `${alias}.bucket >= r.from_at AND ${alias}.bucket < r.to_at`;

export function tableOf(tables: Tables, level: Level): string {
  const table = tables[level];
  if (table === undefined) throw new Error(`no ${level} level`);
  return table;
}

export const remove =
  (tables: Tables) =>
  (level: Level): string =>
    `DELETE FROM ${tableOf(tables, level)} t USING ${RANGES} WHERE t.tenant_id = $1 AND ${within(level, 't')}`;

const USAGE: Tables = { minute: 'usage_minutes', hour: 'usage_hours', day: 'analytics_daily_aggregates' };

export const usage: Projection = {
  remove: remove(USAGE),
  fromRaw: (level) => `
    INSERT INTO ${tableOf(USAGE, level)} (tenant_id, bucket, agent_id, metric_type, count, first_at, last_at)
    SELECT $1, ${bin(level, 'e.occurred_at')}, e.agent_id, e.metric_type, sum(e.count), min(e.occurred_at), max(e.occurred_at)
    FROM ${EVENTS} GROUP BY 2, 3, 4`,
  fromFiner: (level, finer) => `
    INSERT INTO ${tableOf(USAGE, level)} (tenant_id, ${timeColumn(level)}, agent_id, metric_type, count, first_at, last_at)
    SELECT $1, ${coarser(level, 'f.bucket')}, f.agent_id, f.metric_type, sum(f.count), min(f.first_at), max(f.last_at)
    FROM ${RANGES} JOIN ${tableOf(USAGE, finer)} f ON f.tenant_id = $1 AND ${within(finer, 'f')} GROUP BY 2, 3, 4`,
};

const ENDPOINT: Tables = { minute: 'endpoint_minutes', hour: 'endpoint_hours', day: 'endpoint_days' };
const ENDPOINT_COLUMNS =
  'endpoint, status_code, calls, duration_count, duration_sum, hist_buckets, hist_counts';

/** Every figure weighs an event by its count; a call without an endpoint is one of "other". */
export const endpoint: Projection = {
  remove: remove(ENDPOINT),
  fromRaw: (level) => `
    INSERT INTO ${tableOf(ENDPOINT, level)} (tenant_id, bucket, ${ENDPOINT_COLUMNS})
    SELECT $1, bucket, endpoint, status_code, sum(calls), coalesce(sum(calls) FILTER (WHERE duration IS NOT NULL), 0),
           coalesce(sum(duration_sum), 0),
           coalesce(array_agg(duration ORDER BY duration) FILTER (WHERE duration IS NOT NULL), '{}'),
           coalesce(array_agg(calls ORDER BY duration) FILTER (WHERE duration IS NOT NULL), '{}')
    FROM (
      SELECT ${bin(level, 'e.occurred_at')} AS bucket, coalesce(e.endpoint, 'other') AS endpoint,
             coalesce(e.status_code, 0::smallint) AS status_code, duration_bucket(e.duration_ms) AS duration,
             sum(e.count)::bigint AS calls, sum(e.duration_ms * e.count) AS duration_sum
      FROM ${EVENTS} WHERE e.metric_type = 'api_calls' GROUP BY 1, 2, 3, 4
    ) AS by_duration GROUP BY 2, 3, 4`,
  fromFiner: (level, finer) => {
    const keys = [
      ['at', coarser(level, 'f.bucket')],
      ['endpoint', 'f.endpoint'],
      ['status_code', 'f.status_code'],
    ] as const;
    const rows = `${RANGES} JOIN ${tableOf(ENDPOINT, finer)} f ON f.tenant_id = $1 AND ${within(finer, 'f')}`;
    return `
    INSERT INTO ${tableOf(ENDPOINT, level)} (tenant_id, ${timeColumn(level)}, ${ENDPOINT_COLUMNS})
    SELECT $1, at, endpoint, status_code, calls, duration_count, duration_sum,
           coalesce(h.buckets, '{}'), coalesce(h.counts, '{}')
    FROM (
      SELECT ${keys.map(([name, sql]) => `${sql} AS ${name}`).join(', ')}, sum(f.calls) AS calls, sum(f.duration_count) AS duration_count, sum(f.duration_sum) AS duration_sum
      FROM ${rows} GROUP BY 1, 2, 3
    ) AS sums LEFT JOIN (
      SELECT at, endpoint, status_code, array_agg(b ORDER BY b) AS buckets, array_agg(n ORDER BY b) AS counts
      FROM (
        ${mergedHistograms(keys, 'f', `FROM ${rows}`)}
      ) AS merged GROUP BY 1, 2, 3
    ) AS h USING (at, endpoint, status_code)`;
  },
};

const AGENT_ENDPOINT: Tables = { hour: 'agent_endpoint_hours', day: 'agent_endpoint_days' };
const AGENT_ENDPOINT_COLUMNS = 'agent_id, endpoint, status_code, calls, duration_count, duration_sum';

export const agentEndpoint: Projection = {
  remove: remove(AGENT_ENDPOINT),
  fromRaw: (level) => `
    INSERT INTO ${tableOf(AGENT_ENDPOINT, level)} (tenant_id, bucket, ${AGENT_ENDPOINT_COLUMNS})
    SELECT $1, ${bin(level, 'e.occurred_at')}, e.agent_id, coalesce(e.endpoint, 'other'), coalesce(e.status_code, 0::smallint),
           sum(e.count), coalesce(sum(e.count) FILTER (WHERE e.duration_ms IS NOT NULL), 0),
           coalesce(sum(e.duration_ms * e.count), 0)
    FROM ${EVENTS} WHERE e.metric_type = 'api_calls' GROUP BY 2, 3, 4, 5`,
  fromFiner: (level, finer) => `
    INSERT INTO ${tableOf(AGENT_ENDPOINT, level)} (tenant_id, ${timeColumn(level)}, ${AGENT_ENDPOINT_COLUMNS})
    SELECT $1, ${coarser(level, 'f.bucket')}, f.agent_id, f.endpoint, f.status_code,
           sum(f.calls), sum(f.duration_count), sum(f.duration_sum)
    FROM ${RANGES} JOIN ${tableOf(AGENT_ENDPOINT, finer)} f ON f.tenant_id = $1 AND ${within(finer, 'f')} GROUP BY 2, 3, 4, 5`,
};

/** An agent that acts after its deletion is there: hiding it would hide what whoever holds its credential does. */
export const BACK_IF_SEEN = 'deleted_at = CASE WHEN s.last_at > a.deleted_at THEN NULL ELSE a.deleted_at END';
export const IS_BACK = 'coalesce(s.last_at > a.deleted_at, false)';

/** Keeps first_seen_at, last_seen_at and last_rotated_at of the agents that acted in the ranges. */
export const AGENTS_SEEN = `
  UPDATE agents a
  SET first_seen_at = least(a.first_seen_at, s.first_at), last_seen_at = greatest(a.last_seen_at, s.last_at),
      last_rotated_at = greatest(a.last_rotated_at, s.rotated_at), ${BACK_IF_SEEN}
  FROM (
    SELECT h.agent_id, min(h.first_at) AS first_at, max(h.last_at) AS last_at,
           max(h.last_at) FILTER (WHERE h.metric_type = 'credential_rotations') AS rotated_at
    FROM ${RANGES} JOIN usage_hours h ON h.tenant_id = $1 AND ${within('hour', 'h')}
    WHERE h.agent_id IS NOT NULL GROUP BY 1
  ) AS s
  WHERE a.tenant_id = $1 AND a.id = s.agent_id
    AND (${IS_BACK} OR (a.first_seen_at, a.last_seen_at, coalesce(a.last_rotated_at, timestamptz '-infinity')) IS DISTINCT FROM
        (least(a.first_seen_at, s.first_at), greatest(a.last_seen_at, s.last_at),
         coalesce(greatest(a.last_rotated_at, s.rotated_at), timestamptz '-infinity')))`;

/**
 * Moves the all-time totals by the rows of the ranges' days: taken off before those days are removed, put on again when
 * they are made anew. What an agent without a series of its own has counted stays part of "other" for good.
 */
const moveTotals = (sign: '+' | '-', source: string): string => `
  INSERT INTO agent_totals AS t (tenant_id, agent_id, metric_type, count, count_as_other)
  SELECT $1, d.agent_id, d.metric_type, ${sign}sum(d.count), CASE WHEN a.metrics_named THEN 0 ELSE ${sign}sum(d.count) END
  FROM (${source}) AS d LEFT JOIN agents a ON a.tenant_id = $1 AND a.id = d.agent_id
  GROUP BY d.agent_id, d.metric_type, a.metrics_named
  ON CONFLICT (tenant_id, agent_id, metric_type)
  DO UPDATE SET count = t.count + excluded.count, count_as_other = t.count_as_other + excluded.count_as_other`;

/** The same of the sum over all agents of what they have counted as "other". */
const moveOther = (sign: '+' | '-', source: string): string => `
  INSERT INTO agent_totals_other AS t (tenant_id, metric_type, count)
  SELECT $1, d.metric_type, ${sign}sum(d.count)
  FROM (${source}) AS d LEFT JOIN agents a ON a.tenant_id = $1 AND a.id = d.agent_id
  WHERE a.metrics_named IS NOT TRUE GROUP BY d.metric_type
  ON CONFLICT (tenant_id, metric_type) DO UPDATE SET count = t.count + excluded.count`;

const moved = (source: string): Record<'takeOff' | 'putOn', readonly string[]> => ({
  takeOff: [moveTotals('-', source), moveOther('-', source)],
  putOn: [moveTotals('+', source), moveOther('+', source)],
});

const USAGE_DAYS = `SELECT u.agent_id, u.metric_type, u.count
  FROM ${RANGES} JOIN ${USAGE.day} u ON u.tenant_id = $1 AND ${within('day', 'u')}`;
const ERROR_DAYS = `SELECT u.agent_id, 'api_errors' AS metric_type, u.calls AS count
  FROM ${RANGES} JOIN ${AGENT_ENDPOINT.day} u ON u.tenant_id = $1 AND ${within('day', 'u')} AND u.status_code >= ${ERROR_STATUS}`;

export const totals = {
  usage: moved(USAGE_DAYS),
  errors: moved(ERROR_DAYS),
  /** $1 the tenant: all totals anew from all days, for whatever the differences have not carried over. */
  recount: `
  INSERT INTO agent_totals AS t (tenant_id, agent_id, metric_type, count, count_as_other)
  SELECT $1, d.agent_id, d.metric_type, d.missing, CASE WHEN a.metrics_named THEN 0 ELSE d.missing END
  FROM (
    SELECT agent_id, metric_type, sum(counted) - sum(kept) AS missing
    FROM (
      SELECT agent_id, metric_type, count AS counted, 0 AS kept FROM ${USAGE.day} WHERE tenant_id = $1
      UNION ALL
      SELECT agent_id, 'api_errors', calls, 0 FROM ${AGENT_ENDPOINT.day} WHERE tenant_id = $1 AND status_code >= ${ERROR_STATUS}
      UNION ALL
      SELECT agent_id, metric_type, 0, count FROM agent_totals WHERE tenant_id = $1
    ) AS both_sides GROUP BY 1, 2 HAVING sum(counted) <> sum(kept)
  ) AS d LEFT JOIN agents a ON a.tenant_id = $1 AND a.id = d.agent_id
  ON CONFLICT (tenant_id, agent_id, metric_type)
  DO UPDATE SET count = t.count + excluded.count,
    count_as_other = greatest(0, least(t.count + excluded.count, t.count_as_other + excluded.count_as_other))`,
};
