/** The course of costs by day, week or month, in total and by group. The groups of a bucket add up to its cost. */
import type { ReadPool } from '../../db/read-shares.js';
import { executionToolCost, measureSql, type ToolCostOf } from '../../aggregates/index.js';
import { Parameters } from '../../db/parameters.js';
import { formatUsd, parseUsd, toWire } from '../../money.js';
import { DAY, floorTo, formatDate, nextMonth, parseDate, startOfMonth, startOfWeek } from '../../time.js';
import { baseSql } from '../base.js';
import { OTHER } from '../fold.js';
import { agentNames, nameOf } from '../run.js';
import { dateSql, rowsSql } from '../rows.js';
import type { Range } from '../segments.js';
import { selectionOf } from '../selection.js';
import { dimensionSql } from '../sql.js';
import { addCosts, allCosts, costGroups, COST_KEYS, type Costs, partsOf } from './all-costs.js';
import { type ExecutionPeriod, periodAnswer } from './period.js';

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

/** Zero buckets included. */
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
      : placedAmounts(tenantId, range, groupBy, parameters);
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

/** Of a group that all costs can be told of. */
function agentAmounts(tenantId: string, range: Range, parameters: Parameters): string {
  const { ctes, from } = costGroups(tenantId, { range, by: ['agent', 'date'] }, parameters);
  return `${ctes}, amounts AS (SELECT date, agent AS id, total AS cost FROM ${from})`;
}

/** A tool call is of no model, and belongs to the environment of its execution. */
const TOOLS_BY: Partial<Record<TrendGroup, ToolCostOf>> = { environment: 'environment' };

/**
 * What can be placed, and the rest as that of no group. By model the rest is less than nothing where executions without a
 * known cost have a call with one: it is the model's, and in no total.
 */
function placedAmounts(
  tenantId: string,
  range: Range,
  groupBy: Exclude<TrendGroup, 'agent'>,
  parameters: Parameters,
): string {
  const toolsBy = TOOLS_BY[groupBy];
  if (toolsBy !== undefined) parameters.add(tenantId);
  const selection = selectionOf(tenantId, { metric: 'cost_usd', range, dimensions: [groupBy] });
  const base = baseSql(selection, ['knownCost'], [groupBy], parameters);
  const { ctes, from } = costGroups(tenantId, { range, by: ['date'] }, parameters);
  const tools = toolsBy === undefined ? [] : [toolAmounts(range, toolsBy, parameters)];
  const models = `WITH ${base}
      SELECT (b.at AT TIME ZONE 'UTC')::date AS date, ${dimensionSql(groupBy, 'UTC', parameters)} AS id,
        ${measureSql(selection.source, 'knownCost', 'b')} AS cost
      FROM base b GROUP BY 1, 2`;
  return `placed AS MATERIALIZED (
      ${[models, ...tools].map((rows) => `(${rows})`).join('\n    UNION ALL ')}
    ), whole AS (WITH ${ctes} SELECT date, total AS cost FROM ${from}),
    amounts AS (
      SELECT date, id, sum(cost) AS cost FROM (
        SELECT * FROM placed
        UNION ALL SELECT date, NULL, -cost FROM placed
        UNION ALL SELECT date, NULL, cost FROM whole
      ) AS parts GROUP BY 1, 2 HAVING id IS NOT NULL OR sum(cost) <> 0
    )`;
}

/** By day and by what the executions of the tool calls ran for. $1 is the tenant. */
function toolAmounts(range: Range, of: ToolCostOf, parameters: Parameters): string {
  const rows = rowsSql(
    executionToolCost,
    range,
    (level) => [`${dateSql(level)} AS date`, 'cost_of', 'of_id', 'cost_usd'],
    parameters,
  );
  return `SELECT date, of_id, cost_usd FROM (${rows}) AS r WHERE cost_of = '${of}'`;
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
