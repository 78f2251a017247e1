import type { BaseQuery } from '../../types';

/** The format is `bars` or `table`. */
export interface FunnelQuery extends BaseQuery {
  /** Names of 2 to 10 steps, in their order. Can contain template variables. */
  funnelSteps?: string[];
}
