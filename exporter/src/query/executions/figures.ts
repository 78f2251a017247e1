/** Counts, rates, durations, tokens and cost of executions, by agent or model or in all: what most routes are made of. */
import type { Pool } from 'pg';
import { findMetric, type Measure, sourceFor, type StoredDimension } from '../../catalog/index.js';
import { toWire } from '../../money.js';
import { mergedHistograms } from '../../db/histograms.js';
import { DAY } from '../../time.js';
import type { PlannedFilter } from '../plan.js';
import { type Range, segmentsOf } from '../segments.js';
import { baseSql, dimensionSql, NULL_GROUP, Parameters, type Selection, whereSql } from '../sql.js';

export interface Figures {
  executions: number;
  finished: number;
  succeeded: number;
  failed: number;
  timeouts: number;
  /** Of finished executions; null without any. */
  averageMs: number | null;
  p50Ms: number | null;
  p95Ms: number | null;
  p99Ms: number | null;
  /** Of finished executions. */
  finishedSteps: number;
  /** Input and output of finished executions. */
  finishedTokens: number;
  inputTokens: number;
  outputTokens: number;
  /** Of the executions whose cost is known. */
  pricedTokens: number;
  /** Numeric text, exact; without what is unpriced. */
  cost: string;
  unpriced: number;
}

export interface GroupedFigures extends Figures {
  /** Values of the dimensions, in their order. */
  group: (string | null)[];
  /** Groups that have a first dimension, those beyond the limit included. */
  groups: number;
}

export interface FiguresRequest {
  range: Range;
  groupBy?: readonly StoredDimension[];
  filters?: readonly PlannedFilter[];
  /** Groups at most, those with the most executions. Default: all. */
  limit?: number;
  /** Default true. */
  percentiles?: boolean;
}

const MEASURES: readonly Measure[] = [
  'executions',
  'finished',
  'executionDurationSum',
  'executionDurationCount',
  'executionDurations',
  'steps',
  'inputTokens',
  'outputTokens',
  'pricedTokens',
  'costUsd',
  'unpriced',
];

/** What is read of the executions of a tenant, from aggregates. */
export function selectionOf(
  tenantId: string,
  { range, filters = [] }: Pick<FiguresRequest, 'range' | 'filters'>,
  dimensions: readonly StoredDimension[],
): Selection {
  const source = sourceFor(findMetric('executions')!, dimensions, 'hour')!;
  const inDays = range.from % DAY === 0 && range.to % DAY === 0;
  return {
    tenantId,
    source,
    range,
    segments: segmentsOf(range, inDays),
    timeZone: 'UTC',
    roundHours: false,
    filters,
  };
}

/** One row a group, the one with the most executions first; without groups one row in all. */
export async function executionFigures(
  pool: Pool,
  tenantId: string,
  request: FiguresRequest,
): Promise<GroupedFigures[]> {
  const { groupBy = [], filters = [], limit, percentiles = true } = request;
  const dimensions = [...groupBy, ...filters.map(({ dimension }) => dimension as StoredDimension)];
  const selection = selectionOf(tenantId, request, dimensions);
  const parameters = new Parameters();
  const measures = percentiles ? MEASURES : MEASURES.filter((measure) => measure !== 'executionDurations');
  const base = baseSql(selection, measures, groupBy, parameters);
  const where = whereSql(selection, parameters);
  const keys = groupBy.map((name, i) => ({ name: `g${i}`, sql: dimensionSql(name, 'UTC', parameters) }));
  const selected = keys.map(({ name, sql }) => `${sql} AS ${name}, `).join('');
  const names = keys.map(({ name }) => name);
  const list = names.map((name) => `${name}, `).join('');
  const by = (columns: readonly string[]): string =>
    columns.length === 0 ? '' : `GROUP BY ${columns.join(', ')}`;
  const window = (order: string): string =>
    `OVER (${names.length === 0 ? '' : `PARTITION BY ${names.join(', ')}`} ${order})`;
  const percentile = (p: number): string =>
    `duration_of_bucket(min(b) FILTER (WHERE running >= ceil(total * ${p}))) AS p${p * 100}`;
  const same = names.map(
    (name) => `coalesce(p.p${name}, '${NULL_GROUP}') = coalesce(s.${name}, '${NULL_GROUP}')`,
  );
  const { rows } = await pool.query<Record<string, string | number | null>>(
    `WITH ${base}, sums AS (
       SELECT ${selected}sum(b.executions) AS executions,
              sum(b.executions) FILTER (WHERE b.status <> 'running') AS finished,
              sum(b.executions) FILTER (WHERE b.status = 'success') AS succeeded,
              sum(b.executions) FILTER (WHERE b.status = 'failure') AS failed,
              sum(b.executions) FILTER (WHERE b.status = 'timeout') AS timeouts,
              sum(b.duration_sum) / nullif(sum(b.duration_count), 0) AS average,
              sum(b.steps) FILTER (WHERE b.status <> 'running') AS finished_steps,
              sum(b.input_tokens + b.output_tokens) FILTER (WHERE b.status <> 'running') AS finished_tokens,
              sum(b.input_tokens) AS input, sum(b.output_tokens) AS output,
              sum(b.priced_tokens) AS priced, sum(b.cost_usd) AS cost,
              sum(b.unpriced) AS unpriced
       FROM base b ${where} ${by(names)}
     ), top AS (SELECT *${names.length === 0 ? '' : ', count(g0) OVER () AS groups'} FROM sums s ORDER BY executions DESC ${names.map((name) => `, ${name}`).join('')}
       ${limit === undefined ? '' : `LIMIT ${parameters.add(limit)}`}
     )${
       percentiles
         ? `, exploded AS (
       ${mergedHistograms(
         keys.map(({ name, sql }) => [name, sql]),
         'b',
         `FROM base b ${where}`,
       )}
     ), ranked AS (
       SELECT ${list}b, sum(n) ${window('ORDER BY b')} AS running, sum(n) ${window('')} AS total FROM exploded
     ), percentiles AS (
       SELECT ${names.map((name) => `${name} AS p${name}, `).join('')}${[0.5, 0.95, 0.99].map(percentile).join(', ')}
       FROM ranked ${by(names)}
     )`
         : ''
     }
     SELECT * FROM top s ${percentiles ? `LEFT JOIN percentiles p ON ${same.join(' AND ') || 'true'}` : ''}
     ORDER BY s.executions DESC NULLS LAST ${names.map((name) => `, s.${name}`).join('')}`,
    parameters.values,
  );
  return rows.map((row) => figuresOf(row, names));
}

function figuresOf(row: Record<string, string | number | null>, names: readonly string[]): GroupedFigures {
  const count = (name: string): number => Number(row[name] ?? 0);
  const maybe = (name: string): number | null => (row[name] == null ? null : Number(row[name]));
  return {
    group: names.map((name) => (row[name] === null ? null : String(row[name]))),
    groups: count('groups'),
    executions: count('executions'),
    finished: count('finished'),
    succeeded: count('succeeded'),
    failed: count('failed'),
    timeouts: count('timeouts'),
    averageMs: maybe('average'),
    p50Ms: maybe('p50'),
    p95Ms: maybe('p95'),
    p99Ms: maybe('p99'),
    finishedSteps: count('finished_steps'),
    finishedTokens: count('finished_tokens'),
    inputTokens: count('input'),
    outputTokens: count('output'),
    pricedTokens: count('priced'),
    cost: String(row.cost ?? '0'),
    unpriced: count('unpriced'),
  };
}

/** Percent of a whole; null where the whole is nothing. */
export const percentOf = (part: number, whole: number): number | null =>
  whole === 0 ? null : (100 * part) / whole;

export const costOf = (figures: Pick<Figures, 'cost'>): number => toWire(figures.cost);

type Priced = Pick<Figures, 'cost' | 'executions' | 'unpriced'>;
const hasPrice = ({ executions, unpriced }: Priced): boolean => executions === 0 || unpriced < executions;

/** Of one of several groups: null where none of its executions has a price, which is not $0. */
export const knownCostOf = (figures: Priced): number | null =>
  hasPrice(figures) ? toWire(figures.cost) : null;

/** Of the whole cost; null where none of the group's executions has a price, which is no share of 0 %. */
export const shareOf = (figures: Priced, whole: string): number | null =>
  hasPrice(figures) ? percentOf(Number(figures.cost), Number(whole)) : null;
