/**
 * All-time totals of executions by agent, model and status, and of tokens and cost by model, moved by the rows of the
 * ranges' days as those of events are.
 */
import { execution, executionModel } from '../aggregates/index.js';
import { rowsInRanges } from '../aggregates/statements.js';
import type { Totals } from './event-totals.js';

const move = (sign: '+' | '-'): string => `
  INSERT INTO execution_totals AS t
    (tenant_id, agent_id, model_name, status, executions, executions_as_other, input_tokens, output_tokens, cost_usd)
  SELECT $1, d.agent_id, d.model_name, d.status, ${sign}sum(d.executions),
         CASE WHEN a.metrics_named THEN 0 ELSE ${sign}sum(d.executions) END, ${sign}sum(d.input_tokens),
         ${sign}sum(d.output_tokens), ${sign}sum(d.cost_usd)
  FROM ${rowsInRanges(execution, 'day', 'd')}
    LEFT JOIN agents a ON a.tenant_id = $1 AND a.id = d.agent_id
  GROUP BY 2, 3, 4, a.metrics_named
  ON CONFLICT (tenant_id, agent_id, model_name, status) DO UPDATE
  SET executions = t.executions + excluded.executions,
      executions_as_other = t.executions_as_other + excluded.executions_as_other,
      input_tokens = t.input_tokens + excluded.input_tokens,
      output_tokens = t.output_tokens + excluded.output_tokens, cost_usd = t.cost_usd + excluded.cost_usd`;

/** Tokens and cost by the model of each token usage. */
const moveModels = (sign: '+' | '-'): string => `
  INSERT INTO execution_model_totals AS t (tenant_id, model_name, input_tokens, output_tokens, cost_usd)
  SELECT $1, d.model_name, ${sign}sum(d.input_tokens), ${sign}sum(d.output_tokens), ${sign}sum(d.cost_usd)
  FROM ${rowsInRanges(executionModel, 'day', 'd')} GROUP BY 2
  ON CONFLICT (tenant_id, model_name) DO UPDATE
  SET input_tokens = t.input_tokens + excluded.input_tokens,
      output_tokens = t.output_tokens + excluded.output_tokens, cost_usd = t.cost_usd + excluded.cost_usd`;

export const executionTotals: Totals = {
  subtract: [move('-'), moveModels('-')],
  add: [move('+'), moveModels('+')],
};
