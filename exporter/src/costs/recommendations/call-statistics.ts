/**
 * The model calls of a window by agent, model and tier, for all kinds that look at calls: token usages are looked up once,
 * which takes most of the time.
 */
import type { ServiceTier } from '../../facts/execution/columns.js';
import { SUM_KEY } from '../../facts/execution/execution.js';
import { LOW_CACHED_SHARE } from './calls.js';
import { examples, IN_WINDOW, MAX_GROUPS, type Search, valuesOf } from './finding.js';

/** Mean input tokens of a call that are large, and how many calls say so. */
const LARGE = 2_000;
const LEAST_CALLS = 100;
/** How long a provider keeps what was sent; each use prolongs it. */
const KEPT = '5 minutes';
/** Less is not cached by any provider. */
const LEAST_PREFIX = 1_024;
/** The share of the executions of which every call has at least what is taken to be the same in all. */
export const AT_LEAST = 0.95;

/** Calls of a run in which growth can be seen. */
export const LEAST_GROWING = 4;
/** How many times as long the last input is as the first. */
const GROWTH = 2;
/** Of the last call, on average. */
const LEAST_INPUT = 2_000;
export const LEAST_RUNS = 20;

interface CallGroup {
  agentId: string;
  provider: string | null;
  model: string;
  tier: ServiceTier;
  calls: number;
  input: number;
  cached: number;
}

/** Large inputs within minutes of each other that hardly come from the cache. */
export interface LargeInputs extends CallGroup {
  /** Calls within minutes of the one before. */
  warm: number;
  /** Calls that are the sum of an execution. */
  sums: number;
  /** Tokens that every call has, of nearly every execution. */
  shared: number;
  /** Of the shared tokens: those that could have been read from the cache, and those that would have been written to it. */
  readable: number;
  writable: number;
  latest: string[];
}

/** Runs whose input grows with each call. */
export interface GrowingRuns extends CallGroup {
  /** Runs that grow, of those that are long enough. */
  growing: number;
  long: number;
  first: number;
  last: number;
  /** History beyond the first input that was sent before, and how much of it was new once. */
  resent: number;
  fresh: number;
  largest: string[];
}

interface CallStatistics {
  largeInputs: LargeInputs[];
  growingRuns: GrowingRuns[];
}

const GROUP = 'agent_id, provider, model, tier';

const isSameGroup = (a: string, b: string): string =>
  `${a}.agent_id = ${b}.agent_id AND ${a}.model = ${b}.model AND ${a}.tier = ${b}.tier
       AND coalesce(${a}.provider, '') = coalesce(${b}.provider, '')`;

/**
 * One row an execution and group, with its inputs in their order. Of an execution without token usages only the sum of its
 * calls is known: it counts as one. Usages are looked up for each, so that those of other executions cost nothing, however
 * many there are.
 */
const RUNS = `
  SELECT e.id, e.agent_id, e.started_at, coalesce(e.completed_at, e.started_at) AS ended_at, e.steps, c.*
  FROM executions e CROSS JOIN LATERAL (
    SELECT coalesce(u.provider, e.provider) AS provider, coalesce(u.model_name, e.model_name) AS model,
      coalesce(u.service_tier, e.service_tier) AS tier, count(*) AS calls,
      count(*) FILTER (WHERE u.usage_key IS NULL OR u.usage_key LIKE '${SUM_KEY}%') AS sums,
      min(coalesce(u.input_tokens, e.input_tokens)) AS shortest, sum(coalesce(u.input_tokens, e.input_tokens))::bigint AS input,
      sum(coalesce(u.cached_input_tokens, e.cached_input_tokens))::bigint AS cached,
      sum(coalesce(u.cached_input_tokens + u.cache_write_tokens + u.input_audio_tokens,
        e.cached_input_tokens + e.cache_write_tokens + e.input_audio_tokens))::bigint AS spared,
      array_agg(u.input_tokens ORDER BY coalesce(u.step_number, 0), u.position) AS inputs
    FROM (SELECT) AS one LEFT JOIN token_usages u ON u.tenant_id = $1 AND u.execution_id = e.id
    WHERE (u.usage_key IS NULL OR u.input_tokens > 0) AND coalesce(u.model_name, e.model_name) IS NOT NULL
    GROUP BY 1, 2, 3 OFFSET 0
  ) AS c
  WHERE ${IN_WINDOW} AND e.agent_id IS NOT NULL`;

/** What is cached or written already counts as part of the shared tokens. */
const LEFT = 'greatest(0, (least(t.shortest, s.shared) * t.calls - t.spared) / t.calls)';

const LARGE_INPUTS = `
  SELECT s.agent_id AS "agentId", s.provider, s.model, s.tier, s.calls::float8 AS calls, s.warm::float8 AS warm,
    s.sums::float8 AS sums, s.input::float8 AS input, s.cached::float8 AS cached, s.shared::float8 AS shared, s.latest,
    sum(${LEFT} * t.warm)::float8 AS readable, sum(${LEFT} * (t.calls - t.warm))::float8 AS writable
  FROM stats s JOIN timed t ON ${isSameGroup('t', 's')}
  WHERE s.shared >= ${LEAST_PREFIX}
  GROUP BY s.agent_id, s.provider, s.model, s.tier, s.calls, s.warm, s.sums, s.input, s.cached, s.shared, s.latest`;

const GROWING_RUNS = `
  SELECT agent_id AS "agentId", provider, model, tier, (count(*) FILTER (WHERE grows))::float8 AS growing, count(*)::float8 AS long,
    (sum(calls) FILTER (WHERE grows))::float8 AS calls, (avg(first) FILTER (WHERE grows))::float8 AS first,
    (avg(last) FILTER (WHERE grows))::float8 AS last, (sum(input) FILTER (WHERE grows))::float8 AS input,
    (sum(cached) FILTER (WHERE grows))::float8 AS cached, (sum(resent) FILTER (WHERE grows))::float8 AS resent,
    (sum(fresh) FILTER (WHERE grows))::float8 AS fresh, ${examples('last DESC', 'grows')} AS largest
  FROM grown GROUP BY ${GROUP}
  HAVING count(*) FILTER (WHERE grows) >= ${LEAST_RUNS} AND 2 * count(*) FILTER (WHERE grows) >= count(*)
    AND avg(last) FILTER (WHERE grows) > ${LEAST_INPUT}
  ORDER BY sum(resent) FILTER (WHERE grows) DESC, ${GROUP} LIMIT ${MAX_GROUPS}`;

/**
 * Groups that can be of no use are left out before anything is put in order.
 * Growth is seen by token usages; by steps where a run has none, which do not say what was cached: then the run does, for
 * its longest step.
 */
const STATEMENT = `
  WITH runs AS MATERIALIZED (${RUNS}), large AS (
    SELECT ${GROUP} FROM runs WHERE input > 0 GROUP BY ${GROUP}
    HAVING sum(calls) >= ${LEAST_CALLS} AND sum(input) > ${LARGE} * sum(calls) AND sum(cached) < ${LOW_CACHED_SHARE} * sum(input)
      AND count(*) FILTER (WHERE shortest < ${LEAST_PREFIX}) <= ${1.01 * (1 - AT_LEAST)} * count(*)
  ), timed AS MATERIALIZED (
    SELECT r.*, r.calls - CASE WHEN r.started_at - lag(r.ended_at) OVER w <= interval '${KEPT}' THEN 0 ELSE 1 END AS warm
    FROM (SELECT id, ${GROUP}, started_at, ended_at, calls, sums, shortest, input, cached, spared FROM runs WHERE input > 0) AS r
      JOIN large l ON ${isSameGroup('l', 'r')}
    WINDOW w AS (PARTITION BY r.agent_id, r.provider, r.model, r.tier ORDER BY r.started_at, r.id)
  ), stats AS (
    SELECT ${GROUP}, sum(calls) AS calls, sum(warm) AS warm, sum(sums) AS sums, sum(input) AS input, sum(cached) AS cached,
      percentile_disc(${1 - AT_LEAST}) WITHIN GROUP (ORDER BY shortest) AS shared, ${examples('started_at DESC')} AS latest
    FROM timed GROUP BY ${GROUP} HAVING 2 * sum(warm) >= sum(calls)
    ORDER BY sum(input) DESC, ${GROUP} LIMIT ${MAX_GROUPS}
  ), long AS (
    SELECT id, ${GROUP}, cached, inputs FROM runs WHERE sums = 0 AND calls >= ${LEAST_GROWING}
    UNION ALL
    SELECT r.id, r.agent_id, r.provider, r.model, r.tier, r.cached * s.longest, s.inputs
    FROM runs r CROSS JOIN LATERAL (
      SELECT array_agg(input ORDER BY step_number) AS inputs, count(*) FILTER (WHERE input = most) AS longest
      FROM (
        SELECT x.step_number, x.input_tokens AS input, max(x.input_tokens) OVER () AS most
        FROM execution_steps x WHERE x.tenant_id = $1 AND x.execution_id = r.id AND x.input_tokens > 0 OFFSET 0
      ) AS x
    ) AS s
    WHERE r.sums = 1 AND r.steps >= ${LEAST_GROWING} AND cardinality(s.inputs) >= ${LEAST_GROWING}
  ), grown AS (
    SELECT id, ${GROUP}, cardinality(inputs) AS calls, inputs[1] AS first, g.last, g.input, cached, g.resent, g.fresh,
      g.is_longer IS TRUE AND g.last >= ${GROWTH} * inputs[1] AND cached < ${LOW_CACHED_SHARE} * g.input AS grows
    FROM long CROSS JOIN LATERAL (
      SELECT max(input) AS last, sum(input) AS input, bool_and(input > before) AS is_longer,
        coalesce(sum(before - inputs[1]), 0) AS resent, coalesce(max(before - inputs[1]), 0) AS fresh
      FROM (
        SELECT input, lag(input) OVER (ORDER BY n) AS before FROM unnest(inputs) WITH ORDINALITY AS i (input, n)
      ) AS i
    ) AS g
  )
  SELECT 'largeInputs' AS "of", to_jsonb(l) AS "row" FROM (${LARGE_INPUTS}) AS l
  UNION ALL SELECT 'growingRuns', to_jsonb(g) FROM (${GROWING_RUNS}) AS g`;

type StatisticsRow = { of: 'largeInputs'; row: LargeInputs } | { of: 'growingRuns'; row: GrowingRuns };

async function read({ pool, tenantId, window }: Search): Promise<CallStatistics> {
  const { rows } = await pool.query<StatisticsRow>(STATEMENT, valuesOf(tenantId, window));
  return {
    largeInputs: rows.flatMap((found) => (found.of === 'largeInputs' ? found.row : [])),
    growingRuns: rows.flatMap((found) => (found.of === 'growingRuns' ? found.row : [])),
  };
}

const known = new WeakMap<Search, Promise<CallStatistics>>();

/** Read once a search, whichever kind asks first. */
export function callStatistics(search: Search): Promise<CallStatistics> {
  const found = known.get(search) ?? read(search);
  known.set(search, found);
  return found;
}
