/** What can be measured, and by what: lookups over the declarations. */
import { DIMENSIONS, type Dimension, type DimensionName } from './dimensions.js';
import { type Formula, type Metric, METRICS } from './metrics.js';
import { type Level, type Measure, type Source, SOURCES, type StoredDimension } from './sources.js';

export * from './dimensions.js';
export * from './metrics.js';
export * from './sources.js';

/** Widths of a time bucket, from fine to coarse; `none` is one row a group. */
export const INTERVALS = ['minute', '5m', '15m', 'hour', '6h', 'day', 'week', 'month', 'none'] as const;
export type Interval = (typeof INTERVALS)[number];

const SUB_HOUR: readonly Interval[] = ['minute', '5m', '15m'];

export function needsMinutes(interval: Interval): boolean {
  return SUB_HOUR.includes(interval);
}

const METRIC_BY_NAME = new Map(METRICS.map((metric) => [metric.name, metric]));

export function findMetric(name: string): Metric | undefined {
  return METRIC_BY_NAME.get(name);
}

/** The measures that a formula is made of. */
export function measuresOf(formula: Formula): readonly Measure[] {
  switch (formula.op) {
    case 'percent':
      return [...new Set([formula.part, ...formula.of])];
    case 'mean':
      return [formula.sum, formula.count];
    default:
      return [formula.of];
  }
}

/** Narrowest first, those sources that carry all measures of the metric. */
export function sourcesOf(metric: Metric): readonly Source[] {
  const measures = measuresOf(metric.formula);
  return (SOURCES as readonly Source[]).filter((source) =>
    measures.every((measure) => source.measures.includes(measure)),
  );
}

/** The narrowest source of the metric that carries these dimensions and this level. */
export function sourceFor(
  metric: Metric,
  dimensions: readonly StoredDimension[],
  level: Level,
): Source | undefined {
  return sourcesOf(metric).find(
    (source) =>
      source.tables[level] !== undefined &&
      dimensions.every((dimension) => source.dimensions.includes(dimension)),
  );
}

/** A state at an instant, rather than what happened within a time. */
export function isState({ formula }: Metric): boolean {
  return formula.op === 'age' || formula.op === 'latest';
}

/** Whether the metric can be split by hour or weekday: a state, or a time between events, cannot. */
function hasTimeDimensions(metric: Metric): boolean {
  return !isState(metric) && metric.formula.op !== 'meanInterval';
}

/** Dimensions by which the metric can be grouped and filtered, in the catalog's order. */
export function dimensionsOf(metric: Metric): Dimension[] {
  const stored = new Set<DimensionName>(sourcesOf(metric).flatMap((source) => source.dimensions));
  return DIMENSIONS.filter((dimension) =>
    dimension.ofTime ? hasTimeDimensions(metric) : stored.has(dimension.name),
  );
}

/** Intervals that the metric can be asked in. */
export function intervalsOf(metric: Metric): Interval[] {
  const minutes = !isState(metric) && sourcesOf(metric).some((source) => source.tables.minute !== undefined);
  return INTERVALS.filter((interval) => minutes || !needsMinutes(interval));
}
