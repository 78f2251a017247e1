import type { BaseQuery } from '../../types';

/** The agents are those of the filter by `agent`. */
export interface CompareAgentsQuery extends BaseQuery {
  /** Names of metrics that have the dimension `agent`. Can contain template variables. */
  compareMetrics?: string[];
}
