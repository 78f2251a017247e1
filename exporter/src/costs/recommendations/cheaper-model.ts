/** The same agent, in the same flow, already runs a cheaper model that succeeds about as often. */
import { RUNNING, SUCCESS } from '../../catalog/index.js';
import { formatUsd, parseUsd, toWireOfOne, type Usd } from '../../money.js';
import { DAY } from '../../time.js';
import {
  examples,
  type Finding,
  IN_WINDOW,
  type Kind,
  largest,
  LEAST_SAVINGS,
  MAX_GROUPS,
  monthly,
  type Search,
  valuesOf,
} from './finding.js';
import { differenceOf, isWorse, LEAST_FINISHED, rateOf } from './success.js';
import { countOf, dollars, number, percent, perMonth, points, sentences } from './words.js';

/** Runs that are longer or shorter by more than this share are not of the same work. */
const LIKE = 0.25;
/** A success rate that may be lower by this much has to be pointed out. */
const UNSURE = 0.05;

interface Row {
  agentId: string;
  flow: string | null;
  provider: string | null;
  model: string;
  finished: number;
  succeeded: number;
  /** Those whose cost is known. */
  priced: number;
  cost: string;
  /** Of those whose cost is known. */
  tokens: number;
  lastAt: Date;
  dearest: string[];
  failed: string[] | null;
}

interface Runs extends Omit<Row, 'cost'> {
  cost: Usd;
}

async function read({ pool, tenantId, window }: Search): Promise<Runs[]> {
  const { rows } = await pool.query<Row>(
    `SELECT agent_id AS "agentId", flow_id AS flow, provider, model_name AS model,
       count(*)::float8 AS finished, (count(*) FILTER (WHERE status = '${SUCCESS}'))::float8 AS succeeded,
       count(cost_usd)::float8 AS priced, sum(cost_usd) AS cost,
       (sum(total_tokens) FILTER (WHERE cost_usd IS NOT NULL))::float8 AS tokens, max(started_at) AS "lastAt",
       ${examples('cost_usd DESC NULLS LAST')} AS dearest,
       ${examples('started_at DESC', `status <> '${SUCCESS}'`)} AS failed
     FROM executions e
     WHERE ${IN_WINDOW} AND agent_id IS NOT NULL AND model_name IS NOT NULL AND status <> '${RUNNING}'
     GROUP BY agent_id, flow_id, provider, model_name
     HAVING count(*) >= ${LEAST_FINISHED} AND count(cost_usd) >= ${LEAST_FINISHED}
     ORDER BY sum(cost_usd) DESC, agent_id, flow_id, provider, model_name LIMIT ${MAX_GROUPS}`,
    valuesOf(tenantId, window),
  );
  return rows.map((row) => ({ ...row, cost: parseUsd(row.cost) }));
}

/** Models that the agent has stopped using need no advice. */
const isLeft = (one: Runs, other: Runs): boolean => other.lastAt.getTime() - one.lastAt.getTime() > DAY;

interface Choice {
  other: Runs;
  /** What the runs on the other model would have cost. */
  expected: Usd;
  isByTokens: boolean;
}

/** By the cost of a run; where the runs on the other model are much shorter, by the cost of a token. */
function choiceOf(one: Runs, other: Runs): Choice {
  const isByTokens = other.tokens / other.priced < (1 - LIKE) * (one.tokens / one.priced);
  const expected =
    isByTokens && other.tokens > 0
      ? (other.cost * BigInt(one.tokens)) / BigInt(other.tokens)
      : (other.cost * BigInt(one.priced)) / BigInt(other.priced);
  return { other, expected, isByTokens };
}

/** The cheapest of those that are not significantly worse. */
function bestFor(one: Runs, all: readonly Runs[]): Choice | undefined {
  const choices = all
    .filter((other) => other !== one && !isLeft(one, other) && !isWorse(other, one))
    .map((other) => choiceOf(one, other))
    .filter(({ expected }) => expected < one.cost);
  return choices.sort((a, b) => (a.expected < b.expected ? -1 : a.expected > b.expected ? 1 : 0))[0];
}

function findingOf({ window }: Search, one: Runs, { other, expected, isByTokens }: Choice): Finding {
  const saved = one.cost - expected;
  const savings = monthly(saved, window);
  const { lower, upper } = differenceOf(other, one);
  const meanOf = ({ cost, priced }: Runs): Usd => cost / BigInt(priced);
  const inFlow = one.flow === null ? '' : ` in the flow ${one.flow}`;
  const expectedAs = isByTokens
    ? `${number(one.tokens)} tokens at the ${dollars(other.cost)} of ${number(other.tokens)} tokens on ${other.model}`
    : `${countOf(one.priced, 'run')} at ${dollars(meanOf(other))} on ${other.model}`;
  const ofModel = (runs: Runs) => ({
    provider: runs.provider,
    model: runs.model,
    finished: runs.finished,
    success_rate: 100 * rateOf(runs),
    mean_cost_usd: toWireOfOne(formatUsd(meanOf(runs))),
    mean_tokens: runs.tokens / runs.priced,
  });
  return {
    agentId: one.agentId,
    model: one.model,
    about: [one.provider, one.flow],
    savings,
    words: (agent) => ({
      title:
        `${agent} could save ${dollars(savings)} a month${inFlow} with ${other.model} in place of ${one.model}: ` +
        `its success rate is ${percent(rateOf(other))}, that of ${one.model} is ${percent(rateOf(one))}.`,
      action:
        `Run ${agent}${inFlow} on ${other.model}, as ${countOf(other.finished, 'run')} of it already do at ` +
        `${dollars(meanOf(other))} each, in place of ${one.model} at ${dollars(meanOf(one))} each.`,
    }),
    caveat: sentences([
      lower < -UNSURE &&
        `With these numbers of runs the success rate may differ by ${points(lower)} to ${points(upper)} points (95 %): ` +
          'move a part of the runs first.',
      isByTokens &&
        `The runs on ${other.model} are shorter, so they may do easier work. The savings are worked out by tokens.`,
    ]),
    evidence: {
      flow_id: one.flow,
      current: ofModel(one),
      cheaper: ofModel(other),
      success_rate_difference: { lower: 100 * lower, upper: 100 * upper, confidence: 95 },
      arithmetic:
        `${countOf(one.priced, 'run')} on ${one.model} cost ${dollars(one.cost)}; ${expectedAs} would be ` +
        `${dollars(expected)}. Saved: ${perMonth(saved, savings, window)}.`,
      executions: one.dearest,
      cheaper_failures: other.failed ?? [],
    },
  };
}

export const cheaperModel: Kind = {
  name: 'cheaper_model',
  description:
    'The agent, in the same flow, already runs a cheaper model whose success rate is not significantly worse (95 %, at ' +
    'least 100 finished executions each).',
  async find(search) {
    const all = await read(search);
    const findings = all.flatMap((one) => {
      const alike = all.filter(({ agentId, flow }) => agentId === one.agentId && flow === one.flow);
      const best = bestFor(one, alike);
      return best === undefined ? [] : [findingOf(search, one, best)];
    });
    return largest(findings.filter(({ savings }) => savings !== null && savings >= LEAST_SAVINGS));
  },
};
