/** The form of a metric: a formula over measures, which aggregates keep. */

export type MetricKind = 'count' | 'rate' | 'duration' | 'gauge';

/** How a metric is made of measures. Every form can be computed over any range and grouping. */
export type FormulaOf<M extends string> =
  | { op: 'sum'; of: M }
  | { op: 'percent'; part: M; of: readonly M[] }
  | { op: 'mean'; sum: M; count: M }
  /** Of a histogram. */
  | { op: 'percentile'; of: M; p: number }
  | { op: 'distinct'; of: M }
  /** Of the first and last time of events. */
  | { op: 'meanInterval' | 'age' | 'latest'; of: M };

export interface MetricOf<M extends string> {
  name: string;
  /** Other names under which it can be asked for. */
  aliases?: readonly string[];
  title: string;
  description: string;
  /** Grafana's id of the unit. */
  unit: string;
  kind: MetricKind;
  formula: FormulaOf<M>;
}

/** The measures that a formula reads. */
export function measuresOf<M extends string>(formula: FormulaOf<M>): readonly M[] {
  switch (formula.op) {
    case 'percent':
      return [...new Set([formula.part, ...formula.of])];
    case 'mean':
      return [formula.sum, formula.count];
    default:
      return [formula.of];
  }
}

/** A state at an instant, rather than what happened within a time. */
export function isState({ formula }: MetricOf<string>): boolean {
  return formula.op === 'age' || formula.op === 'latest';
}

/** Whether the metric can be split by hour or weekday: a state, or a time between events, cannot. */
export function hasTimeDimensions(metric: MetricOf<string>): boolean {
  return !isState(metric) && metric.formula.op !== 'meanInterval';
}
