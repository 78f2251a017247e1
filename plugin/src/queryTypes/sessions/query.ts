import type { BaseQuery } from '../../types';

export type SessionPart = 'list' | 'metrics';

export interface SessionsQuery extends BaseQuery {
  sessionPart?: SessionPart;
  /** Of a list: only sessions in this state. Can contain a template variable; empty for all. */
  sessionStatus?: string;
}
