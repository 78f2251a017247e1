import type { BaseQuery } from '../../types';

export type ExecutionPart = 'summary' | 'trace' | 'steps' | 'usages' | 'children';

export interface ExecutionQuery extends BaseQuery {
  /** The id of an execution, or an OpenTelemetry trace id. Can contain a template variable. */
  executionId?: string;
  part?: ExecutionPart;
}
