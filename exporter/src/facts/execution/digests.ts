/** What the digests of executions, steps and usages are made of. `digest.ts` says why nothing is ever changed here. */
import { digestOf, listText, recordText, type Text, textOf } from '../digest.js';
import { factColumns } from '../record.js';
import { STEP } from '../step/columns.js';
import { TOKEN_NAMES, type Tokens, TOKENS } from '../tokens.js';
import { USAGE } from '../usage/columns.js';
import { EXECUTION } from './columns.js';
import { type Header, NOT_OF_HEADER, type Step, type Usage } from './execution.js';

const tokensText = recordText<Tokens>(factColumns(TOKENS), [
  'input_tokens',
  'output_tokens',
  'cached_input_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
]);

const headerText = recordText<Header>(factColumns(EXECUTION, NOT_OF_HEADER), [
  'request_id',
  'session_id',
  'agent_id',
  'agent_type',
  'flow_id',
  'user_id',
  'own_provider',
  'own_model',
  'status',
  'started_at',
  'completed_at',
  'execution_time_ms',
  'llm_time_ms',
  ({ tokens }) => (tokens === null ? textOf(null) : tokensText(tokens)),
  'reported_cost_usd',
  'query_preview',
  'error_type',
  'error_message',
  'tags',
  'reservation_id',
]);

/** Also what tells whether a step that is appended again has changed. */
export const stepText: Text<Step> = recordText<Step>(factColumns(STEP), [
  'step_number',
  'step_type',
  'content',
  'tool_name',
  'status',
  'input_tokens',
  'output_tokens',
  'duration_ms',
  'occurred_at',
]);

/** The same of a usage. */
export const usageText: Text<Usage> = recordText<Usage>(factColumns(USAGE, TOKEN_NAMES), [
  'usage_key',
  'usage_id',
  'component',
  'provider',
  'model_name',
  tokensText,
  'reported_cost_usd',
  'step_number',
  ({ has_tokens }) => (has_tokens ? '' : 'no tokens'),
]);

export const headerDigest = (header: Header): string => digestOf(headerText(header));
export const stepsDigest = (steps: readonly Step[]): string => digestOf(listText(steps, stepText));
export const usagesDigest = (usages: readonly Usage[]): string => digestOf(listText(usages, usageText));
