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
import { selectionOf } from '../selection.js';
import { dimensionSql, whereSql } from '../sql.js';
import { executionFigures, type Figures, type FiguresRequest, NO_FIGURES, type Priced } from './figures.js';
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

interface OfModel {
  provider: string | null;
  model: string | null;
  /** Executions that used the model, those of them that have finished, and those whose use of it has a price. */
  users: { executions: number; finished: number; priced: number };
  priced: Priced;
}

export type ModelFigures = Figures & OfModel;

/** Their counts, rates and durations are of the top level, their tokens and cost of all. */
type TopModelFigures = TopFigures & OfModel;

type ModelRequest = Pick<FiguresRequest, 'range' | 'filters' | 'percentiles'>;

const BY_MODEL = ['provider', 'model'] as const;

export interface ModelRow extends Sums {
  provider: string | null;
  model: string | null;
  /** Numeric text. */
  cost: string;
}

/** The models with the most executions first, then those that only token usages name. */
export async function modelFigures(
  pool: ReadPool,
  tenantId: string,
  request: ModelRequest,
): Promise<ModelFigures[]> {
  const [runs, rows] = await Promise.all([
    executionFigures(pool, tenantId, { ...request, groupBy: BY_MODEL }),
    usedModels(pool, tenantId, request),
  ]);
  return joined(runs, rows, NO_FIGURES);
}

/** The models with the most executions of the top level first, then those that only token usages name. */
export async function topModelFigures(
  pool: ReadPool,
  tenantId: string,
  request: ModelRequest,
): Promise<TopModelFigures[]> {
  const [runs, rows] = await Promise.all([
    topFigures(pool, tenantId, { ...request, groupBy: BY_MODEL }),
    usedModels(pool, tenantId, request),
  ]);
  return joined(runs, rows, NO_TOP_FIGURES);
}

type Runs = Figures & { group: readonly (string | null)[] };

function joined<R extends Runs>(
  runs: readonly R[],
  rows: readonly ModelRow[],
  ofNothing: R,
): (R & OfModel)[] {
  const keyOf = (provider: string | null, model: string | null): string => JSON.stringify([provider, model]);
  const used = new Map(rows.map((row) => [keyOf(row.provider, row.model), row]));
  const all = runs.map((figures) => {
    const [provider = null, model = null] = figures.group;
    const key = keyOf(provider, model);
    const row = used.get(key);
    used.delete(key);
    return figuresOf(figures, row ?? { ...NONE, provider, model });
  });
  return [...all, ...[...used.values()].map((row) => figuresOf(ofNothing, row))];
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

/** Tokens and cost by model, the one with the most tokens first. */
export async function usedModels(
  pool: ReadPool,
  tenantId: string,
  { range, filters = [] }: ModelRequest,
): Promise<ModelRow[]> {
  const selection = selectionOf(tenantId, { metric: 'cost_usd', range, dimensions: BY_MODEL, filters });
  const parameters = new Parameters();
  const base = baseSql(selection, [...SUMS, 'knownCost'], BY_MODEL, parameters);
  const keys = BY_MODEL.map((name) => `${dimensionSql(name, 'UTC', parameters)} AS "${name}"`);
  const sum = (measure: Measure): string => measureSql(selection.source, measure, 'b');
  const sums = SUMS.map((measure) => `coalesce(${sum(measure)}, 0)::float8 AS "${measure}"`);
  const { rows } = await pool.query<ModelRow>(
    `WITH ${base} SELECT ${[...keys, ...sums].join(', ')}, ${sum('knownCost')} AS cost
     FROM base b ${whereSql(selection, parameters)} GROUP BY 1, 2 ORDER BY "totalTokens" DESC, 1, 2`,
    parameters.values,
  );
  return rows;
}

/**
 * The cost of all models together. It differs from that of the executions where one of several usages has no price: then
 * the cost of its execution is not known.
 */
export const costOfAll = (models: readonly Pick<Figures, 'cost'>[]): string =>
  formatUsd(models.reduce((sum, { cost }) => sum + parseUsd(cost), 0n));
