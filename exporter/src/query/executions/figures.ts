/** Counts, durations, tokens and cost of executions, by agent or model or in total: most routes are made of them. */
import { measureSql } from '../../aggregates/index.js';
import type { Measure, StoredDimension } from '../../catalog/index.js';
import type { ReadPool } from '../../db/read-shares.js';
import { toWire } from '../../money.js';
import { Parameters } from '../../db/parameters.js';
import { baseSql } from '../base.js';
import { foldedSql } from '../fold.js';
import { percentOf } from '../metric-value.js';
import { percentileSql, rankedDurations } from '../percentiles.js';
import type { PlannedFilter } from '../plan.js';
import type { Range } from '../segments.js';
import { selectionOf } from '../selection.js';
import { groupBy as groupByClause, type Key } from '../shape.js';
import { dimensionSql, NULL_GROUP, whereSql } from '../sql.js';

const SUMS = [
  'executions',
  'finished',
  'succeeded',
  'failed',
  'timedOut',
  'unsuccessful',
  'executionDurationSum',
  'executionDurationCount',
  'finishedSteps',
  'finishedTokens',
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'pricedTokens',
  'unpriced',
] as const satisfies readonly Measure[];

/** Of finished executions. */
const PERCENTILES = { p50Ms: 0.5, p95Ms: 0.95, p99Ms: 0.99 } as const;

type Percentiles = Record<keyof typeof PERCENTILES, number | null>;

/** Sums by the names of their measures in the catalog. */
export interface Figures extends Record<(typeof SUMS)[number], number>, Percentiles {
  /** Numeric text, exact, without unpriced executions. */
  cost: string;
}

export interface GroupedFigures extends Figures {
  /** Values of the dimensions, in their order. */
  group: (string | null)[];
  /** Groups that have a first dimension, those beyond the limit included. */
  groups: number;
  /** Whether it is all groups that are not shown by themselves. Its dimensions are null. */
  isRest: boolean;
}

export interface ModelName {
  provider: string | null;
  model: string | null;
}

export interface FiguresRequest {
  range: Range;
  groupBy?: readonly StoredDimension[];
  filters?: readonly PlannedFilter[];
  /** Groups at most, those with the most executions. Default: all. */
  limit?: number;
  /** Groups at most, those with the highest cost, and one more for all others. */
  largest?: number;
  /** Groups by provider and model: these by themselves, and one more for all others. */
  models?: readonly ModelName[];
  /** Default true. */
  percentiles?: boolean;
}

type Row = Record<string, string | number | boolean | null>;

/** One row per group, the one with the most executions first and that of all others last; without groups a single row. */
export async function executionFigures(
  pool: ReadPool,
  tenantId: string,
  { range, groupBy = [], filters = [], limit, largest, models, percentiles = true }: FiguresRequest,
): Promise<GroupedFigures[]> {
  const selection = selectionOf(tenantId, { metric: 'executions', range, dimensions: groupBy, filters });
  const parameters = new Parameters();
  const summed: readonly Measure[] = [...SUMS, 'knownCost'];
  const read: readonly Measure[] = percentiles ? [...summed, 'executionDurations'] : summed;
  const base = baseSql(selection, read, groupBy, parameters);
  const from = `FROM base b ${whereSql(selection, parameters)}`;
  const dimensions = groupBy.map((name, i) => ({
    name: `g${i}`,
    sql: dimensionSql(name, 'UTC', parameters),
  }));
  const keys = models === undefined ? dimensions : amongModels(dimensions, models, parameters);
  const names = keys.map(({ name }) => name);
  const sums = summed.map((measure) => `${measureSql(selection.source, measure, 'b')} AS "${measure}"`);
  const ctes = [
    base,
    sumsCte(keys, sums, from),
    largest === undefined || groupBy.length === 0
      ? topCte(names, limit === undefined ? '' : `LIMIT ${parameters.add(limit)}`)
      : largestCte(names, summed, `${parameters.add(largest)}::int`),
    ...(percentiles ? [rankedDurations(keys, 'b', from), percentilesCte(names)] : []),
  ];
  const { rows } = await pool.query<Row>(
    `WITH ${ctes.join(', ')}
     SELECT * FROM top s ${percentiles ? joinPercentiles(names) : ''}
     ORDER BY s.is_rest, s.executions DESC NULLS LAST ${names.map((name) => `, s.${name}`).join('')}`,
    parameters.values,
  );
  return rows.map((row) =>
    figuresOf(
      row,
      dimensions.map(({ name }) => name),
    ),
  );
}

/** The key of the others, beside those of dimensions. */
const REST = 'rest';

/** The first two keys are those of models; those of other models become null. */
function amongModels(
  [provider, model, ...others]: readonly Key[],
  models: readonly ModelName[],
  parameters: Parameters,
): Key[] {
  const among = isAmong(provider!.sql, model!.sql, models, parameters);
  return [
    ...[provider!, model!].map(({ name, sql }) => ({ name, sql: `CASE WHEN ${among} THEN ${sql} END` })),
    ...others,
    { name: REST, sql: `CASE WHEN ${among} THEN '' ELSE '${REST}' END` },
  ];
}

/** That a row is of one of these models. */
export function isAmong(
  provider: string,
  model: string,
  models: readonly ModelName[],
  parameters: Parameters,
): string {
  const list = (pick: (name: ModelName) => string | null): string =>
    `${parameters.add(models.map((name) => pick(name) ?? NULL_GROUP))}::text[]`;
  const names = [list((name) => name.provider), list((name) => name.model)];
  const orNull = (column: string): string => `coalesce(${column}, '${NULL_GROUP}')`;
  return `(${orNull(provider)}, ${orNull(model)}) IN (SELECT * FROM unnest(${names.join(', ')}))`;
}

function sumsCte(keys: readonly Key[], sums: readonly string[], from: string): string {
  const selected = [...keys.map(({ name, sql }) => `${sql} AS ${name}`), ...sums];
  return `sums AS (SELECT ${selected.join(', ')} ${from} ${groupByClause(keys.map(({ name }) => name))})`;
}

function topCte(names: readonly string[], limit: string): string {
  const groups = names.length === 0 ? '' : ', count(g0) OVER () AS groups';
  const isRest = names.includes(REST) ? `${REST} <> ''` : 'false';
  const order = ['executions DESC', ...names].join(', ');
  return `top AS (SELECT *${groups}, ${isRest} AS is_rest FROM sums s ORDER BY ${order} ${limit})`;
}

function largestCte(names: readonly string[], summed: readonly Measure[], limit: string): string {
  const folded = foldedSql({
    from: 'sums',
    keys: names,
    sums: summed.map((measure) => `"${measure}"`),
    order: ['coalesce("knownCost", 0) DESC', 'executions DESC', ...names].join(', '),
    limit,
  });
  return `top AS (SELECT *, (SELECT count(g0) FROM sums) AS groups FROM (${folded}) AS folded)`;
}

function percentilesCte(names: readonly string[]): string {
  const groups = names.map((name) => `${name} AS p${name}`);
  const values = Object.entries(PERCENTILES).map(([name, p]) => `${percentileSql(p)} AS "${name}"`);
  return `percentiles AS (SELECT ${[...groups, ...values].join(', ')} FROM ranked ${groupByClause(names)})`;
}

function joinPercentiles(names: readonly string[]): string {
  const orNull = (column: string): string => `coalesce(${column}, '${NULL_GROUP}')`;
  const same = names.map((name) => `${orNull(`p.p${name}`)} = ${orNull(`s.${name}`)}`);
  return `LEFT JOIN percentiles p ON ${same.join(' AND ') || 'true'}`;
}

function figuresOf(row: Row, names: readonly string[]): GroupedFigures {
  const numbers = Object.fromEntries(SUMS.map((measure) => [measure, Number(row[measure] ?? 0)]));
  const percentiles = Object.fromEntries(
    Object.keys(PERCENTILES).map((name) => [name, row[name] == null ? null : Number(row[name])]),
  );
  return {
    ...(numbers as Record<(typeof SUMS)[number], number>),
    ...(percentiles as Percentiles),
    cost: String(row.knownCost ?? '0'),
    group: names.map((name) => (row[name] === null ? null : String(row[name]))),
    groups: Number(row.groups ?? 0),
    isRest: row.is_rest === true,
  };
}

export const costOf = (figures: Pick<Figures, 'cost'>): number => toWire(figures.cost);

/** Those of nothing. */
export const NO_FIGURES: GroupedFigures = figuresOf({}, []);

/** A known cost, the tokens that have it, and how many executions or usages have no price. */
export interface Priced {
  cost: string;
  pricedTokens: number;
  unpriced: number;
}

export const pricedOf = ({ cost, pricedTokens, unpriced }: Figures): Priced => ({
  cost,
  pricedTokens,
  unpriced,
});
/** As `hasPriceSql` has it. */
const hasPrice = ({ cost, pricedTokens, unpriced }: Priced): boolean =>
  unpriced === 0 || pricedTokens > 0 || Number(cost) > 0;

/** Null where nothing of a group has a price, which is not $0. */
export const wireCostOf = (priced: Priced): number | null => (hasPrice(priced) ? toWire(priced.cost) : null);

/** Percent of the whole cost; null where nothing of the group has a price, which is no share of 0 %. */
export const shareOf = (priced: Priced, whole: string): number | null =>
  hasPrice(priced) ? percentOf(Number(priced.cost), Number(whole)) : null;

export const knownCostOf = (figures: Figures): number | null => wireCostOf(pricedOf(figures));
