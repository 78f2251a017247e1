/** What it has brought that an agent was moved to a cheaper model. */
import { RUNNING, SUCCESS } from '../../catalog/index.js';
import { formatUsd, parseUsd, toWireOfOne, type Usd } from '../../money.js';
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
import { isWorse, LEAST_FINISHED, rateOf } from './success.js';
import { between, countOf, dollars, onDay, percent, perMonth } from './words.js';

/** How long the model before has not been used. */
const LEFT_FOR = '1 day';
/** The share of the runs since then that are on the new model. */
const MOVED = 0.9;

interface Row {
  agentId: string;
  before: string;
  after: string;
  /** The last run on the model before. */
  movedAt: Date;
  beforeFinished: number;
  beforeSucceeded: number;
  beforePriced: number;
  beforeCost: string;
  afterFinished: number;
  afterSucceeded: number;
  afterPriced: number;
  afterCost: string;
  latest: string[];
}

/** The last model that was left for the one that is used now. */
async function read({ pool, tenantId, history }: Search): Promise<Row[]> {
  const figures = (of: string, where: string): string => `
       (count(*) FILTER (WHERE ${where}))::float8 AS "${of}Finished",
       (count(*) FILTER (WHERE ${where} AND r.status = '${SUCCESS}'))::float8 AS "${of}Succeeded",
       (count(r.cost_usd) FILTER (WHERE ${where}))::float8 AS "${of}Priced",
       coalesce(sum(r.cost_usd) FILTER (WHERE ${where}), 0) AS "${of}Cost"`;
  const isAfter = 'r.model = p.after AND r.started_at > p.moved_at';
  const { rows } = await pool.query<Row>(
    `WITH runs AS MATERIALIZED (
       SELECT id, agent_id, model_name AS model, started_at, status, cost_usd FROM executions e
       WHERE ${IN_WINDOW} AND agent_id IS NOT NULL AND model_name IS NOT NULL AND status <> '${RUNNING}'
     ), models AS (
       SELECT agent_id, model, max(started_at) AS last_at FROM runs GROUP BY 1, 2 HAVING count(*) >= ${LEAST_FINISHED}
     ), pairs AS (
       SELECT DISTINCT ON (b.agent_id, b.model) b.agent_id, a.model AS before, b.model AS after, a.last_at AS moved_at
       FROM models a JOIN models b ON b.agent_id = a.agent_id AND b.last_at - a.last_at > interval '${LEFT_FOR}'
       ORDER BY b.agent_id, b.model, a.last_at DESC
     )
     SELECT p.agent_id AS "agentId", p.before, p.after, p.moved_at AS "movedAt", ${figures('before', 'r.model = p.before')},
       ${figures('after', isAfter)}, ${examples('started_at DESC', isAfter)} AS latest
     FROM pairs p JOIN runs r ON r.agent_id = p.agent_id
     GROUP BY p.agent_id, p.before, p.after, p.moved_at
     HAVING count(*) FILTER (WHERE ${isAfter}) >= greatest(${LEAST_FINISHED},
       ${MOVED} * count(*) FILTER (WHERE r.started_at > p.moved_at))
     ORDER BY p.agent_id, p.after LIMIT ${MAX_GROUPS}`,
    valuesOf(tenantId, history),
  );
  return rows;
}

interface Side {
  model: string;
  finished: number;
  succeeded: number;
  mean: Usd;
}

const shown = ({ model, finished, mean, ...rate }: Side) => ({
  ...{ model, finished, success_rate: 100 * rateOf({ finished, ...rate }) },
  mean_cost_usd: toWireOfOne(formatUsd(mean)),
});

function findingOf({ history, now }: Search, row: Row): Finding | undefined {
  if (row.beforePriced < LEAST_FINISHED || row.afterPriced < LEAST_FINISHED) return undefined;
  const movedAt = row.movedAt.getTime();
  const to = Math.min(history.to, now);
  const since = { from: movedAt, to, length: Math.max(1, to - movedAt) };
  const spent = parseUsd(row.afterCost);
  const priced = BigInt(row.afterPriced);
  const wouldBe = (parseUsd(row.beforeCost) * priced) / BigInt(row.beforePriced);
  const saved = wouldBe - spent;
  const savings = monthly(saved, since);
  const before: Side = {
    ...{ model: row.before, finished: row.beforeFinished, succeeded: row.beforeSucceeded },
    mean: parseUsd(row.beforeCost) / BigInt(row.beforePriced),
  };
  const after: Side = {
    ...{ model: row.after, finished: row.afterFinished, succeeded: row.afterSucceeded },
    mean: spent / priced,
  };
  const rates = `${percent(rateOf(before)).replace(' %', '')} → ${percent(rateOf(after))}`;
  return {
    agentId: row.agentId,
    model: row.after,
    about: [row.before],
    savings,
    words: (agent) => ({
      title:
        `Since ${agent} moved from ${row.before} to ${row.after} on ${onDay(movedAt)}: ${dollars(savings)} a month less, ` +
        `success rate ${rates}.`,
      action: isWorse(after, before)
        ? `Look at the runs of ${agent} that fail: it succeeds significantly less often than before (95 %).`
        : `There is nothing to do: ${agent} does not succeed significantly less often than before (95 %).`,
    }),
    caveat: null,
    evidence: {
      moved_at: row.movedAt.toISOString(),
      before: shown(before),
      after: shown(after),
      compared: between({ from: history.from, to }),
      arithmetic:
        `${countOf(row.afterPriced, 'run')} on ${row.after} cost ${dollars(spent)}; at the ${dollars(before.mean)} of a run on ` +
        `${row.before} they would have cost ${dollars(wouldBe)}. Saved: ${perMonth(saved, savings, since)}.`,
      executions: row.latest,
    },
  };
}

export const followed: Kind = {
  name: 'followed',
  description:
    'Since the agent moved to a cheaper model, within the period or one of the same length before it: what it saves, which is ' +
    'not part of `total_savings`, and the success rate before and after (at least 100 finished executions each).',
  isDone: true,
  async find(search) {
    const findings = (await read(search)).flatMap((row) => findingOf(search, row) ?? []);
    return largest(findings.filter(({ savings }) => savings !== null && savings >= LEAST_SAVINGS));
  },
};
