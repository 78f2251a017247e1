/** An agent that runs the same thing again and again after it has failed. */
import { RUNNING, SUCCESS } from '../../catalog/index.js';
import { parseUsd } from '../../money.js';
import {
  examples,
  type Finding,
  IN_WINDOW,
  type Kind,
  largest,
  LEAST_SAVINGS,
  MAX_FINDINGS,
  monthly,
  monthlyCount,
  type Search,
  valuesOf,
} from './finding.js';
import { countOf, dollars, number, perMonth, sentences } from './words.js';

/** A run later than this after a failure is another attempt, not a retry. */
const WITHIN = '1 hour';
/** Repeats of one loop: one or two retries are sound. */
const LEAST_REPEATS = 3;
/** Repeats of an agent. */
const LEAST_OF_AGENT = 10;

interface Row {
  agentId: string;
  model: string | null;
  loops: number;
  repeats: number;
  /** Those whose cost is known. */
  priced: number;
  cost: string;
  /** Repeats of the longest loop, and what it asked. */
  longest: number;
  preview: string;
  succeeded: number;
  dearest: string[];
}

/**
 * A repeat is a run with the preview of the one before it, of the same agent and user, which had failed. So only what has
 * failed often enough has to be put in order.
 */
async function read({ pool, tenantId, window }: Search): Promise<Row[]> {
  const { rows } = await pool.query<Row>(
    `WITH failing AS MATERIALIZED (
       SELECT DISTINCT agent_id, query_preview FROM (
         SELECT agent_id, query_preview FROM executions e
         WHERE ${IN_WINDOW} AND agent_id IS NOT NULL AND query_preview <> '' AND status NOT IN ('${RUNNING}', '${SUCCESS}')
         GROUP BY agent_id, user_id, query_preview HAVING count(*) >= ${LEAST_REPEATS}
       ) AS f
     ), runs AS (
       SELECT id, agent_id, user_id, query_preview, model_name, status, cost_usd, started_at,
         (lag(status) OVER w NOT IN ('${RUNNING}', '${SUCCESS}')
           AND started_at - lag(started_at) OVER w <= interval '${WITHIN}') IS TRUE AS is_repeat
       FROM executions e
       WHERE ${IN_WINDOW} AND (agent_id, query_preview) IN (SELECT agent_id, query_preview FROM failing)
       WINDOW w AS (PARTITION BY agent_id, user_id, query_preview ORDER BY started_at, id)
     ), numbered AS (
       SELECT *, count(*) FILTER (WHERE NOT is_repeat) OVER (
         PARTITION BY agent_id, user_id, query_preview ORDER BY started_at, id) AS loop
       FROM runs
     ), counted AS (
       SELECT *, count(*) FILTER (WHERE is_repeat) OVER (PARTITION BY agent_id, user_id, query_preview, loop) AS repeats
       FROM numbered
     )
     SELECT agent_id AS "agentId", mode() WITHIN GROUP (ORDER BY model_name) AS model,
       count(DISTINCT (user_id, query_preview, loop))::float8 AS loops, count(*)::float8 AS repeats, count(cost_usd)::float8 AS priced,
       coalesce(sum(cost_usd), 0) AS cost, max(repeats)::float8 AS longest,
       (array_agg(query_preview ORDER BY repeats DESC, query_preview))[1] AS preview,
       (count(*) FILTER (WHERE status = '${SUCCESS}'))::float8 AS succeeded, ${examples('cost_usd DESC NULLS LAST')} AS dearest
     FROM counted WHERE is_repeat AND repeats >= ${LEAST_REPEATS}
     GROUP BY agent_id HAVING count(*) >= ${LEAST_OF_AGENT}
     ORDER BY coalesce(sum(cost_usd), 0) DESC, agent_id LIMIT ${MAX_FINDINGS}`,
    valuesOf(tenantId, window),
  );
  return rows;
}

function findingOf({ window }: Search, row: Row): Finding {
  const { agentId, model, loops, repeats, priced, longest, succeeded, dearest } = row;
  const spent = parseUsd(row.cost);
  const isKnown = priced > 0;
  const savings = isKnown ? monthly(spent, window) : null;
  return {
    agentId,
    model,
    savings,
    weight: savings === null ? monthlyCount(repeats, window) : undefined,
    words: (agent) => ({
      title:
        `${agent} runs the same request again and again after it has failed: ${countOf(repeats, 'repeat')} in ` +
        `${countOf(loops, 'loop')}${savings === null ? '.' : `, which cost ${dollars(savings)} a month.`}`,
      action:
        `Let ${agent} give up after ${number(LEAST_REPEATS - 1)} retries of the same request, with a pause that grows, and mend ` +
        `what makes the first run fail: the longest loop had ${countOf(longest, 'repeat')}.`,
    }),
    caveat: sentences([
      succeeded > 0 &&
        `${number(succeeded)} of the repeats succeeded in the end: what they cost is saved only if the first run succeeds.`,
      isKnown && priced < repeats && `Of ${countOf(repeats - priced, 'repeat')} the cost is not known.`,
      'Repeats that failed are part of failed_spend too.',
    ]),
    evidence: {
      loops,
      repeats,
      longest_loop: longest,
      preview: row.preview,
      succeeded_in_the_end: succeeded,
      unpriced: repeats - priced,
      arithmetic: isKnown
        ? `${countOf(priced, 'repeat')} cost ${perMonth(spent, savings ?? 0n, window)}.`
        : 'None of the repeats has a known cost.',
      executions: dearest,
    },
  };
}

export const retryLoop: Kind = {
  name: 'retry_loop',
  description:
    'An agent runs the same preview again within an hour after it has failed, at least three times in a row and ten times ' +
    'in all. Savings are the cost of the repeats.',
  async find(search) {
    const findings = (await read(search)).map((row) => findingOf(search, row));
    return largest(findings.filter(({ savings }) => savings === null || savings >= LEAST_SAVINGS));
  },
};
