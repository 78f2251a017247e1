/**
 * Every metric, declared once, in the file of its kind of fact. The query API, the named endpoints, the plugin's editor and
 * the documentation follow from these entries.
 */
import { EVENT_METRICS, type EventMeasure } from './events.js';
import { EXECUTION_METRICS, type ExecutionMeasure } from './executions.js';
import type { FormulaOf, MetricOf } from './metric.js';

/** What aggregates keep, and metrics are made of. */
export type Measure = EventMeasure | ExecutionMeasure;
export type Formula = FormulaOf<Measure>;
export type Metric = MetricOf<Measure>;

export const METRICS: readonly Metric[] = [...EVENT_METRICS, ...EXECUTION_METRICS];

const BY_NAME = new Map(METRICS.map((metric) => [metric.name, metric]));

export function findMetric(name: string): Metric | undefined {
  return BY_NAME.get(name);
}
