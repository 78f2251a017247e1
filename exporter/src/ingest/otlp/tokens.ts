/** Token counts of a model call, as they are stored, from the fields of its span. */
import type { Usage } from '../../facts/execution/execution.js';
import type { Tokens } from '../../facts/tokens.js';
import { formatUsd, parseUsd } from '../../money.js';
import { TOTAL_HAS_REASONING } from './emitters.js';
import type { Fields } from './mapping.js';

/** What of a usage the fields of its span say. */
export type Metered = Tokens &
  Pick<Usage, 'provider' | 'model_name' | 'own_service_tier' | 'has_tokens' | 'reported_cost_usd'>;

export const meteredOf = (fields: Fields): Metered => ({
  provider: fields.provider ?? null,
  model_name: fields.model ?? null,
  own_service_tier: fields.serviceTier ?? null,
  ...tokensOf(fields),
  has_tokens: hasTokens(fields),
  reported_cost_usd: fields.costUsd === undefined ? null : formatUsd(parseUsd(fields.costUsd)),
});

/** Whether a span reports usage. A call without usage has not used none: what it has used is not known. */
const hasTokens = ({ inputTokens, outputTokens, totalTokens, uncachedInputTokens }: Fields): boolean =>
  [inputTokens, outputTokens, totalTokens, uncachedInputTokens].some((count) => count !== undefined);

/**
 * Input includes cached tokens, and output includes reasoning tokens. Instrumentations that leave them out are told by
 * their total, by what is known of the emitter, by the names of their attributes, or because a part exceeds the whole.
 */
function tokensOf(fields: Fields): Tokens {
  const { cachedInputTokens = 0, reasoningTokens = 0, cacheWrite1hTokens = 0 } = fields;
  const written = Math.max(fields.cacheWriteTokens ?? 0, cacheWrite1hTokens);
  const cached = cachedInputTokens + written;
  const { input, output } = sentOf(fields, cached);
  const leftOut = leftOutOf(fields, input, output, cached);
  const whole = { input: input + (leftOut.cached ? cached : 0), output: output + leftOut.reasoning };
  return {
    input_tokens: whole.input,
    output_tokens: whole.output,
    cached_input_tokens: cachedInputTokens,
    cache_write_tokens: written,
    cache_write_1h_tokens: cacheWrite1hTokens,
    reasoning_tokens: Math.max(reasoningTokens, leftOut.reasoning),
    input_audio_tokens: Math.min(fields.inputAudioTokens ?? 0, whole.input),
    output_audio_tokens: Math.min(fields.outputAudioTokens ?? 0, whole.output),
  };
}

/** Input and output as they were sent. One that is missing is derived from the total and the other one. */
function sentOf(fields: Fields, cached: number): { input: number; output: number } {
  const { totalTokens = 0, uncachedInputTokens } = fields;
  const rest = (part = 0): number => Math.max(0, totalTokens - part);
  const sent =
    fields.inputTokens ?? (uncachedInputTokens === undefined ? undefined : uncachedInputTokens + cached);
  // A total without parts is input, as for embeddings.
  const input = sent ?? rest(fields.outputTokens);
  return { input, output: fields.outputTokens ?? rest(input) };
}

/** What input and output have left out: whether it is the cached tokens, and how many reasoning tokens. */
function leftOutOf(
  fields: Fields,
  input: number,
  output: number,
  cached: number,
): { cached: boolean; reasoning: number } {
  const { totalTokens, reasoningTokens = 0, leavesOutCached = false, leavesOutReasoning } = fields;
  const beyond = Math.max(0, (totalTokens ?? 0) - input - output);
  if (beyond > 0) {
    if (beyond === cached + reasoningTokens) return { cached: cached > 0, reasoning: reasoningTokens };
    if (beyond === cached && !(leavesOutReasoning && beyond === reasoningTokens)) {
      return { cached: true, reasoning: 0 };
    }
    if (beyond === reasoningTokens) return { cached: false, reasoning: reasoningTokens };
  }
  return {
    // Some emitters add up the total themselves, so that it does not tell whether cached tokens are in the input.
    cached: leavesOutCached || cached > input,
    reasoning: leftOutReasoning(fields, output, beyond),
  };
}

/** @param beyond what the total has beyond input and output, and neither cached nor reasoning tokens explain */
function leftOutReasoning(fields: Fields, output: number, beyond: number): number {
  const { totalTokens, reasoningTokens = 0, leavesOutReasoning, provider = '' } = fields;
  if (reasoningTokens > output) return reasoningTokens;
  if (beyond > 0 && (leavesOutReasoning ?? TOTAL_HAS_REASONING.test(provider))) {
    // The rest may be input, such as the results of tools that the provider ran.
    return reasoningTokens === 0 ? beyond : reasoningTokens;
  }
  return leavesOutReasoning && totalTokens === undefined ? reasoningTokens : 0;
}
