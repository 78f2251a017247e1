/** Runs that send all that was said before again with each step, and do not read it from the cache. */
import { readList } from '../prices.js';
import { callStatistics, type GrowingRuns, LEAST_GROWING, LEAST_RUNS } from './call-statistics.js';
import { cacheArithmetic, type CachePrices, cachePrices, cacheSavings, LOW_CACHED_SHARE } from './calls.js';
import {
  type Finding,
  type Kind,
  largest,
  LEAST_SAVINGS,
  monthly,
  monthlyCount,
  type Search,
} from './finding.js';
import { countOf, dollars, number, percent, perMonth } from './words.js';

function findingOf({ window }: Search, row: GrowingRuns, prices: CachePrices | undefined): Finding {
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
    `The input of an agent grows with each of ${LEAST_GROWING} or more calls of a run, to at least twice the first, in at least ` +
    `${LEAST_RUNS} runs and half of those that long, with less than ${percent(LOW_CACHED_SHARE)} cached. Savings are those of reading ` +
    'from the cache what was sent before, beyond the first input.',
  async find(search) {
    const { growingRuns: rows } = await callStatistics(search);
    if (rows.length === 0) return [];
    const list = await readList(search.pool, search.tenantId);
    const at = Math.min(search.now, search.window.to);
    const findings = rows.map((row) =>
      findingOf(search, row, cachePrices(list.resolve({ ...row, at }).rates)),
    );
    return largest(findings.filter(({ savings }) => savings === null || savings >= LEAST_SAVINGS));
  },
};
