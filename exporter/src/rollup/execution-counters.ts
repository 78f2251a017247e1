/**
 * What Prometheus is shown of executions: the highest that each total has been. Counters may not fall, but a correction
 * takes an execution out of one total and puts it into another.
 */
import { execution } from '../aggregates/index.js';
import { rowsInRanges } from '../aggregates/statements.js';

const list = (names: readonly string[], prefix = ''): string => names.map((name) => prefix + name).join(', ');

/** Raises each figure to what `select` answers, where that is higher. */
function raise(table: string, keys: readonly string[], figures: readonly string[], select: string): string {
  const higher = (name: string): string => `greatest(c.${name}, excluded.${name})`;
  return `
  INSERT INTO ${table} AS c (tenant_id, ${list(keys)}, ${list(figures)})
  ${select}
  ON CONFLICT (tenant_id, ${list(keys)}) DO UPDATE SET ${figures.map((name) => `${name} = ${higher(name)}`).join(', ')}
  WHERE (${list(figures, 'c.')}) IS DISTINCT FROM (${figures.map(higher).join(', ')})`;
}

/** Rows of a table of the agents that ran something in the ranges' days, and of no agent. */
const ofAgentsThatRan = (table: string): string => `
  SELECT t.* FROM ${table} t WHERE t.tenant_id = $1 AND t.agent_id IN (
    SELECT d.agent_id FROM ${rowsInRanges(execution, 'day', 'd')})
  UNION ALL
  SELECT t.* FROM ${table} t WHERE t.tenant_id = $1 AND t.agent_id IS NULL`;

const moveOther = (sign: '+' | '-'): string => `
  INSERT INTO execution_counters_other AS o (tenant_id, status, executions)
  SELECT $1, status, ${sign}sum(executions_as_other)
  FROM (${ofAgentsThatRan('execution_agent_counters')}) AS ran GROUP BY status
  ON CONFLICT (tenant_id, status) DO UPDATE SET executions = o.executions + excluded.executions`;

/**
 * Raises the counters by agent, once the totals of the ranges' days have been added: no other agent's have risen. The sum
 * of what agents have counted as "other" is moved along: theirs is subtracted before it is raised, and added after.
 */
export const AGENT_COUNTERS = [
  moveOther('-'),
  raise(
    'execution_agent_counters',
    ['agent_id', 'status'],
    ['executions', 'executions_as_other'],
    `SELECT $1, agent_id, status, sum(executions - executions_as_other), sum(executions_as_other)
  FROM (${ofAgentsThatRan('execution_totals')}) AS ran GROUP BY agent_id, status`,
  ),
  moveOther('+'),
];

/** Models of a tenant with series of their own: those with the most tokens. */
const NAMED_MODELS = 20;
/** The model of the row that keeps what has been shown of all others together. No model is called so. */
export const OTHER_MODELS = '';
const MODEL_FIGURES = ['input_tokens', 'output_tokens', 'cost_usd'];

/** The counters of models, and whether each has a series of its own. */
export const RANKED_MODELS = `
  SELECT tenant_id, model_name, ${list(MODEL_FIGURES)}, row_number() OVER (
    PARTITION BY tenant_id ORDER BY input_tokens + output_tokens DESC, model_name) <= ${NAMED_MODELS} AS named
  FROM execution_model_counters WHERE model_name IS DISTINCT FROM '${OTHER_MODELS}'`;

const raiseModels = (select: string): string =>
  raise('execution_model_counters', ['model_name'], MODEL_FIGURES, select);
const sums = list(MODEL_FIGURES.map((name) => `sum(${name})`));

/** $1 the tenant: raises the counters by model, in this order. */
export const MODEL_COUNTERS = [
  raiseModels(
    `SELECT $1, model_name, ${list(MODEL_FIGURES)} FROM execution_model_totals WHERE tenant_id = $1`,
  ),
  // A model that gets a series of its own takes more of one figure along than the one whose place it takes brings back.
  raiseModels(`SELECT $1, '${OTHER_MODELS}', ${sums}
  FROM (${RANKED_MODELS} AND tenant_id = $1) AS ranked WHERE NOT named HAVING count(*) > 0`),
];
