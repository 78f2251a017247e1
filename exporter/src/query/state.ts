/**
 * An agent's last rotation, or the days since it (or since the agent was first seen), at the end of each bucket. A state
 * rather than a count: it looks back past the range, at the exact times of the first and last rotation of each row.
 */
import { formatTime } from '../time.js';
import type { Plan } from './plan.js';
import { baseSql, filterSql, NULL_GROUP, Parameters, type Statement } from './sql.js';
import { firstReadingSql } from './zone.js';
import { type Key, type Shape, tail } from './shape.js';

/** Rows as those of `valueStatement`; `t` is the bucket's start. Buckets after `now` have no rows. */
export function stateStatement(plan: Plan, shape: Shape): Statement {
  const parameters = new Parameters();
  const byAgent = plan.groupBy.length > 0;
  const base = baseSql({ ...plan, filters: [] }, ['rotationTimes'], ['agent'], parameters);
  const tenant = parameters.add(plan.tenantId);
  const chosen = plan.filters.map((filter) => `AND ${filterSql(filter, plan, parameters)}`).join(' ');
  const groups =
    shape.groups?.[0] === undefined
      ? ''
      : `AND coalesce(b.agent_id, '${NULL_GROUP}') = ANY (${parameters.add(shape.groups[0])}::text[])`;
  const start = parameters.add(formatTime(plan.range.from));
  const now = `${parameters.add(formatTime(plan.now))}::timestamptz`;
  const bucketed = shape.bucketed && plan.interval !== 'none';
  const keys: Key[] = [
    ...(bucketed ? [{ name: 't', sql: '(extract(epoch FROM e.starts_at) * 1000)::float8' }] : []),
    ...(byAgent ? [{ name: 'g0', sql: 's.agent_id' }] : []),
  ];
  const selected = keys.map(({ name, sql }) => `${sql} AS ${name}, `).join('');
  const value =
    plan.metric.formula.op === 'latest'
      ? 'extract(epoch FROM r.at) * 1000'
      : 'extract(epoch FROM e.ends_at - coalesce(r.at, s.first_seen_at)) / 86400';
  const grouping = keys.length === 0 ? '' : `GROUP BY ${keys.map(({ name }) => name).join(', ')}`;
  const text = `WITH ${base}, ends AS (
  ${bucketed ? bucketEnds(plan, now, parameters) : `SELECT ${start}::timestamptz AS starts_at, least(${parameters.add(formatTime(plan.range.to))}::timestamptz, ${now}) AS ends_at`}
), state AS (
  SELECT b.agent_id, b.first_seen_at, b.last_rotated_at
  FROM (SELECT id AS agent_id, first_seen_at, last_rotated_at FROM agents
        WHERE tenant_id = ${tenant} AND deleted_at IS NULL AND first_seen_at IS NOT NULL) AS b
  WHERE true ${chosen} ${groups}
), before AS (
  SELECT agent_id, max(last_at) AS at FROM analytics_daily_aggregates
  WHERE tenant_id = ${tenant} AND metric_type = 'credential_rotations' AND agent_id IS NOT NULL
    AND date < (${start}::timestamptz AT TIME ZONE 'UTC')::date
  GROUP BY agent_id
), same_day AS (
  SELECT agent_id, first_at, last_at FROM usage_hours
  WHERE tenant_id = ${tenant} AND metric_type = 'credential_rotations' AND agent_id IS NOT NULL
    AND bucket >= date_trunc('day', ${start}::timestamptz, 'UTC') AND bucket < date_trunc('hour', ${start}::timestamptz)
  UNION ALL
  SELECT agent_id, first_at, last_at FROM usage_minutes
  WHERE tenant_id = ${tenant} AND metric_type = 'credential_rotations' AND agent_id IS NOT NULL
    AND bucket >= date_trunc('hour', ${start}::timestamptz) AND bucket < ${start}::timestamptz
), rotations AS (
  SELECT agent_id, at FROM before
  UNION SELECT agent_id, first_at FROM same_day UNION SELECT agent_id, last_at FROM same_day
  UNION SELECT agent_id, first_at FROM base UNION SELECT agent_id, last_at FROM base
)
SELECT ${selected}max(${value})::float8 AS v
FROM ends e JOIN state s ON s.first_seen_at <= e.ends_at
LEFT JOIN LATERAL (
  SELECT max(at) AS at FROM rotations r WHERE r.agent_id = s.agent_id AND r.at <= e.ends_at
) AS r ON true
${grouping} ${tail(keys, shape, parameters)}`;
  return { text, values: parameters.values };
}

/** Start and end of each bucket up to now. */
function bucketEnds({ interval, timeZone, range }: Plan, now: string, parameters: Parameters): string {
  const step = { minute: '1 minute', '5m': '5 minutes', '15m': '15 minutes', '6h': '6 hours', none: '' };
  const width = step[interval as keyof typeof step] ?? `1 ${interval}`;
  const zone = `${parameters.add(interval === 'hour' ? 'UTC' : timeZone)}::text`;
  const unit = interval === '6h' ? 'day' : interval;
  const from = parameters.add(formatTime(range.from));
  const to = parameters.add(formatTime(range.to));
  const first = (local: string): string => firstReadingSql(`(${local} AT TIME ZONE ${zone})`, zone);
  return `SELECT ${first('local')} AS starts_at,
         least(${first(`(local + interval '${width}')`)}, ${to}::timestamptz, ${now}) AS ends_at
  FROM generate_series(date_trunc('${unit}', ${from}::timestamptz AT TIME ZONE ${zone}),
                       (${to}::timestamptz - interval '1 millisecond') AT TIME ZONE ${zone}, interval '${width}') AS local
  WHERE ${first('local')} < ${now} AND (local + interval '${width}') AT TIME ZONE ${zone} > ${from}::timestamptz`;
}
