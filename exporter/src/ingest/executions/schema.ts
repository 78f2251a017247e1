/** Executions as they come over the wire: the shape, the limits and the words, for the check and for the documentation. */
import { type Static, type TSchema, Type } from 'typebox';
import { ID_PATTERN, NO_NUL, UUID_PATTERN } from '../../ids.js';
import { MAX_NAME_LENGTH } from '../event-schema.js';

export const MAX_EXECUTIONS = 1_000;
export const MAX_STEPS = 10_000;
export const MAX_USAGES = 10_000;
/** Characters of a query's preview that are kept. */
export const PREVIEW_CHARACTERS = 100;
/** Bytes of a step's content that are kept. */
export const CONTENT_BYTES = 16 * 1024;
/** Ends what was cut. */
export const CUT = '…';

/** Of one kind in one count, and of all usages of an execution. */
export const MAX_TOKENS = 1_000_000_000_000;
const MAX_COST_USD = 1_000_000_000;
const MAX_MILLISECONDS = 1e12;
export const MAX_MESSAGE = 16 * 1024;
const MAX_INT = 2_147_483_647;

export const STATUSES = ['running', 'success', 'failure', 'timeout', 'blocked'] as const;
export type ExecutionStatus = (typeof STATUSES)[number];
export const STEP_TYPES = ['thought', 'action', 'observation', 'tool_call', 'final_answer'] as const;

/** A list of types, and no union, whose check takes four times as long: it makes an error for each null. */
const optional = <T extends TSchema>(schema: T) => {
  const { type, enum: words, ...rest } = schema as { type?: string; enum?: unknown[] };
  const nullable = {
    type: [type, 'null'],
    ...rest,
    ...(words === undefined ? {} : { enum: [...words, null] }),
  };
  return Type.Optional(Type.Unsafe<Static<T> | null>(nullable));
};
const id = (description: string) => optional(Type.String({ pattern: ID_PATTERN, description }));
const word = (description: string) =>
  optional(Type.String({ minLength: 1, maxLength: MAX_NAME_LENGTH, pattern: NO_NUL, description }));
const tokens = (description: string) =>
  optional(Type.Integer({ minimum: 0, maximum: MAX_TOKENS, description }));
const milliseconds = (description: string) =>
  optional(Type.Number({ minimum: 0, maximum: MAX_MILLISECONDS, description }));
const time = (description: string) => optional(Type.String({ format: 'date-time', description }));
const cost = optional(
  Type.Number({ minimum: 0, maximum: MAX_COST_USD, description: 'USD. Sent, it wins over every price.' }),
);

const Strict = <T extends Record<string, TSchema>>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });

const counts = {
  input_tokens: tokens('With those read from and written to a cache.'),
  output_tokens: tokens('With reasoning tokens.'),
  total_tokens: tokens('Input and output; checked where it is sent.'),
  cached_input_tokens: tokens('Part of the input, read from a cache.'),
  cache_write_tokens: tokens('Part of the input, written to a cache.'),
  reasoning_tokens: tokens('Part of the output.'),
};

export const StepSchema = Strict({
  step_number: Type.Integer({ minimum: 0, maximum: MAX_INT, description: 'Its place; the key of the step.' }),
  step_type: Type.String({ enum: [...STEP_TYPES] }),
  content: optional(Type.String({ pattern: NO_NUL, description: `Kept up to ${CONTENT_BYTES / 1024} KiB.` })),
  tool_name: word('Tool that was called.'),
  status: optional(Type.String({ enum: [...STATUSES] })),
  input_tokens: counts.input_tokens,
  output_tokens: counts.output_tokens,
  duration_ms: milliseconds('How long it took.'),
  timestamp: time('When it began.'),
});

export const UsageSchema = Strict({
  id: id(
    'Makes appending it again harmless. Default: component, model, step_number and the place among equals.',
  ),
  component: Type.String({
    minLength: 1,
    maxLength: MAX_NAME_LENGTH,
    pattern: NO_NUL,
    description: '`main_agent`, `sub_agent`, `tool_call` or any other word.',
  }),
  provider: word('Such as `openai`.'),
  model: word('Such as `gpt-4o`.'),
  ...counts,
  cost_usd: cost,
  step_number: optional(
    Type.Integer({ minimum: 0, maximum: MAX_INT, description: 'The step that used them.' }),
  ),
});

export const ExecutionSchema = Strict({
  id: Type.String({ pattern: UUID_PATTERN, description: 'UUID. Sent again, it replaces the execution.' }),
  request_id: id('Of the request that began it.'),
  session_id: id('Session or conversation.'),
  agent_id: id('The agent; null: the tenant itself.'),
  agent_name: optional(
    Type.String({ maxLength: MAX_NAME_LENGTH, pattern: NO_NUL, description: 'Renames the agent.' }),
  ),
  agent_type: word('Such as `react`.'),
  flow_id: id('Flow or workflow.'),
  user_id: id('User on whose behalf it ran.'),
  provider: word('Such as `openai`.'),
  model_name: word('Such as `gpt-4o`.'),
  status: Type.String({ enum: [...STATUSES] }),
  started_at: Type.String({ format: 'date-time', description: 'RFC 3339; the hour that it belongs to.' }),
  completed_at: time('RFC 3339.'),
  execution_time_ms: milliseconds('Default: from started_at to completed_at.'),
  llm_time_ms: milliseconds('Part of it that models took.'),
  ...counts,
  cost_usd: cost,
  query_preview: optional(
    Type.String({ pattern: NO_NUL, description: `Kept up to ${PREVIEW_CHARACTERS} characters.` }),
  ),
  error_type: word('Kind of failure.'),
  error_message: optional(Type.String({ maxLength: MAX_MESSAGE, pattern: NO_NUL })),
  tags: optional(
    Type.Array(Type.String({ minLength: 1, maxLength: MAX_NAME_LENGTH, pattern: NO_NUL }), { maxItems: 100 }),
  ),
  reservation_id: optional(
    Type.String({ pattern: UUID_PATTERN, description: 'Reservation that it settles.' }),
  ),
  steps: optional(Type.Array(StepSchema, { maxItems: MAX_STEPS })),
  token_usages: optional(Type.Array(UsageSchema, { maxItems: MAX_USAGES })),
});
