/** Models that have used tokens and have no price, so that what they cost is in no total. */
import { isUnused } from '../../facts/execution/parts-of.js';
import {
  examples,
  type Finding,
  IN_WINDOW,
  type Kind,
  MAX_FINDINGS,
  monthlyCount,
  type Search,
  valuesOf,
} from './finding.js';
import { countOf, number } from './words.js';

interface Row {
  provider: string | null;
  model: string;
  calls: number;
  executions: number;
  inputTokens: number;
  outputTokens: number;
  agents: string[];
  note: string | null;
  latest: string[];
}

/** By token usage; by execution where it has none. An execution that reports its cost is priced. */
async function read({ pool, tenantId, window }: Search): Promise<Row[]> {
  const { rows } = await pool.query<Row>(
    `WITH calls AS (
       SELECT e.id, e.agent_id, e.started_at, e.cost_note, coalesce(u.provider, e.provider) AS provider,
         coalesce(u.model_name, e.model_name) AS model, coalesce(u.input_tokens, e.input_tokens) AS input_tokens,
         coalesce(u.output_tokens, e.output_tokens) AS output_tokens
       FROM executions e
       LEFT JOIN token_usages u ON u.tenant_id = e.tenant_id AND u.execution_id = e.id
       WHERE ${IN_WINDOW} AND e.cost_usd IS NULL AND (u.usage_key IS NULL OR u.cost_usd IS NULL AND NOT ${isUnused('u')} IS TRUE)
     ), executed AS (
       SELECT id, agent_id, started_at, cost_note, provider, model, count(*) AS calls, sum(input_tokens) AS input_tokens,
         sum(output_tokens) AS output_tokens
       FROM calls WHERE model IS NOT NULL AND input_tokens + output_tokens > 0
       GROUP BY 1, 2, 3, 4, 5, 6
     )
     SELECT provider, model, sum(calls)::float8 AS calls, count(*)::float8 AS executions, sum(input_tokens)::float8 AS "inputTokens",
       sum(output_tokens)::float8 AS "outputTokens", max(cost_note) AS note,
       (array_agg(DISTINCT agent_id) FILTER (WHERE agent_id IS NOT NULL)) AS agents, ${examples('started_at DESC')} AS latest
     FROM executed GROUP BY provider, model
     ORDER BY sum(input_tokens + output_tokens) DESC, provider, model LIMIT ${MAX_FINDINGS}`,
    valuesOf(tenantId, window),
  );
  return rows;
}

/** Agents that are named; of more there is only their number. */
const MAX_AGENTS = 10;

function findingOf({ window }: Search, row: Row): Finding {
  const { provider, model, calls, executions, inputTokens, outputTokens, note, latest } = row;
  const agents = row.agents ?? [];
  const tokens = inputTokens + outputTokens;
  const ofProvider = provider === null ? '' : ` of ${provider}`;
  return {
    agentId: agents.length === 1 ? agents[0]! : null,
    model,
    about: [provider],
    savings: null,
    weight: monthlyCount(tokens, window),
    words: () => ({
      title:
        `The model ${model}${ofProvider} has no price: ${number(tokens)} tokens in ${countOf(executions, 'execution')} ` +
        'are in no cost.',
      action:
        `Set a price for ${model}${provider === null ? '' : ` of the provider ${provider}`} with PUT /prices, or send cost_usd ` +
        'with each execution; the executions of the past are priced too.',
    }),
    caveat: 'Until then totals, budgets and savings are too low.',
    evidence: {
      provider,
      calls,
      unpriced_executions: executions,
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      agents: agents.slice(0, MAX_AGENTS),
      agent_count: agents.length,
      reason: note,
      arithmetic: `${number(inputTokens)} input and ${number(outputTokens)} output tokens, at a price that is not known.`,
      executions: latest,
    },
  };
}

export const unpriced: Kind = {
  name: 'unpriced',
  description:
    'A model without a price has used tokens. What that costs is not known, and neither is what can be saved.',
  async find(search) {
    return (await read(search)).map((row) => findingOf(search, row));
  },
};
