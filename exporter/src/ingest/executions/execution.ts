/** An execution with its steps and usages, as they have been checked. */
import type { Tokens } from '../../costs/tokens.js';
import type { ExecutionStatus } from './schema.js';

export interface Step {
  stepNumber: number;
  stepType: string;
  content: string | null;
  toolName: string | null;
  status: string | null;
  inputTokens: number;
  outputTokens: number;
  durationMs: number | null;
  /** Milliseconds since the epoch. */
  occurredAt: number | null;
}

export interface Usage {
  /** What makes it the same usage when it is sent again. */
  key: string;
  usageId: string | null;
  component: string;
  provider: string | null;
  model: string | null;
  tokens: Tokens;
  /** Decimal text, which is compared and stored as it is. */
  reportedCost: string | null;
  stepNumber: number | null;
}

/** What an execution says of itself, without its steps and usages. */
export interface Header {
  requestId: string | null;
  sessionId: string | null;
  agentId: string | null;
  agentType: string | null;
  flowId: string | null;
  userId: string | null;
  provider: string | null;
  model: string | null;
  status: ExecutionStatus;
  /** Milliseconds since the epoch. */
  startedAt: number;
  completedAt: number | null;
  executionTimeMs: number | null;
  llmTimeMs: number | null;
  /** Null where none were sent. */
  tokens: Tokens | null;
  /** Decimal text, which is compared and stored as it is. */
  reportedCost: string | null;
  queryPreview: string | null;
  errorType: string | null;
  errorMessage: string | null;
  tags: readonly string[];
  reservationId: string | null;
}

/** Arrays that are undefined: those that are there stay. */
export interface Execution {
  id: string;
  agentName: string | null;
  header: Omit<Header, 'tags'> & { tags: Header['tags'] | undefined };
  steps: readonly Step[] | undefined;
  usages: readonly Usage[] | undefined;
}
