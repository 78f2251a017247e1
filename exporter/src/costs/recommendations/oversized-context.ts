/** Runs that send all that was said before again with each step, and do not read it from the cache. */
import { partsOf } from '../../facts/execution/parts-of.js';
import type { ServiceTier } from '../../facts/execution/columns.js';
import { readList } from '../prices.js';
import {
  cacheArithmetic,
  type CachePrices,
  cachePrices,
  cacheSavings,
  CALLS,
  IN_ORDER,
  LOW_CACHED_SHARE,
} from './calls.js';
import {
  examples,
  type Finding,
  IN_WINDOW,
  type Kind,
  largest,
  LEAST_SAVINGS,
  MAX_GROUPS,
  monthly,
  monthlyCount,
  type Search,
  valuesOf,
} from './finding.js';
import { countOf, dollars, number, percent, perMonth } from './words.js';

/** Calls of a run in which growth can be seen. */
const LEAST_CALLS = 4;
/** How many times as long the last input is as the first. */
const GROWTH = 2;
/** Of the last call, on average. */
const LEAST_INPUT = 2_000;
const LEAST_RUNS = 20;

interface Row {
  agentId: string;
  provider: string | null;
  model: string;
  tier: ServiceTier;
  /** Runs that grow, of those that are long enough. */
  growing: number;
  long: number;
  calls: number;
  first: number;
  last: number;
  input: number;
  cached: number;
  /** History beyond the first input that was sent before, and how much of it was new once. */
  resent: number;
  fresh: number;
  largest: string[];
}

/** By token usage; by step where a run has none, which do not say what was cached: then the run does. */
const CALLS_OR_STEPS = `
  SELECT id, agent_id, provider, model, tier, started_at, step, position, input, cached FROM (${CALLS}) AS c WHERE NOT is_sum
  UNION ALL
  SELECT e.id, e.agent_id, e.provider, e.model_name, e.service_tier, e.started_at, s.step_number, 0, s.input_tokens,
    CASE WHEN s.input_tokens = max(s.input_tokens) OVER (PARTITION BY e.id) THEN e.cached_input_tokens ELSE 0 END
  FROM executions e JOIN LATERAL (${partsOf('execution_steps')}) AS s ON true
  WHERE ${IN_WINDOW} AND e.agent_id IS NOT NULL AND e.model_name IS NOT NULL AND s.input_tokens > 0
    AND NOT EXISTS (${partsOf('token_usages')})`;

async function read({ pool, tenantId, window }: Search): Promise<Row[]> {
  const group = 'agent_id, provider, model, tier';
  const { rows } = await pool.query<Row>(
    `WITH calls AS (${CALLS_OR_STEPS}), stepped AS (
       SELECT *, lag(input) OVER w AS before, first_value(input) OVER w AS first
       FROM calls WINDOW w AS (PARTITION BY ${group}, id ORDER BY ${IN_ORDER})
     ), runs AS (
       SELECT ${group}, id, count(*) AS calls, min(first) AS first, max(input) AS last, sum(input) AS input, sum(cached) AS cached,
         bool_and(input > before) IS TRUE AND max(input) >= ${GROWTH} * min(first)
           AND sum(cached) < ${LOW_CACHED_SHARE} * sum(input) AS grows,
         coalesce(sum(before - first), 0) AS resent, coalesce(max(before - first), 0) AS fresh
       FROM stepped GROUP BY ${group}, id HAVING count(*) >= ${LEAST_CALLS}
     )
     SELECT agent_id AS "agentId", provider, model, tier, (count(*) FILTER (WHERE grows))::float8 AS growing, count(*)::float8 AS long,
       (sum(calls) FILTER (WHERE grows))::float8 AS calls, (avg(first) FILTER (WHERE grows))::float8 AS first,
       (avg(last) FILTER (WHERE grows))::float8 AS last, (sum(input) FILTER (WHERE grows))::float8 AS input,
       (sum(cached) FILTER (WHERE grows))::float8 AS cached, (sum(resent) FILTER (WHERE grows))::float8 AS resent,
       (sum(fresh) FILTER (WHERE grows))::float8 AS fresh, ${examples('last DESC', 'grows')} AS largest
     FROM runs GROUP BY ${group}
     HAVING count(*) FILTER (WHERE grows) >= ${LEAST_RUNS} AND 2 * count(*) FILTER (WHERE grows) >= count(*)
       AND avg(last) FILTER (WHERE grows) > ${LEAST_INPUT}
     ORDER BY sum(resent) FILTER (WHERE grows) DESC, ${group} LIMIT ${MAX_GROUPS}`,
    valuesOf(tenantId, window),
  );
  return rows;
}

function findingOf({ window }: Search, row: Row, prices: CachePrices | undefined): Finding {
  const { agentId, provider, model, tier, growing, long, calls, first, last, resent, fresh } = row;
  const saved = prices === undefined ? undefined : cacheSavings(prices, resent, fresh);
  const savings = saved === undefined ? null : monthly(saved.net, window);
  const growth = `from ${number(first)} to ${number(last)} tokens over ${number(calls / growing)} calls`;
  return {
    agentId,
    model,
    about: [provider, tier],
    savings,
    weight: savings === null ? monthlyCount(resent, window) : undefined,
    words: (agent) => ({
      title:
        `The input of ${agent} on ${model} grows with each step, ${growth}, in ${number(growing)} of ${countOf(long, 'long run')}` +
        (savings === null
          ? '.'
          : `: reading what was sent before from the cache would save ${dollars(savings)} a month.`),
      action:
        `Keep what ${agent} has sent before unchanged at the beginning of each call, so that it comes from the cache, or cut ` +
        'results of tools and sum up what lies far back.',
    }),
    caveat:
      saved === undefined
        ? 'No price for cached input is known for this model, so that the savings are not known; a shorter history saves the whole price.'
        : 'The savings are those of the cache alone; a history that is cut short saves more, and may change what the agent does.',
    evidence: {
      provider,
      service_tier: tier,
      runs: growing,
      long_runs: long,
      mean_calls: calls / growing,
      mean_first_input_tokens: first,
      mean_last_input_tokens: last,
      cached_share: (100 * row.cached) / row.input,
      resent_tokens: resent,
      arithmetic:
        saved === undefined || prices === undefined || savings === null
          ? `${number(resent)} tokens of history were sent again.`
          : `${cacheArithmetic(prices, { tokens: resent, what: 'of history, sent again,' }, fresh)} ` +
            `Saved: ${perMonth(saved.net, savings, window)}.`,
      executions: row.largest,
    },
  };
}

export const oversizedContext: Kind = {
  name: 'oversized_context',
  description:
    `The input of an agent grows with each of ${LEAST_CALLS} or more calls of a run, to at least twice the first, in at least ` +
    `${LEAST_RUNS} runs and half of those that long, with less than ${percent(LOW_CACHED_SHARE)} cached. Savings are those of reading ` +
    'from the cache what was sent before, beyond the first input.',
  async find(search) {
    const rows = await read(search);
    if (rows.length === 0) return [];
    const list = await readList(search.pool, search.tenantId);
    const at = Math.min(search.now, search.window.to);
    const findings = rows.map((row) =>
      findingOf(search, row, cachePrices(list.resolve({ ...row, at }).rates)),
    );
    return largest(findings.filter(({ savings }) => savings === null || savings >= LEAST_SAVINGS));
  },
};
