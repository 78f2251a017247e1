/** Any metrics of some agents, side by side. */
import type { ReadPool } from '../../db/read-shares.js';
import { dimensionsOf } from '../../aggregates/index.js';
import { findMetric, type Metric, METRICS } from '../../catalog/index.js';
import { AppError } from '../../errors.js';
import { type ExecutionPeriod, periodAnswer } from '../executions/period.js';
import { runQuery } from '../run.js';
import { requireAgent } from './agents.js';

const MIN_AGENTS = 2;
export const MAX_AGENTS = 20;
export const MAX_METRICS = 20;

const invalid = (message: string): AppError => new AppError('VALIDATION_ERROR', message);

const hasAgent = (metric: Metric): boolean => dimensionsOf(metric).some(({ name }) => name === 'agent');

/** @throws AppError VALIDATION_ERROR for one that is not there, or that is not kept by agent */
function comparable(name: string): Metric {
  const metric = findMetric(name);
  if (metric !== undefined && hasAgent(metric)) return metric;
  const known = METRICS.filter(hasAgent).map((each) => each.name);
  const problem =
    metric === undefined ? `there is no metric "${name.slice(0, 64)}"` : `${name} is not kept by agent`;
  throw invalid(`metrics: ${problem}; there are ${known.join(', ')}`);
}

/** Each once, in their order. */
function listOf(parameter: string, text: string, min: number, max: number): string[] {
  const items = text.split(',').map((item) => item.trim());
  const twice = items.find((item, i) => items.indexOf(item) !== i);
  if (items.includes('')) throw invalid(`${parameter} has an empty entry; it is a list such as a,b`);
  if (twice !== undefined) throw invalid(`${parameter} names "${twice.slice(0, 128)}" twice`);
  if (items.length < min || items.length > max)
    throw invalid(`${parameter} must name ${min} to ${max}, not ${items.length}`);
  return items;
}

interface Compared {
  agent_id: string;
  name: string | null;
  [metric: string]: string | number | null;
}

/** @throws AppError VALIDATION_ERROR, AGENT_NOT_FOUND */
export async function compareAgents(
  pool: ReadPool,
  tenantId: string,
  period: ExecutionPeriod,
  request: { agent_ids: string; metrics: string; now: number },
) {
  const ids = listOf('agent_ids', request.agent_ids, MIN_AGENTS, MAX_AGENTS);
  const names = listOf('metrics', request.metrics, 1, MAX_METRICS);
  const metrics = names.map((name) => comparable(name).name);
  const agents = await Promise.all(ids.map((id) => requireAgent(pool, tenantId, id)));
  const valuesOf = async (metric: string): Promise<Map<string, number | null>> => {
    const filters = [{ dimension: 'agent', operator: 'in', values: ids }];
    const { columns } = await runQuery(
      pool,
      { refId: metric, metric, groupBy: ['agent'], filters },
      // The ends are whole hours.
      { tenantId, range: period.range, timeZone: 'UTC', minutesFrom: Infinity, now: request.now },
    );
    const column = (name: string) => columns.find((each) => each.name === name)!.values;
    return new Map(column('agent').map((id, i) => [String(id), column('value')[i] as number | null]));
  };
  const values = await Promise.all(metrics.map(valuesOf));
  return {
    period: periodAnswer(period),
    metrics: names,
    agents: agents.map(({ agentId, agentName }): Compared => {
      const row: Compared = { agent_id: agentId, name: agentName };
      names.forEach((name, i) => {
        const { op } = findMetric(metrics[i]!)!.formula;
        const none = op === 'sum' || op === 'distinct' ? 0 : null;
        const value = values[i]!.has(agentId) ? values[i]!.get(agentId)! : none;
        row[name] = value;
        if (name === 'cost') row.total_cost = value;
      });
      return row;
    }),
  };
}
