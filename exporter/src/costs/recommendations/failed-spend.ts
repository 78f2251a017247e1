/** What the runs have cost that failed, by the kind of their error and by model. */
import { RUNNING, SUCCESS } from '../../catalog/index.js';
import { parseUsd } from '../../money.js';
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
import { countOf, dollars, number, percent, perMonth, sentences } from './words.js';

/** Fewer failures are chance. */
const LEAST_FAILED = 10;
/** A smaller share of the runs of an agent on a model is what every agent has. */
const LEAST_SHARE = 0.01;
/** The error of failed runs that name none. */
const UNKNOWN = 'unknown';

interface Row {
  agentId: string;
  provider: string | null;
  model: string | null;
  errorType: string;
  failed: number;
  /** Those whose cost is known. */
  priced: number;
  cost: string;
  latest: string[];
  /** Of the agent on the model, all that have finished. */
  finished: number;
}

async function read({ pool, tenantId, window }: Search): Promise<Row[]> {
  const { rows } = await pool.query<Row>(
    `WITH types AS (
       SELECT agent_id, provider, model_name, coalesce(error_type, '${UNKNOWN}') AS error_type,
         count(*) AS runs, count(cost_usd) AS priced, coalesce(sum(cost_usd), 0) AS cost, ${examples('started_at DESC')} AS latest
       FROM executions e WHERE ${IN_WINDOW} AND agent_id IS NOT NULL AND status NOT IN ('${RUNNING}', '${SUCCESS}')
       GROUP BY 1, 2, 3, 4 HAVING count(cost_usd) >= ${LEAST_FAILED} AND sum(cost_usd) > 0
     ), finished AS (
       SELECT agent_id, provider, model_name, count(*) AS finished
       FROM executions e WHERE ${IN_WINDOW} AND agent_id IS NOT NULL AND status <> '${RUNNING}' AND EXISTS (SELECT FROM types)
       GROUP BY 1, 2, 3
     )
     SELECT t.agent_id AS "agentId", t.provider, t.model_name AS model, error_type AS "errorType", runs::float8 AS failed,
       priced::float8 AS priced, cost, latest, finished::float8 AS finished
     FROM types t JOIN finished f ON f.agent_id = t.agent_id AND coalesce(f.provider, '') = coalesce(t.provider, '')
       AND coalesce(f.model_name, '') = coalesce(t.model_name, '')
       AND f.provider IS NOT DISTINCT FROM t.provider AND f.model_name IS NOT DISTINCT FROM t.model_name
     WHERE runs >= ${LEAST_SHARE} * finished
     ORDER BY cost DESC, t.agent_id, t.provider, t.model_name, error_type LIMIT ${MAX_GROUPS}`,
    valuesOf(tenantId, window),
  );
  return rows;
}

function findingOf({ window }: Search, row: Row): Finding {
  const { agentId, provider, model, errorType, failed, priced, finished, latest } = row;
  const spent = parseUsd(row.cost);
  const savings = monthly(spent, window);
  const onModel = model === null ? '' : ` on ${model}`;
  const asError = errorType === UNKNOWN ? 'without a kind of error' : `with ${errorType}`;
  return {
    agentId,
    model,
    about: [provider, errorType],
    savings,
    words: (agent) => ({
      title:
        `${agent} spends ${dollars(savings)} a month on runs${onModel} that fail ${asError}: ` +
        `${number(failed)} of ${countOf(finished, 'run')}, ${percent(failed / finished)}.`,
      action:
        errorType === UNKNOWN
          ? `Look at the last of these runs of ${agent}, mend what makes them fail, and send error_type with each failure.`
          : `Look at the last of these runs of ${agent} and mend what leads to ${errorType}, or end such runs sooner.`,
    }),
    caveat: sentences([
      'This is what the failed runs have cost; a run that is mended still costs what a good one costs.',
      priced < failed && `Of ${countOf(failed - priced, 'failed run')} the cost is not known.`,
    ]),
    evidence: {
      error_type: errorType,
      provider,
      failed,
      finished,
      share_of_runs: (100 * failed) / finished,
      unpriced: failed - priced,
      arithmetic: `${countOf(priced, 'failed run')} cost ${perMonth(spent, savings, window)}.`,
      executions: latest,
    },
  };
}

export const failedSpend: Kind = {
  name: 'failed_spend',
  description: `What runs of an agent have cost that failed, by kind of error and model: at least ${LEAST_FAILED} runs, and 1 % of its runs.`,
  async find(search) {
    const findings = (await read(search)).map((row) => findingOf(search, row));
    return largest(findings.filter(({ savings }) => savings !== null && savings >= LEAST_SAVINGS));
  },
};
