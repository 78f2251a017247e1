/** Large inputs that are sent again and again within minutes, and hardly come from the cache that the model has. */
import { readList } from '../prices.js';
import { AT_LEAST, callStatistics, type LargeInputs } from './call-statistics.js';
import { cacheArithmetic, type CachePrices, cachePrices, cacheSavings } from './calls.js';
import { type Finding, type Kind, largest, LEAST_SAVINGS, monthly, type Search } from './finding.js';
import { countOf, dollars, number, percent, perMonth, sentences } from './words.js';

function findingOf({ window }: Search, row: LargeInputs, prices: CachePrices): Finding {
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
        `every call of ${percent(AT_LEAST)} of the executions has at least.`,
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
    const { largeInputs: rows } = await callStatistics(search);
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
