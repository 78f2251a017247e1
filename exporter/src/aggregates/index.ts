/** Every aggregate, and lookups over their declarations. */
import {
  type Dimension,
  DIMENSIONS,
  type DimensionName,
  hasTimeDimensions,
  type Interval,
  INTERVALS,
  isState,
  type Measure,
  measuresOf,
  type Metric,
  needsMinutes,
  type StoredDimension,
} from '../catalog/index.js';
import { type Aggregate, carries, dimensionsBy, type Facts, type Level } from './aggregate.js';
import { AGGREGATES } from './kinds.js';

export {
  type Aggregate,
  dropLock,
  type Facts,
  type Level,
  type Marks,
  measureOf,
  measureSql,
  tableOf,
} from './aggregate.js';
export * from './kinds.js';
export { hasPriceSql } from './measures.js';

/** Aggregates that are recomputed for the same marks. */
export interface Group {
  facts: Facts;
  aggregates: readonly Aggregate[];
}

/** In the order of the aggregates, so that a group follows the one after whose marks its own are made. */
export const GROUPS: readonly Group[] = [...new Set(AGGREGATES.map(({ from }) => from.marks.hour))].map(
  (mark) => {
    const aggregates = AGGREGATES.filter(({ from }) => from.marks.hour === mark);
    return { facts: aggregates[0]!.from, aggregates };
  },
);

/** Those that keep what happened for good, not only the minutes of the last days. */
const LASTING = AGGREGATES.filter(({ levels }) => levels.includes('day'));

/** The narrowest that has a row wherever there is a fact of that kind. */
export const wholeAggregate = ({ table }: Facts): Aggregate =>
  LASTING.find(({ from }) => from.table === table && from.join === undefined && from.where === undefined)!;

/** Those that serve all of these measures, narrowest first. */
export const aggregatesWith = (measures: readonly Measure[]): readonly Aggregate[] =>
  AGGREGATES.filter((candidate) => measures.every((measure) => candidate.measures[measure] !== undefined));

/** Those that the metric can be read from, narrowest first. */
export const sourcesOf = (metric: Metric): readonly Aggregate[] => aggregatesWith(measuresOf(metric.formula));

/** The dimensions by which the metric can be read from a source. */
export const dimensionsIn = (source: Aggregate, metric: Metric): readonly StoredDimension[] =>
  dimensionsBy(source, measuresOf(metric.formula));

/** The narrowest that the metric can be read from by these dimensions at this level. */
export const sourceFor = (
  metric: Metric,
  dimensions: readonly StoredDimension[],
  level: Level,
): Aggregate | undefined =>
  sourcesOf(metric).find(
    (candidate) =>
      candidate.tables[level] !== undefined &&
      dimensions.every((dimension) => dimensionsIn(candidate, metric).includes(dimension)),
  );

/** The narrowest that carries the dimensions. */
export const aggregateBy = (dimensions: readonly StoredDimension[]): Aggregate | undefined =>
  LASTING.find((candidate) => carries(candidate, dimensions));

/**
 * The narrowest whose figure of the table's name counts every row of the table, and whose keys are these columns of it: a
 * list's total is read from it. Undefined where the rows themselves have to be counted.
 */
export const countingAggregate = (table: string, columns: readonly string[]): Aggregate | undefined =>
  LASTING.find(
    ({ from, keys, figures }) =>
      from.table === table &&
      from.join === undefined &&
      from.where === undefined &&
      figures.some(({ column }) => column === table) &&
      columns.every((column) => keys.some((key) => key.column === column)),
  );

/** The narrowest that carries the dimensions and has this column among its figures. */
export const aggregateWithFigure = (
  column: string,
  dimensions: readonly StoredDimension[],
): Aggregate | undefined =>
  LASTING.find(
    (candidate) =>
      candidate.figures.some((figure) => figure.column === column) && carries(candidate, dimensions),
  );

/** Dimensions that the metric can be grouped and filtered by, in the catalog's order. */
export function dimensionsOf(metric: Metric): Dimension[] {
  const stored = new Set<DimensionName>(sourcesOf(metric).flatMap((source) => dimensionsIn(source, metric)));
  return DIMENSIONS.filter((dimension) =>
    dimension.ofTime === undefined ? stored.has(dimension.name) : hasTimeDimensions(metric),
  );
}

/** Intervals that the metric can be asked in. */
export function intervalsOf(metric: Metric): Interval[] {
  const minutes = !isState(metric) && sourcesOf(metric).some((source) => source.tables.minute !== undefined);
  return INTERVALS.filter((interval) => minutes || !needsMinutes(interval));
}
