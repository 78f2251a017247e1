/**
 * All-time totals of events by agent, for the counters of Prometheus. The rows of a range's days are subtracted before
 * those days are removed, and added when they have been made again. What an agent has counted while it had no series of its
 * own stays part of "other" for good.
 */
import { agentEndpoint, usage } from '../aggregates/index.js';
import { tableOf } from '../aggregates/aggregate.js';
import { rowsInRanges } from '../aggregates/statements.js';
import { ERROR_STATUS } from '../catalog/index.js';

/** Statements that move totals by the rows of the ranges' days; $1 to $3 as those of the aggregates. */
export interface Totals {
  subtract: readonly string[];
  add: readonly string[];
}

type Sign = '+' | '-';

const moveTotals = (sign: Sign, days: string): string => `
  INSERT INTO agent_totals AS t (tenant_id, agent_id, metric_type, count, count_as_other)
  SELECT $1, d.agent_id, d.metric_type, ${sign}sum(d.count), CASE WHEN a.metrics_named THEN 0 ELSE ${sign}sum(d.count) END
  FROM (${days}) AS d LEFT JOIN agents a ON a.tenant_id = $1 AND a.id = d.agent_id
  GROUP BY d.agent_id, d.metric_type, a.metrics_named
  ON CONFLICT (tenant_id, agent_id, metric_type)
  DO UPDATE SET count = t.count + excluded.count, count_as_other = t.count_as_other + excluded.count_as_other`;

/** Moves the sum over all agents of what they have counted as "other". */
const moveOther = (sign: Sign, days: string): string => `
  INSERT INTO agent_totals_other AS t (tenant_id, metric_type, count)
  SELECT $1, d.metric_type, ${sign}sum(d.count)
  FROM (${days}) AS d LEFT JOIN agents a ON a.tenant_id = $1 AND a.id = d.agent_id
  WHERE a.metrics_named IS NOT TRUE GROUP BY d.metric_type
  ON CONFLICT (tenant_id, metric_type) DO UPDATE SET count = t.count + excluded.count`;

const totalsOf = (days: string): Totals => ({
  subtract: [moveTotals('-', days), moveOther('-', days)],
  add: [moveTotals('+', days), moveOther('+', days)],
});

/** The name under which the totals keep errors, beside the types of events. */
const ERRORS = 'api_errors';
const IS_ERROR = `status_code >= ${ERROR_STATUS}`;

export const eventTotals = totalsOf(
  `SELECT u.agent_id, u.metric_type, u.count FROM ${rowsInRanges(usage, 'day', 'u')}`,
);

export const errorTotals = totalsOf(
  `SELECT u.agent_id, '${ERRORS}' AS metric_type, u.calls AS count
   FROM ${rowsInRanges(agentEndpoint, 'day', 'u')} AND u.${IS_ERROR}`,
);

/** $1 the tenant: sets all its totals to the sums of its days, whatever the differences have carried over. */
export const RECOUNT_TOTALS = `
  INSERT INTO agent_totals AS t (tenant_id, agent_id, metric_type, count, count_as_other)
  SELECT $1, d.agent_id, d.metric_type, d.missing, CASE WHEN a.metrics_named THEN 0 ELSE d.missing END
  FROM (
    SELECT agent_id, metric_type, sum(counted) - sum(kept) AS missing
    FROM (
      SELECT agent_id, metric_type, count AS counted, 0 AS kept FROM ${tableOf(usage, 'day')} WHERE tenant_id = $1
      UNION ALL
      SELECT agent_id, '${ERRORS}', calls, 0 FROM ${tableOf(agentEndpoint, 'day')} WHERE tenant_id = $1 AND ${IS_ERROR}
      UNION ALL
      SELECT agent_id, metric_type, 0, count FROM agent_totals WHERE tenant_id = $1
    ) AS both_sides GROUP BY 1, 2 HAVING sum(counted) <> sum(kept)
  ) AS d LEFT JOIN agents a ON a.tenant_id = $1 AND a.id = d.agent_id
  ON CONFLICT (tenant_id, agent_id, metric_type)
  DO UPDATE SET count = t.count + excluded.count,
    count_as_other = greatest(0, least(t.count + excluded.count, t.count_as_other + excluded.count_as_other))`;
