/**
 * Figures by model, with the counts, rates and durations of all executions or of the top level. These are of the executions
 * whose own model it is; tokens and cost are of the token usages of the model, whatever execution they are part of, and of
 * executions that have none.
 */
import { measureSql } from '../../aggregates/index.js';
import type { Measure } from '../../catalog/index.js';
import { Parameters } from '../../db/parameters.js';
import type { ReadPool } from '../../db/read-shares.js';
import { formatUsd, parseUsd } from '../../money.js';
import { baseSql } from '../base.js';
import { foldedSql, MAX_GROUPS, OTHER } from '../fold.js';
import type { Range } from '../segments.js';
import { selectionOf } from '../selection.js';
import { dimensionSql, whereSql } from '../sql.js';
import {
  executionFigures,
  type Figures,
  type FiguresRequest,
  type GroupedFigures,
  isAmong,
  type ModelName,
  NO_FIGURES,
  type Priced,
} from './figures.js';
import { NO_TOP_FIGURES, topFigures, type TopFigures } from './levels.js';

const SUMS = [
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'finishedTokens',
  'pricedTokens',
  'unpriced',
  'unpricedUsages',
  'unused',
  'executions',
  'finished',
] as const satisfies readonly Measure[];

type Sums = Record<(typeof SUMS)[number], number>;

interface OfModel extends ModelName {
  /** Whether it is all models that are not shown by themselves. */
  isRest: boolean;
  /** Executions that used the model, those of them that have finished, and those whose use of it has a price. */
  users: { executions: number; finished: number; priced: number };
  priced: Priced;
}

export type ModelFigures = Figures & OfModel;

/** Their counts, rates and durations are of the top level, their tokens and cost of all. */
type TopModelFigures = TopFigures & OfModel;

type ModelRequest = Pick<FiguresRequest, 'range' | 'filters' | 'percentiles'>;

const BY_MODEL = ['provider', 'model'] as const;

export interface ModelRow extends Sums, ModelName {
  isRest: boolean;
  /** Numeric text. */
  cost: string;
}

/** The models with the most executions first, then those that only token usages name, and all beyond the largest as one. */
export function modelFigures(
  pool: ReadPool,
  tenantId: string,
  request: ModelRequest,
): Promise<ModelFigures[]> {
  const runsOf = (bound: Bound): Promise<GroupedFigures[]> =>
    executionFigures(pool, tenantId, { ...request, ...bound, groupBy: BY_MODEL });
  return bounded(pool, tenantId, request, runsOf, NO_FIGURES);
}

/** As `modelFigures`, with the counts, rates and durations of the top level. */
export function topModelFigures(
  pool: ReadPool,
  tenantId: string,
  request: ModelRequest,
): Promise<TopModelFigures[]> {
  const runsOf = (bound: Bound): Promise<TopFigures[]> =>
    topFigures(pool, tenantId, { ...request, ...bound, groupBy: BY_MODEL });
  return bounded(pool, tenantId, request, runsOf, NO_TOP_FIGURES);
}

type Bound = Pick<FiguresRequest, 'limit' | 'models'>;

/** What has run and what was used are read apart, so where there are too many models, the same ones are chosen for both. */
async function bounded<R extends Runs>(
  pool: ReadPool,
  tenantId: string,
  request: ModelRequest,
  runsOf: (bound: Bound) => Promise<R[]>,
  ofNothing: R,
): Promise<(R & OfModel)[]> {
  const both = (bound: Bound) =>
    Promise.all([runsOf(bound), usedModels(pool, tenantId, { ...request, ...bound })]);
  const [runs, used] = await both({ limit: MAX_GROUPS + 1 });
  const all = joined(runs, used, ofNothing);
  if (all.length <= MAX_GROUPS) return all;
  // The most expensive first. Those that nothing has used cost nothing.
  const ofUsed = new Set(used.map(keyOf));
  const more = runs.map(({ group: [provider = null, model = null] }) => ({ provider, model }));
  const models = [...used, ...more.filter((name) => !ofUsed.has(keyOf(name)))].slice(0, MAX_GROUPS);
  return joined(...(await both({ models })), ofNothing);
}

type Runs = Figures & { group: readonly (string | null)[]; isRest: boolean };

const keyOf = ({ provider, model, isRest = false }: ModelName & { isRest?: boolean }): string =>
  JSON.stringify([provider, model, isRest]);

function joined<R extends Runs>(
  runs: readonly R[],
  rows: readonly ModelRow[],
  ofNothing: R,
): (R & OfModel)[] {
  const usedBy = new Map(rows.map((row) => [keyOf(row), row]));
  const all = runs.map((figures) => {
    const [provider = null, model = null] = figures.group;
    const none = { ...NONE, provider, model, isRest: figures.isRest };
    const row = usedBy.get(keyOf(none));
    usedBy.delete(keyOf(none));
    return figuresOf(figures, row ?? none);
  });
  const others = [...usedBy.values()].map((row) => figuresOf(ofNothing, row));
  return [...all, ...others]
    .sort((a, b) => Number(a.isRest) - Number(b.isRest))
    .map((row) => (row.isRest ? { ...row, model: OTHER } : row));
}

const NONE = { ...(Object.fromEntries(SUMS.map((measure) => [measure, 0])) as Sums), cost: '0' };

function figuresOf<R extends Runs>(runs: R, { executions, finished, ...row }: ModelRow): R & OfModel {
  return {
    ...runs,
    ...row,
    group: [row.provider, row.model],
    users: { executions, finished, priced: executions - row.unpriced - row.unused },
    priced: { cost: row.cost, pricedTokens: row.pricedTokens, unpriced: row.unpricedUsages },
  };
}

/** Tokens and cost by model: the most expensive first if there is a limit, otherwise the one with the most tokens. */
async function usedModels(
  pool: ReadPool,
  tenantId: string,
  { range, filters = [], limit, models }: ModelRequest & Bound,
): Promise<ModelRow[]> {
  const parameters = new Parameters();
  const { sums, sumNames } = usedSums(tenantId, { range, filters }, parameters, models);
  const order = limit === undefined ? 'is_rest, "totalTokens" DESC' : '"cost" DESC, "totalTokens" DESC';
  const { rows } = await pool.query<ModelRow>(
    `WITH ${sums} SELECT provider, model, is_rest AS "isRest", ${floats(sumNames)}, cost
     FROM sums ORDER BY ${order}, provider, model ${limit === undefined ? '' : `LIMIT ${parameters.add(limit)}`}`,
    parameters.values,
  );
  return rows;
}

/** Tokens by model, the one with the most tokens first, and all beyond the largest as one. */
export async function tokensByModel(
  pool: ReadPool,
  tenantId: string,
  range: Range,
): Promise<(ModelName & Sums)[]> {
  const parameters = new Parameters();
  const { sums, sumNames } = usedSums(tenantId, { range }, parameters);
  const folded = foldedSql({
    from: 'sums',
    keys: BY_MODEL,
    sums: sumNames,
    order: '"totalTokens" DESC, provider, model',
    limit: `${parameters.add(MAX_GROUPS)}::int`,
  });
  const { rows } = await pool.query<ModelRow>(
    `WITH ${sums} SELECT provider, CASE WHEN is_rest THEN '${OTHER}' ELSE model END AS model, ${floats(sumNames)}
     FROM (${folded}) AS folded ORDER BY is_rest, "totalTokens" DESC, provider, model`,
    parameters.values,
  );
  return rows;
}

const floats = (names: readonly string[]): string => names.map((name) => `${name}::float8`).join(', ');

function usedSums(
  tenantId: string,
  { range, filters = [] }: ModelRequest,
  parameters: Parameters,
  models?: readonly ModelName[],
) {
  const selection = selectionOf(tenantId, { metric: 'cost_usd', range, dimensions: BY_MODEL, filters });
  const base = baseSql(selection, [...SUMS, 'knownCost'], BY_MODEL, parameters);
  const [provider, model] = BY_MODEL.map((name) => dimensionSql(name, 'UTC', parameters)) as [string, string];
  const among = models === undefined ? 'true' : isAmong(provider, model, models, parameters);
  const sum = (measure: Measure): string => measureSql(selection.source, measure, 'b');
  const sums = SUMS.map((measure) => `coalesce(${sum(measure)}, 0) AS "${measure}"`);
  const text = `sums AS (
    SELECT CASE WHEN ${among} THEN ${provider} END AS provider, CASE WHEN ${among} THEN ${model} END AS model,
           NOT (${among}) AS is_rest, ${sums.join(', ')}, ${sum('knownCost')} AS cost
    FROM base b ${whereSql(selection, parameters)} GROUP BY 1, 2, 3)`;
  return { sums: `${base}, ${text}`, sumNames: SUMS.map((measure) => `"${measure}"`) };
}

/**
 * The cost of all models together. It differs from that of the executions where one of several usages has no price: then
 * the cost of its execution is not known.
 */
export const costOfAll = (models: readonly Pick<Figures, 'cost'>[]): string =>
  formatUsd(models.reduce((sum, { cost }) => sum + parseUsd(cost), 0n));
