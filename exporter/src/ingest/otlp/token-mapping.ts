/** The fields of a model call that its cost depends on, and the attributes that instrumentations put them into. */
import type { ServiceTier } from '../../facts/execution/columns.js';
import type { Kind } from './attributes.js';

export interface TokenFields {
  inputTokens?: number;
  outputTokens?: number;
  /** Says what input and output leave out, and what is missing of them. */
  totalTokens?: number;
  /** Input without the cached tokens. */
  uncachedInputTokens?: number;
  cachedInputTokens?: number;
  cacheWriteTokens?: number;
  /** Part of `cacheWriteTokens`. */
  cacheWrite1hTokens?: number;
  reasoningTokens?: number;
  inputAudioTokens?: number;
  outputAudioTokens?: number;
  serviceTier?: ServiceTier;
  costUsd?: number;
  /** Both together are the cost, if it is not given. */
  inputCostUsd?: number;
  outputCostUsd?: number;
  /** Whether the emitter leaves cached tokens out of the input; undefined if nothing says so. */
  leavesOutCached?: boolean;
  /** Whether the emitter leaves reasoning tokens out of the output. */
  leavesOutReasoning?: boolean;
}

/** Words for service tiers, in lower case. Others, such as `auto`, do not say which tier has served the call. */
export const TIER_WORDS: ReadonlyMap<string, ServiceTier> = new Map([
  ['standard', 'standard'],
  ['default', 'standard'],
  ['on_demand', 'standard'],
  ['standard_only', 'standard'],
  ['batch', 'batch'],
  ['flex', 'flex'],
  ['priority', 'priority'],
]);

/** Fields that no attribute holds: `emitters.ts` knows them. */
export type KnownOfEmitter = 'leavesOutCached' | 'leavesOutReasoning';

export interface MappedTokens {
  field: Exclude<keyof TokenFields, KnownOfEmitter>;
  kind: Kind;
  attributes: readonly string[];
}

export const TOKEN_MAPPING: readonly MappedTokens[] = [
  {
    field: 'inputTokens',
    kind: 'count',
    attributes: [
      'gen_ai.usage.input_tokens',
      'gen_ai.usage.prompt_tokens',
      'gen_ai.response.prompt_tokens',
      'llm.token_count.prompt',
      'llm.usage.prompt_tokens',
      'llm.usage.input_tokens',
      'ai.usage.inputTokens',
      'ai.usage.promptTokens',
    ],
  },
  {
    field: 'outputTokens',
    kind: 'count',
    attributes: [
      'gen_ai.usage.output_tokens',
      'gen_ai.usage.completion_tokens',
      'gen_ai.response.completion_tokens',
      'llm.token_count.completion',
      'llm.usage.completion_tokens',
      'llm.usage.output_tokens',
      'ai.usage.outputTokens',
      'ai.usage.completionTokens',
    ],
  },
  {
    field: 'totalTokens',
    kind: 'count',
    attributes: [
      'gen_ai.usage.total_tokens',
      'llm.token_count.total',
      'llm.usage.total_tokens',
      'ai.usage.totalTokens',
      'ai.usage.tokens',
    ],
  },
  {
    field: 'uncachedInputTokens',
    kind: 'count',
    attributes: ['ai.usage.inputTokenDetails.noCacheTokens', 'gen_ai.usage.input_tokens.uncached'],
  },
  {
    field: 'cachedInputTokens',
    kind: 'count',
    attributes: [
      'gen_ai.usage.cache_read.input_tokens',
      'gen_ai.usage.cache_read_input_tokens',
      'gen_ai.usage.input_tokens.cached',
      'gen_ai.usage.input_tokens.cache_read',
      'gen_ai.usage.cache_read_tokens',
      'gen_ai.usage.cached_input_tokens',
      'gen_ai.usage.cached_tokens',
      'gen_ai.usage.cached_content_tokens',
      'llm.token_count.prompt_details.cache_read',
      'llm.token_count.prompt_details.cache_input',
      'llm.usage.cache_read_input_tokens',
      'llm.usage.cached_tokens',
      'gen_ai.usage.details.cache_read_tokens',
      'gen_ai.usage.details.cache_read_input_tokens',
      'gen_ai.usage.details.cached_tokens',
      'gen_ai.usage.details.cached_content_tokens',
      'cache_read_tokens',
      'ai.usage.inputTokenDetails.cacheReadTokens',
      'ai.usage.cachedInputTokens',
    ],
  },
  {
    field: 'cacheWriteTokens',
    kind: 'count',
    attributes: [
      'gen_ai.usage.cache_creation.input_tokens',
      'gen_ai.usage.cache_write.input_tokens',
      'gen_ai.usage.cache_creation_input_tokens',
      'gen_ai.usage.cache_write_input_tokens',
      'gen_ai.usage.input_tokens.cache_write',
      'gen_ai.usage.input_tokens.cache_creation',
      'gen_ai.usage.cache_creation_tokens',
      'gen_ai.usage.cache_write_tokens',
      'llm.token_count.prompt_details.cache_write',
      'llm.usage.cache_creation_input_tokens',
      'gen_ai.usage.details.cache_write_tokens',
      'gen_ai.usage.details.cache_creation_input_tokens',
      'cache_write_tokens',
      'cache_creation_tokens',
      'ai.usage.inputTokenDetails.cacheWriteTokens',
    ],
  },
  {
    field: 'cacheWrite1hTokens',
    kind: 'count',
    attributes: [
      'gen_ai.usage.cache_creation.ephemeral_1h_input_tokens',
      'gen_ai.usage.details.ephemeral_1h_input_tokens',
      'gen_ai.usage.cache_creation_1h.input_tokens',
      'gen_ai.usage.cache_write_1h.input_tokens',
      'gen_ai.usage.cache_write_1h_tokens',
    ],
  },
  {
    field: 'reasoningTokens',
    kind: 'count',
    attributes: [
      'gen_ai.usage.reasoning.output_tokens',
      'gen_ai.usage.output_tokens.reasoning',
      'gen_ai.usage.reasoning_tokens',
      'gen_ai.usage.reasoning_output_tokens',
      'gen_ai.usage.thoughts_tokens',
      'gen_ai.usage.thinking_tokens',
      'gen_ai.usage.thoughts_token_count',
      'llm.token_count.completion_details.reasoning',
      'llm.usage.reasoning_tokens',
      'gen_ai.usage.details.reasoning_tokens',
      'gen_ai.usage.details.thoughts_tokens',
      'ai.usage.outputTokenDetails.reasoningTokens',
      'ai.usage.reasoningTokens',
    ],
  },
  {
    field: 'inputAudioTokens',
    kind: 'count',
    attributes: [
      'gen_ai.usage.input_audio_tokens',
      'gen_ai.usage.audio.input_tokens',
      'gen_ai.usage.input_tokens.audio',
      'gen_ai.usage.details.input_audio_tokens',
      'llm.token_count.prompt_details.audio',
    ],
  },
  {
    field: 'outputAudioTokens',
    kind: 'count',
    attributes: [
      'gen_ai.usage.output_audio_tokens',
      'gen_ai.usage.audio.output_tokens',
      'gen_ai.usage.output_tokens.audio',
      'gen_ai.usage.details.output_audio_tokens',
      // Pydantic AI writes those of the answer without saying so.
      'gen_ai.usage.details.audio_tokens',
      'llm.token_count.completion_details.audio',
    ],
  },
  {
    field: 'serviceTier',
    kind: 'tier',
    // The tier that was asked for may not be the one that served the call.
    attributes: [
      'openai.response.service_tier',
      'gen_ai.openai.response.service_tier',
      'gen_ai.response.service_tier',
      'anthropic.response.service_tier',
      'anthropic.message.service_tier',
      'anthropic.usage.service_tier',
      'gen_ai.usage.service_tier',
      'aws.bedrock.response.service_tier',
      'aws.bedrock.service_tier',
      'gen_ai.service_tier',
      'llm.service_tier',
      'llm.openai.service_tier',
      'openai.request.service_tier',
      'gen_ai.openai.request.service_tier',
      'gen_ai.request.service_tier',
      'anthropic.request.service_tier',
      'aws.bedrock.request.service_tier',
    ],
  },
  {
    field: 'costUsd',
    kind: 'money',
    attributes: [
      'gen_ai.usage.cost',
      'gen_ai.usage.total_cost',
      'gen_ai.cost.total_cost',
      'gen_ai.usage.cost_usd',
      'gen_ai.usage.total_cost_usd',
      'gen_ai.usage.cost.total',
      'gen_ai.cost.total_tokens',
      'llm.cost.total',
      'llm.usage.total_cost',
      'llm.usage.cost',
      'operation.cost',
    ],
  },
  {
    field: 'inputCostUsd',
    kind: 'money',
    attributes: [
      'gen_ai.usage.input_cost',
      'gen_ai.cost.input_cost',
      'gen_ai.cost.input_tokens',
      'llm.cost.prompt',
      'llm.usage.prompt_cost',
    ],
  },
  {
    field: 'outputCostUsd',
    kind: 'money',
    attributes: [
      'gen_ai.usage.output_cost',
      'gen_ai.cost.output_cost',
      'gen_ai.cost.output_tokens',
      'llm.cost.completion',
      'llm.usage.completion_cost',
    ],
  },
];
