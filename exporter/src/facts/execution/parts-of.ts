/** Joins executions with their steps or token usages, in statements of one tenant ($1). */

/**
 * The parts of an execution `e`, looked up for each execution. For a tenant that the statistics do not know yet the
 * planner expects one row, and would otherwise compare every execution with every part.
 */
export const partsOf = (table: string): string =>
  `SELECT p.* FROM ${table} p WHERE p.tenant_id = $1 AND p.execution_id = e.id OFFSET 0`;

/** Whether it has used no tokens and costs nothing, as a failed call: it is neither priced nor unpriced. */
export const isUnused = (row: string): string =>
  `(${row}.cost_usd = 0 AND ${row}.input_tokens + ${row}.output_tokens = 0)`;

/**
 * The token usages of an execution `e` by their model. The cost of an execution that reports its own, other than that of
 * its usages, is booked to their models: in the ratio of what they cost, or of their tokens where that is not known.
 */
export const USAGES_BY_MODEL = `
  SELECT m.provider, m.model_name, m.usages, m.input_tokens, m.output_tokens,
         m.cached_input_tokens, m.reasoning_tokens,
         CASE WHEN e.cost_usd IS NULL THEN m.priced_tokens ELSE m.tokens END AS priced_tokens,
         CASE WHEN e.cost_usd IS NULL THEN m.unpriced ELSE 0 END AS unpriced,
         m.unused,
         CASE WHEN e.cost_usd IS NULL OR (m.all_unpriced = 0 AND m.all_cost = e.cost_usd) THEN m.cost_usd
              WHEN m.all_unpriced = 0 AND m.all_cost > 0 THEN round(e.cost_usd * m.cost_usd / m.all_cost, 12)
              WHEN m.all_tokens > 0 THEN round(e.cost_usd * m.tokens / m.all_tokens, 12)
              ELSE round(e.cost_usd / m.models, 12) END AS cost_usd
  FROM (
    SELECT coalesce(p.provider, e.provider) AS provider, coalesce(p.model_name, e.model_name) AS model_name,
           count(*) AS usages, sum(p.input_tokens) AS input_tokens, sum(p.output_tokens) AS output_tokens,
           sum(p.cached_input_tokens) AS cached_input_tokens, sum(p.reasoning_tokens) AS reasoning_tokens,
           sum(p.input_tokens + p.output_tokens) AS tokens,
           coalesce(sum(p.input_tokens + p.output_tokens) FILTER (WHERE p.cost_usd IS NOT NULL), 0) AS priced_tokens,
           sum(p.cost_usd) AS cost_usd, count(*) FILTER (WHERE p.cost_usd IS NULL) AS unpriced,
           count(*) FILTER (WHERE ${isUnused('p')}) AS unused,
           sum(sum(p.cost_usd)) OVER () AS all_cost,
           sum(count(*) FILTER (WHERE p.cost_usd IS NULL)) OVER () AS all_unpriced,
           sum(sum(p.input_tokens + p.output_tokens)) OVER () AS all_tokens, count(*) OVER () AS models
    FROM token_usages p WHERE p.tenant_id = $1 AND p.execution_id = e.id GROUP BY 1, 2
  ) AS m`;
