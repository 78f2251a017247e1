/** Costs of all kinds of a period, and their course. */
import type { ReadPool } from '../../db/read-shares.js';
import { executionTool, measureSql } from '../../aggregates/index.js';
import { Parameters } from '../../db/parameters.js';
import { formatUsd, parseUsd, toWire } from '../../money.js';
import { DAY, floorTo, formatDate, nextMonth, parseDate, startOfMonth, startOfWeek } from '../../time.js';
import { baseSql } from '../base.js';
import { foldedSql, MAX_GROUPS, OTHER } from '../fold.js';
import { agentNames, nameOf } from '../run.js';
import type { Range } from '../segments.js';
import { selectionOf } from '../selection.js';
import { dimensionSql } from '../sql.js';
import {
  addCosts,
  allCosts,
  costGroups,
  COST_KEYS,
  type Costs,
  costsOf,
  knownTotal,
  partsOf,
  shareOfCost,
} from './all-costs.js';
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

export const GRANULARITIES = ['daily', 'weekly', 'monthly'] as const;
export type Granularity = (typeof GRANULARITIES)[number];
export const TREND_GROUPS = ['agent', 'model', 'environment'] as const;
export type TrendGroup = (typeof TREND_GROUPS)[number];

/** Groups that are shown by themselves; the rest is one of its own. */
const TREND_GROUPS_SHOWN = 20;

const STARTS: Record<Granularity, (at: number) => number> = {
  daily: (at) => floorTo(at, DAY),
  weekly: startOfWeek,
  monthly: startOfMonth,
};
const NEXT: Record<Granularity, (at: number) => number> = {
  daily: (at) => at + DAY,
  weekly: (at) => at + 7 * DAY,
  monthly: nextMonth,
};

/** The starts of the buckets that have a part in the range; the first may lie before it. */
function bucketsOf({ from, to }: Range, granularity: Granularity): string[] {
  const starts: string[] = [];
  for (let at = STARTS[granularity](from); at < to; at = NEXT[granularity](at)) starts.push(formatDate(at));
  return starts;
}

interface GroupAmount {
  date: string;
  /** Null also where it is all groups that are not shown by themselves. */
  id: string | null;
  isRest: boolean;
  /** Numeric text. */
  cost: string;
}

const NO_COSTS: Costs = {
  model: '0',
  tool: '0',
  storage: '0',
  other: '0',
  total: '0',
  executions: 0,
  unpriced: 0,
};

/** Zero buckets included. Groups by agent have all costs of the agent, the others those of models. */
export async function costTrends(
  pool: ReadPool,
  tenantId: string,
  period: ExecutionPeriod,
  { granularity, groupBy }: { granularity: Granularity; groupBy?: TrendGroup },
) {
  const { range } = period;
  const bucketOf = (date: string): string => formatDate(STARTS[granularity](parseDate(date)!));
  const [days, amounts] = await Promise.all([
    allCosts(pool, tenantId, { range, by: ['date'] }),
    groupBy === undefined ? undefined : groupAmounts(pool, tenantId, range, groupBy),
  ]);
  const totals = new Map<string, Costs>();
  for (const { date, ...costs } of days) {
    const bucket = bucketOf(date!);
    totals.set(bucket, { ...costs, ...addCosts(COST_KEYS, totals.get(bucket) ?? NO_COSTS, costs) });
  }
  const groupsOf = amounts && (await groupsByBucket(pool, tenantId, groupBy!, amounts, bucketOf));
  return {
    period: periodAnswer(period),
    granularity,
    data: bucketsOf(range, granularity).map((date) => {
      const costs = totals.get(date) ?? NO_COSTS;
      const total = { date, cost: toWire(costs.total), ...partsOf(costs) };
      return groupsOf === undefined ? total : { ...total, groups: groupsOf(date) };
    }),
  };
}

/** Amounts by day of the largest groups of the whole range, and of all others together. */
async function groupAmounts(
  pool: ReadPool,
  tenantId: string,
  range: Range,
  groupBy: TrendGroup,
): Promise<GroupAmount[]> {
  const parameters = new Parameters();
  const amounts =
    groupBy === 'agent'
      ? agentAmounts(tenantId, range, parameters)
      : modelAmounts(tenantId, range, groupBy, parameters);
  const { rows } = await pool.query<GroupAmount>(
    `WITH ${amounts}, largest AS (
       SELECT id FROM amounts GROUP BY id ORDER BY sum(cost) DESC, id LIMIT ${parameters.add(TREND_GROUPS_SHOWN)}
     )
     SELECT a.date, l.id, l.found IS NULL AS "isRest", sum(a.cost) AS cost
     FROM amounts a LEFT JOIN (SELECT id, true AS found FROM largest) AS l ON coalesce(l.id, '') = coalesce(a.id, '')
     GROUP BY 1, 2, 3`,
    parameters.values,
  );
  return rows;
}

function agentAmounts(tenantId: string, range: Range, parameters: Parameters): string {
  const { ctes, from } = costGroups(tenantId, { range, by: ['agent', 'date'] }, parameters);
  return `${ctes}, amounts AS (SELECT date, agent AS id, total AS cost FROM ${from})`;
}

function modelAmounts(
  tenantId: string,
  range: Range,
  groupBy: Exclude<TrendGroup, 'agent'>,
  parameters: Parameters,
): string {
  const selection = selectionOf(tenantId, { metric: 'cost_usd', range, dimensions: [groupBy] });
  const base = baseSql(selection, ['knownCost'], [groupBy], parameters);
  return `${base}, amounts AS (
    SELECT (b.at AT TIME ZONE 'UTC')::date AS date, ${dimensionSql(groupBy, 'UTC', parameters)} AS id,
      ${measureSql(selection.source, 'knownCost', 'b')} AS cost
    FROM base b GROUP BY 1, 2)`;
}

/** The largest groups of the whole period, in every bucket, and the rest together. */
async function groupsByBucket(
  pool: ReadPool,
  tenantId: string,
  groupBy: TrendGroup,
  amounts: readonly GroupAmount[],
  bucketOf: (date: string) => string,
) {
  const wholes = new Map<string | null, bigint>();
  const sums = new Map<string, bigint>();
  const keyOf = (bucket: string, id: string | null, isRest: boolean): string =>
    JSON.stringify([bucket, id, isRest]);
  for (const { date, id, isRest, cost } of amounts) {
    if (!isRest) wholes.set(id, (wholes.get(id) ?? 0n) + parseUsd(cost));
    const key = keyOf(bucketOf(date), id, isRest);
    sums.set(key, (sums.get(key) ?? 0n) + parseUsd(cost));
  }
  const shown = [...wholes].sort(([, a], [, b]) => (b > a ? 1 : b < a ? -1 : 0)).map(([id]) => id);
  const hasRest = amounts.some(({ isRest }) => isRest);
  const names = groupBy === 'agent' ? await agentNames(pool, tenantId, shown) : new Map<string, string>();
  const costIn = (bucket: string, id: string | null, isRest = false): number =>
    toWire(formatUsd(sums.get(keyOf(bucket, id, isRest)) ?? 0n));
  return (bucket: string) => [
    ...shown.map((id) => ({
      id,
      name: groupBy === 'agent' ? nameOf(names, id) : id,
      cost: costIn(bucket, id),
    })),
    ...(hasRest ? [{ id: null, name: OTHER, cost: costIn(bucket, null, true) }] : []),
  ];
}
