/** Costs of all kinds of a period. */
import type { ReadPool } from '../../db/read-shares.js';
import { executionTool, measureSql } from '../../aggregates/index.js';
import { Parameters } from '../../db/parameters.js';
import { toWire } from '../../money.js';
import { baseSql } from '../base.js';
import { foldedSql, MAX_GROUPS, OTHER } from '../fold.js';
import { agentNames, nameOf } from '../run.js';
import type { Range } from '../segments.js';
import { selectionOf } from '../selection.js';
import { dimensionSql } from '../sql.js';
import { allCosts, type Costs, costsOf, knownTotal, partsOf, shareOfCost } from './all-costs.js';
import { shareOf, wireCostOf } from './figures.js';
import { costOfAll, modelFigures } from './models.js';
import { type ExecutionPeriod, periodAnswer, periodBefore } from './period.js';
import { byCost } from './reports.js';

const totalsOf = (costs: Costs) => ({
  total: toWire(costs.total),
  ...partsOf(costs),
  unpriced_executions: costs.unpriced,
});

export async function costBreakdown(pool: ReadPool, tenantId: string, period: ExecutionPeriod) {
  const { range } = period;
  const [all, previous, agents, models, tools] = await Promise.all([
    costsOf(pool, tenantId, { range }),
    costsOf(pool, tenantId, { range: periodBefore(range) }),
    allCosts(pool, tenantId, { range, by: ['agent'], limit: MAX_GROUPS }),
    modelFigures(pool, tenantId, { range, percentiles: false }),
    toolCosts(pool, tenantId, range),
  ]);
  const names = await agentNames(
    pool,
    tenantId,
    agents.map(({ agent }) => agent),
  );
  const ofModels = costOfAll(models);
  return {
    period: periodAnswer(period),
    ...totalsOf(all),
    by_agent: agents.map((costs) => ({
      agent_id: costs.agent,
      name: costs.isRest ? OTHER : nameOf(names, costs.agent),
      cost: knownTotal(costs),
      share: knownTotal(costs) === null ? null : shareOfCost(costs.total, all.total),
    })),
    by_model: byCost(models).map(({ provider, model, priced }) => ({
      name: model,
      provider,
      cost: wireCostOf(priced),
      share: shareOf(priced, ofModels),
    })),
    by_tool: tools.map(({ name, calls, cost, priced }) => ({
      name,
      call_count: calls,
      cost: priced === 0 ? null : toWire(cost),
      share: priced === 0 ? null : shareOfCost(cost, all.tool),
    })),
    previous: totalsOf(previous),
  };
}

interface ToolCost {
  name: string | null;
  calls: number;
  priced: number;
  cost: string;
}

async function toolCosts(pool: ReadPool, tenantId: string, range: Range): Promise<ToolCost[]> {
  const selection = selectionOf(tenantId, { metric: 'tool_cost_usd', range, dimensions: ['tool'] });
  const parameters = new Parameters();
  const base = baseSql(selection, ['toolCalls', 'toolPriced', 'toolCost'], ['tool'], parameters);
  const count = (measure: 'toolCalls' | 'toolPriced'): string =>
    `(${measureSql(executionTool, measure, 'b')})::float8`;
  const tools = `SELECT ${dimensionSql('tool', 'UTC', parameters)} AS name, ${count('toolCalls')} AS calls,
       ${count('toolPriced')} AS priced, sum(b.cost_usd) AS cost FROM base b GROUP BY 1`;
  const folded = foldedSql({
    from: `(${tools}) AS tools`,
    keys: ['name'],
    sums: ['calls', 'priced', 'cost'],
    order: 'cost DESC, calls DESC, name',
    limit: `${parameters.add(MAX_GROUPS)}::int`,
  });
  const { rows } = await pool.query<ToolCost>(
    `WITH ${base} SELECT CASE WHEN is_rest THEN '${OTHER}' ELSE name END AS name, calls, priced, cost
     FROM (${folded}) AS folded ORDER BY is_rest, cost DESC, calls DESC, name`,
    parameters.values,
  );
  return rows;
}
