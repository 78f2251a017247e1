/** A funnel: how many sessions did one step, and then the next ones. */
import { session, sessionAgent, sessionFlow } from '../../aggregates/index.js';
import { Parameters } from '../../db/parameters.js';
import type { ReadPool } from '../../db/read-shares.js';
import { AppError } from '../../errors.js';
import { MAX_FLOW, SHARES, shareSql } from '../../facts/session/session.js';
import { percentOf } from '../metric-value.js';
import { rowsSql } from '../rows.js';
import { type Range, segmentsOf } from '../segments.js';

const MIN_STEPS = 2;
const MAX_STEPS = 10;

export interface FunnelRequest {
  range: Range;
  agentId?: string;
  steps: readonly string[];
}

/**
 * The steps of a funnel, as they are sent: one text with commas, or several texts.
 * @throws AppError VALIDATION_ERROR for too few or too many
 */
export function funnelSteps(sent: readonly string[]): string[] {
  const steps = sent.length === 1 ? sent[0]!.split(',') : [...sent];
  if (steps.length < MIN_STEPS || steps.length > MAX_STEPS) {
    throw new AppError(
      'VALIDATION_ERROR',
      `a funnel has ${MIN_STEPS} to ${MAX_STEPS} steps, and this one has ${steps.length}; name them in their order, such as steps=search,pay`,
    );
  }
  if (steps.includes('')) throw new AppError('VALIDATION_ERROR', 'steps must not contain an empty name');
  return steps;
}

/** Up to how many sessions are looked through one by one, and about how many there are in the sample of more. */
export const FUNNEL_BOUNDS = { sessions: 25_000, sample: 10_000 };

interface Counts {
  /** Sessions that did this step and all before it. */
  sessions: number;
  /** Median since the step before. */
  ms: number | null;
}

/**
 * The path of a session is short, so each is looked through. Of too many sessions the flows are counted, as often as each
 * occurs; a sample says how long the steps take, and what the sessions do whose whole flow is not kept.
 */
export async function sessionFunnel(
  pool: ReadPool,
  tenantId: string,
  { range, agentId, steps }: FunnelRequest,
  bounds = FUNNEL_BOUNDS,
) {
  const total = await countSessions(pool, tenantId, range, agentId);
  const search = { tenantId, range, agentId, steps };
  const counted =
    total <= bounds.sessions
      ? await readAll(pool, search)
      : await readSampled(pool, search, Math.ceil((SHARES * bounds.sample) / total));
  return {
    steps: steps.map((step, i) => ({
      step,
      sessions: counted[i]!.sessions,
      conversion_rate: percentOf(counted[i]!.sessions, counted[0]!.sessions),
      from_previous_rate: i === 0 ? null : percentOf(counted[i]!.sessions, counted[i - 1]!.sessions),
      median_ms_from_previous: counted[i]!.ms,
    })),
  };
}

async function countSessions(
  pool: ReadPool,
  tenantId: string,
  range: Range,
  agentId: string | undefined,
): Promise<number> {
  const parameters = new Parameters();
  parameters.add(tenantId);
  const source = agentId === undefined ? session : sessionAgent;
  const columns = agentId === undefined ? ['sessions'] : ['sessions', 'agent_id'];
  const rows = rowsSql(source, range, () => columns, parameters);
  const ofAgent = agentId === undefined ? '' : `WHERE agent_id = ${parameters.add(agentId)}`;
  const result = await pool.query<{ total: number }>(
    `SELECT coalesce(sum(sessions), 0)::float8 AS total FROM (${rows}) AS rows ${ofAgent}`,
    parameters.values,
  );
  return result.rows[0]!.total;
}

interface Search extends FunnelRequest {
  tenantId: string;
}

/** The place of each step in the path of a row, `p0.at` and so on: after that of the step before, null where there is none. */
function placesSql(path: string, steps: readonly string[], parameters: Parameters): string {
  // OFFSET keeps each place from being computed again for every later one.
  return steps
    .map((step, i) => {
      const label = `${parameters.add(step)}::text`;
      const place =
        i === 0
          ? `array_position(${path}, ${label})`
          : `CASE WHEN p${i - 1}.at IS NOT NULL THEN array_position(${path}, ${label}, p${i - 1}.at + 1) END`;
      return `CROSS JOIN LATERAL (SELECT ${place} AS at OFFSET 0) AS p${i}`;
    })
    .join('\n     ');
}

const medianSql = (seconds: string): string =>
  `(percentile_cont(0.5) WITHIN GROUP (ORDER BY ${seconds}) * 1000)`;

const secondsSql = (i: number): string =>
  `extract(epoch FROM s.path_at[p${i}.at] - s.path_at[p${i - 1}.at])::float8`;

/** The sessions `s` of a range, and of an agent the part of them that it ran. $1 is the tenant. */
function sessionsSql({ range, agentId }: Search, parameters: Parameters): { table: string; where: string } {
  const [from, to] = [range.from, range.to].map((at) => parameters.add(new Date(at)));
  const where = `s.tenant_id = $1 AND s.started_at >= ${from} AND s.started_at < ${to}`;
  return agentId === undefined
    ? { table: 'sessions s', where }
    : { table: 'session_agents s', where: `${where} AND s.agent_id = ${parameters.add(agentId)}` };
}

type Row = Record<string, number | null>;

const countsOf = (steps: readonly string[], row: Row): Counts[] =>
  steps.map((_, i) => ({ sessions: row[`n${i}`] ?? 0, ms: row[`m${i}`] ?? null }));

async function readAll(pool: ReadPool, search: Search): Promise<Counts[]> {
  const { tenantId, steps } = search;
  const parameters = new Parameters();
  parameters.add(tenantId);
  const { table, where } = sessionsSql(search, parameters);
  const columns = steps.flatMap((_, i) => [
    `count(p${i}.at)::float8 AS n${i}`,
    ...(i === 0 ? [] : [`${medianSql(secondsSql(i))} AS m${i}`]),
  ]);
  const { rows } = await pool.query<Row>(
    `SELECT ${columns.join(', ')} FROM ${table} ${placesSql('s.path', steps, parameters)} WHERE ${where}`,
    parameters.values,
  );
  return countsOf(steps, rows[0]!);
}

/** Whole days are kept by day, the ragged ends by hour: the bucket of the flows of a session. */
function bucketSql(range: Range, parameters: Parameters): string {
  const days = segmentsOf(range, true).find(({ level }) => level === 'day');
  const hour = `date_trunc('hour', s.started_at, 'UTC')`;
  if (days === undefined) return hour;
  const [from, to] = [days.from, days.to].map((at) => parameters.add(new Date(at)));
  return `CASE WHEN s.started_at >= ${from} AND s.started_at < ${to} THEN date_trunc('day', s.started_at, 'UTC') ELSE ${hour} END`;
}

/** @param shares so many shares of the sessions are the sample */
async function readSampled(pool: ReadPool, search: Search, shares: number): Promise<Counts[]> {
  const { tenantId, range, agentId, steps } = search;
  const parameters = new Parameters();
  parameters.add(tenantId);
  const { table, where } = sessionsSql(search, parameters);
  const chosen = parameters.add(Array.from({ length: Math.min(SHARES, shares) }, (_, share) => share));
  const flows = rowsSql(
    sessionFlow,
    range,
    (level) => [
      level === 'day' ? `date::timestamp AT TIME ZONE 'UTC' AS bucket` : 'bucket',
      ...['flow_of', 'of_agent', 'flow_key', 'flow', 'sessions'],
    ],
    parameters,
  );
  const numbers = steps.map((_, i) => i);
  const isWhole = `flow_key IS NOT NULL AND cardinality(flow) <= ${MAX_FLOW}`;
  const { rows } = await pool.query<Row>(
    `WITH rows AS MATERIALIZED (
       SELECT bucket, flow_key, flow, sessions, ${isWhole} AS is_whole FROM (${flows}) AS flows
       WHERE flow_of = 'steps' AND of_agent IS NOT DISTINCT FROM ${parameters.add(agentId ?? null)}::text
     ), flows AS (
       SELECT min(flow) AS path, sum(sessions) AS sessions FROM rows WHERE is_whole GROUP BY flow_key
     ), counted AS (
       SELECT ${numbers.map((i) => `coalesce(sum(f.sessions) FILTER (WHERE p${i}.at IS NOT NULL), 0) AS n${i}`).join(', ')}
       FROM flows f ${placesSql('f.path', steps, parameters)}
     ), others AS (
       SELECT coalesce(sum(sessions), 0) AS sessions FROM rows WHERE NOT is_whole
     ), sampled AS MATERIALIZED (
       SELECT s.path, ${bucketSql(range, parameters)} AS bucket, ${numbers.map((i) => `p${i}.at AS at${i}`).join(', ')},
         ${numbers
           .slice(1)
           .map((i) => `${secondsSql(i)} AS seconds${i}`)
           .join(', ')}
       FROM ${table} ${placesSql('s.path', steps, parameters)}
       WHERE ${where} AND ${shareSql('s')} = ANY (${chosen}::int[])
     ), times AS (
       SELECT ${numbers
         .slice(1)
         .map((i) => `${medianSql(`seconds${i}`)} AS m${i}`)
         .join(', ')} FROM sampled
     ), rest AS (
       SELECT count(*) AS sessions, ${numbers.map((i) => `count(at${i}) AS n${i}`).join(', ')}
       FROM sampled s WHERE (SELECT sessions FROM others) > 0 AND NOT EXISTS (
         SELECT FROM rows r WHERE r.is_whole AND r.bucket = s.bucket AND r.flow_key = md5(s.path::text)::uuid)
     )
     SELECT ${numbers.map((i) => `(c.n${i} + coalesce(round(o.sessions * r.n${i} / nullif(r.sessions, 0)), 0))::float8 AS n${i}`).join(', ')}, t.*
     FROM counted c, others o, rest r, times t`,
    parameters.values,
  );
  return countsOf(steps, rows[0]!);
}
