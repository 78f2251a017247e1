import type { BaseQuery } from '../../types';

export interface ExecutionsQuery extends BaseQuery {
  /** Only executions of this session, whatever the time range. Can contain a template variable; empty for any session. */
  sessionId?: string;
}
