/** Large inputs that are sent again and again within minutes, and hardly come from the cache that the model has. */
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
  type Kind,
  largest,
  LEAST_SAVINGS,
  MAX_GROUPS,
  monthly,
  type Search,
  valuesOf,
} from './finding.js';
import { countOf, dollars, number, percent, perMonth, sentences } from './words.js';

/** Mean input tokens of a call. */
const LARGE = 2_000;
const LEAST_CALLS = 100;
/** How long a provider keeps what was sent; each use prolongs it. */
const KEPT = '5 minutes';
/** Less is not cached by any provider. */
const LEAST_PREFIX = 1_024;
/** The share of the calls whose input is at least as long as what is taken to be the same in all. */
const AT_LEAST = 0.95;

interface Row {
  agentId: string;
  provider: string | null;
  model: string;
  tier: ServiceTier;
  calls: number;
  /** Calls within minutes of the one before. */
  warm: number;
  /** Calls that are the sum of an execution. */
  sums: number;
  input: number;
  cached: number;
  /** Tokens that nearly every call has. */
  shared: number;
  /** Of the shared tokens: those that could have been read from the cache, and those that would have been written to it. */
  readable: number;
  writable: number;
  latest: string[];
}

async function read({ pool, tenantId, window }: Search): Promise<Row[]> {
  const group = 'agent_id, provider, model, tier';
  const uncached = 'greatest(0, least(t.input, s.shared) - t.cached - t.written - t.audio)';
  const { rows } = await pool.query<Row>(
    `WITH calls AS MATERIALIZED (${CALLS}), timed AS (
       SELECT *, (lag(id) OVER w = id OR started_at - lag(ended_at) OVER w <= interval '${KEPT}') IS TRUE AS is_warm,
         lag(id) OVER w IS DISTINCT FROM id AS is_first
       FROM calls WINDOW w AS (PARTITION BY ${group} ORDER BY ${IN_ORDER})
     ), stats AS (
       SELECT ${group}, count(*) AS calls, count(*) FILTER (WHERE is_warm) AS warm, count(*) FILTER (WHERE is_sum) AS sums,
         sum(input) AS input, sum(cached) AS cached,
         percentile_disc(${1 - AT_LEAST}) WITHIN GROUP (ORDER BY input) AS shared, ${examples('started_at DESC', 'is_first')} AS latest
       FROM timed GROUP BY ${group}
       HAVING count(*) >= ${LEAST_CALLS} AND avg(input) > ${LARGE} AND sum(cached) < ${LOW_CACHED_SHARE} * sum(input)
         AND 2 * count(*) FILTER (WHERE is_warm) >= count(*)
       ORDER BY sum(input) DESC, ${group} LIMIT ${MAX_GROUPS}
     )
     SELECT s.agent_id AS "agentId", s.provider, s.model, s.tier, s.calls::float8 AS calls, s.warm::float8 AS warm,
       s.sums::float8 AS sums, s.input::float8 AS input, s.cached::float8 AS cached, s.shared::float8 AS shared, s.latest,
       coalesce(sum(${uncached}) FILTER (WHERE t.is_warm), 0)::float8 AS readable,
       coalesce(sum(${uncached}) FILTER (WHERE NOT t.is_warm), 0)::float8 AS writable
     FROM stats s JOIN timed t ON t.agent_id = s.agent_id AND t.model = s.model AND t.tier = s.tier
       AND coalesce(t.provider, '') = coalesce(s.provider, '')
     WHERE s.shared >= ${LEAST_PREFIX}
     GROUP BY s.agent_id, s.provider, s.model, s.tier, s.calls, s.warm, s.sums, s.input, s.cached, s.shared, s.latest`,
    valuesOf(tenantId, window),
  );
  return rows;
}

function findingOf({ window }: Search, row: Row, prices: CachePrices): Finding {
  const { agentId, provider, model, tier, calls, warm, sums, input, cached, shared } = row;
  const { net } = cacheSavings(prices, row.readable, row.writable);
  const savings = monthly(net, window);
  const share = cached / input;
  return {
    agentId,
    model,
    about: [provider, tier],
    savings,
    words: (agent) => ({
      title:
        `${agent} could save ${dollars(savings)} a month with prompt caching on ${model}: it sends ${number(input / calls)} ` +
        `input tokens a call, ${percent(warm / calls)} of the calls follow within minutes, and ${percent(share)} of the ` +
        'input comes from the cache.',
      action:
        `Put what stays the same (instructions, tools, documents) at the beginning of the prompts of ${agent}` +
        (prices.writing > 0n
          ? ` and mark its end as cacheable: writing costs ${dollars(prices.writing)} more per million tokens, reading ` +
            `${dollars(prices.input - prices.cached)} less.`
          : `, and what changes at the end: the provider then reads it from its cache, ` +
            `${dollars(prices.input - prices.cached)} less per million tokens.`),
    }),
    caveat: sentences([
      `How much of the input stays the same is not stored. The savings are for the first ${number(shared)} tokens, which ` +
        `${percent(AT_LEAST)} of the calls have at least.`,
      2 * sums > calls &&
        'Most executions have no token usages, so that each counts as one call, whatever calls it is the sum of.',
    ]),
    evidence: {
      provider,
      service_tier: tier,
      calls,
      calls_within_minutes: warm,
      mean_input_tokens: input / calls,
      cached_share: 100 * share,
      shared_tokens: shared,
      readable_tokens: row.readable,
      written_tokens: row.writable,
      arithmetic:
        `${cacheArithmetic(prices, { tokens: row.readable, what: 'read' }, row.writable)} ` +
        `Saved: ${perMonth(net, savings, window)}; ${countOf(calls - warm, 'call')} of ${number(calls)} came too late to read.`,
      executions: row.latest,
    },
  };
}

export const promptCaching: Kind = {
  name: 'prompt_caching',
  description:
    'An agent sends large inputs (mean over 2,000 tokens, at least 100 calls) within minutes of each other on a model that ' +
    'has a price for cached input, and less than 20 % of the input is cached. Savings are net of what cache writes cost.',
  async find(search) {
    const rows = await read(search);
    if (rows.length === 0) return [];
    const list = await readList(search.pool, search.tenantId);
    const at = Math.min(search.now, search.window.to);
    const findings = rows.flatMap((row) => {
      const prices = cachePrices(list.resolve({ ...row, at }).rates);
      return prices === undefined ? [] : findingOf(search, row, prices);
    });
    return largest(findings.filter(({ savings }) => savings !== null && savings >= LEAST_SAVINGS));
  },
};
