/** Agents that have not run in the period, and still cost something or hold credentials. */
import { parseUsd } from '../../money.js';
import { DAY } from '../../time.js';
import {
  type Finding,
  type Kind,
  largest,
  MAX_FINDINGS,
  monthly,
  type Search,
  valuesOf,
  type Window,
} from './finding.js';
import { countOf, daysOf, dollars, onDay, perMonth } from './words.js';

/** A shorter period says nothing: an agent may run once a week. */
const LEAST_DAYS = 7;
/** What an agent does itself; its credentials are rotated for it. */
const RUNS = "('api_calls', 'token_issuances', 'token_failures')";

interface Row {
  agentId: string;
  /** Of the period. */
  cost: string;
  items: number;
  lastAt: Date | null;
  rotatedAt: Date | null;
}

/** An agent has credentials if they have been rotated or have got tokens; one that is new in the period is not idle. */
async function read({ pool, tenantId, period }: Search): Promise<Row[]> {
  const { rows } = await pool.query<Row>(
    `WITH items AS (
       SELECT agent_id, count(*) AS items,
         sum(amount_usd * (least(end_date + 1, $5::date) - greatest(start_date, $4::date)) / (end_date + 1 - start_date)) AS cost
       FROM cost_items
       WHERE tenant_id = $1 AND agent_id IS NOT NULL AND start_date < $5::date AND end_date >= $4::date AND amount_usd > 0
       GROUP BY agent_id
     ), holders AS (
       SELECT id AS agent_id FROM agents a
       WHERE tenant_id = $1 AND deleted_at IS NULL AND first_seen_at < $2
         AND (last_rotated_at IS NOT NULL OR EXISTS (
           SELECT FROM agent_totals o
           WHERE o.tenant_id = $1 AND o.agent_id = a.id AND o.metric_type IN ('token_issuances', 'credential_rotations')))
     )
     SELECT agent_id AS "agentId", coalesce(i.cost, 0) AS cost, coalesce(i.items, 0)::float8 AS items,
       a.last_seen_at AS "lastAt", a.last_rotated_at AS "rotatedAt"
     FROM items i FULL JOIN holders h USING (agent_id) LEFT JOIN agents a ON a.tenant_id = $1 AND a.id = agent_id
     WHERE NOT EXISTS (SELECT FROM executions e
         WHERE e.tenant_id = $1 AND e.agent_id = coalesce(i.agent_id, h.agent_id) AND e.started_at >= $2 AND e.started_at < $3)
       AND NOT EXISTS (SELECT FROM analytics_daily_aggregates d
         WHERE d.tenant_id = $1 AND d.agent_id = coalesce(i.agent_id, h.agent_id) AND d.date >= $4::date AND d.date < $5::date
           AND d.metric_type IN ${RUNS})
     ORDER BY coalesce(i.cost, 0) DESC, a.last_seen_at NULLS FIRST, agent_id LIMIT ${MAX_FINDINGS}`,
    [...valuesOf(tenantId, period), onDay(period.from), onDay(period.to)],
  );
  return rows;
}

function findingOf(period: Window, { agentId, cost, items, lastAt, rotatedAt }: Row): Finding {
  const spent = parseUsd(cost);
  const savings = monthly(spent, period);
  const costs = spent > 0n;
  const since = lastAt === null ? '' : `, last seen on ${onDay(lastAt.getTime())},`;
  return {
    agentId,
    model: null,
    savings,
    words: (agent) => ({
      title:
        `${agent}${since} has not run in the last ${daysOf(period)} days and still ` +
        (costs ? `costs ${dollars(savings)} a month.` : 'holds credentials.'),
      action: costs
        ? `Find out whether ${agent} is still needed; if not, delete what it stores, end its ` +
          `${countOf(items, 'cost item')} and revoke its credentials.`
        : `Find out whether ${agent} is still needed; if not, revoke its credentials.`,
    }),
    caveat: costs ? null : 'Nothing is saved: credentials that nobody uses are a risk.',
    evidence: {
      cost_items: items,
      last_seen_at: lastAt?.toISOString() ?? null,
      last_rotated_at: rotatedAt?.toISOString() ?? null,
      arithmetic: costs
        ? `${countOf(items, 'cost item')} of the agent came to ${perMonth(spent, savings, period)}.`
        : 'The agent has no cost items.',
      executions: [],
    },
  };
}

export const idleAgent: Kind = {
  name: 'idle_agent',
  description:
    'The agent has cost items or credentials and has not run, called or got a token in the period of at least ' +
    `${LEAST_DAYS} days.`,
  async find(search) {
    const length = search.period.to - search.period.from;
    if (length < LEAST_DAYS * DAY) return [];
    return largest((await read(search)).map((row) => findingOf({ ...search.period, length }, row)));
  },
};
