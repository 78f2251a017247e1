/**
 * An agent's last rotation, or the days since it (or since the agent was first seen), at the end of each bucket. A state
 * rather than a count: it looks back past the range, at the exact times of the first and last rotation of each row.
 */
import { type Level, tableOf, usage } from '../aggregates/index.js';
import type { Interval } from '../catalog/index.js';
import { Parameters, type Statement } from '../db/parameters.js';
import { formatTime } from '../time.js';
import { baseSql } from './base.js';
import type { Plan } from './plan.js';
import { groupBy, type Key, type Shape, tail } from './shape.js';
import { joinEach } from './each.js';
import { carriedSql, filterSql, NULL_GROUP } from './sql.js';
import { firstReadingSql } from './zone.js';

/** Placeholders that several CTEs share. */
interface Places {
  tenant: string;
  /** The range's start and the present, as timestamps. */
  start: string;
  now: string;
}

/** Rows as those of `valueStatement`; `t` is the bucket's start. Buckets after `now` have no rows. */
export function stateStatement(plan: Plan, shape: Shape): Statement {
  const parameters = new Parameters();
  const base = baseSql({ ...plan, filters: [] }, ['rotationTimes'], ['agent'], parameters);
  const places: Places = {
    tenant: parameters.add(plan.tenantId),
    start: `${parameters.add(formatTime(plan.range.from))}::timestamptz`,
    now: `${parameters.add(formatTime(plan.now))}::timestamptz`,
  };
  const bucketed = shape.bucketed && plan.interval !== 'none';
  const keys: Key[] = [
    ...(bucketed ? [{ name: 't', sql: '(extract(epoch FROM e.starts_at) * 1000)::float8' }] : []),
    ...plan.groupBy.map((_, i) => ({ name: `g${i}`, sql: `s.g${i}` })),
  ];
  const value =
    plan.metric.formula.op === 'latest'
      ? 'extract(epoch FROM r.at) * 1000'
      : 'extract(epoch FROM e.ends_at - coalesce(r.at, s.first_seen_at)) / 86400';
  const ctes = [
    base,
    `ends AS (${bucketed ? bucketEnds(plan, places, parameters) : rangeEnd(plan, places, parameters)})`,
    `${KNOWN_AGENTS} AS (${knownAgents(places)})`,
    `state AS (${agents(plan, shape, places, parameters)})`,
    `before AS (${lastBefore(places)})`,
    `same_day AS (${sameDay(places)})`,
    `rotations AS (${ROTATIONS})`,
  ];
  const text = `WITH ${ctes.join(', ')}
SELECT ${keys.map(({ name, sql }) => `${sql} AS ${name}, `).join('')}max(${value})::float8 AS v
FROM ends e JOIN state s ON ${isPast('s.first_seen_at', places)}
LEFT JOIN LATERAL (
  SELECT max(at) AS at FROM rotations r WHERE r.agent_id = s.agent_id AND ${isPast('r.at', places)}
) AS r ON true
${groupBy(keys.map(({ name }) => name))} ${tail(keys, shape, parameters)}`;
  return { text, values: parameters.values };
}

/** Whether a time lies within a bucket or before it. A bucket does not include its end; the last one includes the present. */
const isPast = (at: string, { now }: Places): string =>
  `(${at} < e.ends_at OR ${at} = e.ends_at AND e.ends_at = ${now})`;

const KNOWN_AGENTS = 'known_agents';

const knownAgents = ({ tenant }: Places): string => `
  SELECT id AS agent_id, first_seen_at, last_rotated_at FROM agents
  WHERE tenant_id = ${tenant} AND deleted_at IS NULL AND first_seen_at IS NOT NULL`;

/** The agents that are asked for, under each of their groups. */
function agents(plan: Plan, shape: Shape, { tenant }: Places, parameters: Parameters): string {
  const used = plan.groupBy.map(({ name }) => name);
  const chosen = plan.filters
    .map((filter) => `AND ${filterSql(filter, plan, parameters, used, KNOWN_AGENTS)}`)
    .join(' ');
  const columns = used.map((name) => carriedSql(name, 'b'));
  const groups =
    shape.groups === undefined || used.length === 0
      ? ''
      : `AND (${columns.map((column) => `coalesce(${column}, '${NULL_GROUP}')`).join(', ')}) IN (
           SELECT * FROM unnest(${shape.groups.map((values) => `${parameters.add(values)}::text[]`).join(', ')}))`;
  return `
  SELECT b.*${columns.map((column, i) => `, ${column} AS g${i}`).join('')}
  FROM ${KNOWN_AGENTS} b
    ${joinEach(used, 'b', () => tenant)}
  WHERE true ${chosen} ${groups}`;
}

/** Rows of the rotations of agents, at one level. */
const rotationsOf = (level: Level, tenant: string): string =>
  `${tableOf(usage, level)} WHERE tenant_id = ${tenant} AND metric_type = 'credential_rotations' AND agent_id IS NOT NULL`;

/** The last rotation before the day in which the range starts. */
const lastBefore = ({ tenant, start }: Places): string => `
  SELECT agent_id, max(last_at) AS at FROM ${rotationsOf('day', tenant)} AND date < (${start} AT TIME ZONE 'UTC')::date
  GROUP BY agent_id`;

/** The rotations of that day, up to the range's start. */
const sameDay = ({ tenant, start }: Places): string => `
  SELECT agent_id, first_at, last_at FROM ${rotationsOf('hour', tenant)}
    AND bucket >= date_trunc('day', ${start}, 'UTC') AND bucket < date_trunc('hour', ${start})
  UNION ALL
  SELECT agent_id, first_at, last_at FROM ${rotationsOf('minute', tenant)}
    AND bucket >= date_trunc('hour', ${start}) AND bucket < ${start}`;

const ROTATIONS = `
  SELECT agent_id, at FROM before
  UNION SELECT agent_id, first_at FROM same_day UNION SELECT agent_id, last_at FROM same_day
  UNION SELECT agent_id, first_at FROM base UNION SELECT agent_id, last_at FROM base`;

const rangeEnd = ({ range }: Plan, { start, now }: Places, parameters: Parameters): string =>
  `SELECT ${start} AS starts_at, least(${parameters.add(formatTime(range.to))}::timestamptz, ${now}) AS ends_at`;

const STEPS: Partial<Record<Interval, string>> = {
  minute: '1 minute',
  '5m': '5 minutes',
  '15m': '15 minutes',
  '6h': '6 hours',
};

/** Start and end of each bucket up to now. */
function bucketEnds(
  { interval, timeZone, range }: Plan,
  { start, now }: Places,
  parameters: Parameters,
): string {
  const width = STEPS[interval] ?? `1 ${interval}`;
  const zone = `${parameters.add(interval === 'hour' ? 'UTC' : timeZone)}::text`;
  const unit = interval === '6h' ? 'day' : interval;
  const to = `${parameters.add(formatTime(range.to))}::timestamptz`;
  const first = (local: string): string => firstReadingSql(`(${local} AT TIME ZONE ${zone})`, zone);
  return `
  SELECT ${first('local')} AS starts_at,
         least(${first(`(local + interval '${width}')`)}, ${to}, ${now}) AS ends_at
  FROM generate_series(date_trunc('${unit}', ${start} AT TIME ZONE ${zone}),
                       (${to} - interval '1 millisecond') AT TIME ZONE ${zone}, interval '${width}') AS local
  WHERE ${first('local')} < ${now} AND (local + interval '${width}') AT TIME ZONE ${zone} > ${start}`;
}
