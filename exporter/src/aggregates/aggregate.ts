/**
 * The declaration of an aggregate: facts summed by some keys, in tables of one or more levels. The statements of the
 * rollup, what a metric is read from, the values of dimensions, counting and spend follow from it; migrations make the
 * tables, and a test compares both.
 */
import {
  columnOf,
  type DimensionName,
  dimensionsOfColumn,
  isStored,
  type Measure,
  type StoredDimension,
} from '../catalog/index.js';
import { lockKey } from '../db/locks.js';
import type { MeasureSql } from './measures.js';

/** From fine to coarse. */
export const LEVELS = ['minute', 'hour', 'day'] as const;
export type Level = (typeof LEVELS)[number];

/** How the rollup learns of changed facts: kinds of marks in `dirty_marks`, each with a bucket to recompute. */
export interface Marks {
  /** Marks of minutes, for facts whose writer marks minutes where these are kept. */
  minute?: string;
  /** Marks of hours. */
  hour: string;
  /** Hours that are marked when others are taken, and then wait for some minutes, because they are expensive. */
  seldom?: {
    after: Marks;
    /** The table of when each hour was last recomputed. */
    computed: string;
  };
}

/** The facts that an aggregate is made of, `e` in all expressions. */
export interface Facts {
  table: string;
  /** The column of their time. */
  time: string;
  marks: Marks;
  /** How old facts are dropped: none before the watermark is recomputed, and none goes while the lock is held. */
  retention: { watermark: string; lock: string };
  /** Rows beside each fact, as a join. */
  join?: string;
  /** Condition for a fact to count. */
  where?: string;
}

export interface Key {
  column: string;
  /** Its value for a fact. */
  raw: string;
}

export interface Figure {
  column: string;
  type: 'bigint' | 'double precision' | 'numeric' | 'timestamptz' | 'text[]';
  /** Its value for a group of facts; never null. */
  raw: string;
  /** How the values of finer rows become one. */
  merge: 'sum' | 'min' | 'max';
}

/** Columns `hist_buckets` and `hist_counts`: how many facts fall into which bucket of durations. */
export interface Histogram {
  /** The bucket of a fact; null where it has no duration. */
  bucket: string;
  /** The figure that counts facts. */
  weight: string;
  /** How a coarser row gets its histogram: see `statements.ts`. */
  merge: 'join' | 'union';
}

/**
 * For a key that most facts lack: only some buckets are kept. In the others the key is null throughout, so that their rows
 * are those of an aggregate without it. Not for minutes.
 */
export interface Sparse {
  key: string;
  /** Has a row in each bucket that is kept, and is declared before. */
  keptWith: Aggregate;
  /** Has all the other keys and figures, of the same facts. */
  otherwise: Aggregate;
}

export interface Declaration {
  name: string;
  /** The tables are named `<table>_minutes`, `<table>_hours` and `<table>_days`. */
  table: string;
  /** Tables with another name. */
  tables?: Partial<Record<Level, string>>;
  levels: readonly Level[];
  /** Another aggregate that keeps its minutes: one with all of its keys and figures. */
  minutes?: Aggregate;
  keys: readonly Key[];
  /**
   * Keeps so many values of a key a bucket and other keys, those with the highest figure. The others become null and count
   * together, so that values from outside do not multiply the rows. Only without a histogram.
   */
  most?: { of: string; values: number; by: string };
  figures: readonly Figure[];
  histogram?: Histogram;
  sparse?: Sparse;
  from: Facts;
  /** What has to be said of a metric that is read from it. */
  notice?: string;
  /** What metrics can be made of its rows. */
  measures: Partial<Record<Measure, MeasureSql>>;
}

export interface Aggregate extends Declaration {
  /** Table by level, those of its minutes elsewhere included; a level that is missing is not kept. */
  tables: Partial<Record<Level, string>>;
  /** Those that its keys carry, and then its figures, in their order. */
  dimensions: readonly StoredDimension[];
}

export function aggregate(declaration: Declaration): Aggregate {
  const { table, levels, keys, figures, minutes } = declaration;
  const tables = Object.fromEntries(levels.map((level) => [level, `${table}_${level}s`]));
  return {
    ...declaration,
    tables: {
      ...(minutes !== undefined && { minute: tableOf(minutes, 'minute') }),
      ...tables,
      ...declaration.tables,
    },
    dimensions: [...keys, ...figures].flatMap(({ column }) => dimensionsOfColumn(column)),
  };
}

/** A key that carries a dimension. Default: the column of the same name of the fact. */
export function by(dimension: StoredDimension, raw = `e.${columnOf(dimension)}`): Key {
  return { column: columnOf(dimension), raw };
}

export const count = (column: string, raw: string): Figure => ({ column, type: 'bigint', raw, merge: 'sum' });
export const sum = (column: string, raw: string): Figure => ({
  column,
  type: 'double precision',
  raw: `coalesce(${raw}, 0)`,
  merge: 'sum',
});
export const money = (column: string, raw: string): Figure => ({
  column,
  type: 'numeric',
  raw: `coalesce(${raw}, 0)`,
  merge: 'sum',
});
export const extreme = (column: string, merge: 'min' | 'max', value: string): Figure => ({
  column,
  type: 'timestamptz',
  raw: `${merge}(${value})`,
  merge,
});

/** A list that all facts of a row share, because a key is made of it. */
export const shared = (column: string): Figure => ({
  column,
  type: 'text[]',
  raw: `max(e.${column})`,
  merge: 'max',
});

/** @throws where the aggregate does not keep that level */
export function tableOf({ name, tables }: Aggregate, level: Level): string {
  const table = tables[level];
  if (table === undefined) throw new Error(`${name} keeps no ${level}`);
  return table;
}

/** The advisory lock under which old facts are dropped; whoever recomputes facts without a mark shares it. */
export const dropLock = ({ retention }: Facts): string => lockKey(retention.lock, 'drop');

export const timeColumn = (level: Level): string => (level === 'day' ? 'date' : 'bucket');

/** The dimensions by which it has all of these measures. */
export const dimensionsBy = (
  { dimensions, measures }: Aggregate,
  wanted: readonly Measure[],
): readonly StoredDimension[] =>
  dimensions.filter((dimension) => wanted.every((measure) => !measures[measure]?.notBy?.includes(dimension)));

/** Whether its rows carry all of these dimensions; those of the time every row does. */
export const carries = ({ dimensions }: Aggregate, wanted: readonly DimensionName[]): boolean =>
  wanted.every((dimension) => !isStored(dimension) || dimensions.includes(dimension));

/** @throws where the aggregate does not serve that measure */
export function measureOf(source: Aggregate, measure: Measure): MeasureSql {
  const found = source.measures[measure];
  if (found === undefined) throw new Error(`${source.name} has no ${measure}`);
  return found;
}

/**
 * A measure over rows of that alias.
 * @throws for a histogram or times, which are read by statements of their own
 */
export function measureSql(source: Aggregate, measure: Measure, row: string): string {
  const { sql } = measureOf(source, measure);
  if (sql === undefined) throw new Error(`${measure} is no sum`);
  return sql(row);
}
