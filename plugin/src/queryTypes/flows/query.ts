import type { BaseQuery } from '../../types';

export type FlowOf = 'steps' | 'agents';

/** The format is `table` or `node-graph`. */
export interface FlowsQuery extends BaseQuery {
  flowOf?: FlowOf;
}
