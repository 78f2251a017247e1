import type { BaseQuery } from '../../types';

export interface MetricQuery extends BaseQuery {
  /** Name of the series, with `{{agent}}`, `{{agentName}}`, `{{metric}}`, `{{metricTitle}}` or a grouped dimension. */
  alias?: string;
  /** Tables only: one row per group and a column with its trend over `interval`. */
  sparkline?: boolean;
  /** With the interval `none` only: adds the value of the preceding period of the same length as a first point. */
  previous?: boolean;
}
