/** Token counts of a model call, as they are stored, from the fields of its span. */
import type { Tokens } from '../../facts/tokens.js';
import type { Fields } from './mapping.js';

/**
 * Input includes cached tokens. If the total equals the sum of all, or there are more cached tokens than input, the
 * instrumentation left them out of the input. Input or output, if missing, is derived from the total and the other one.
 */
export function tokensOf(fields: Fields): Tokens {
  const { totalTokens, cachedInputTokens = 0, cacheWriteTokens = 0, reasoningTokens = 0 } = fields;
  const rest = (part = 0): number => Math.max(0, (totalTokens ?? 0) - part);
  // A total without parts is input, as for embeddings.
  const input = fields.inputTokens ?? rest(fields.outputTokens);
  const output = Math.max(fields.outputTokens ?? rest(input), reasoningTokens);
  const cached = cachedInputTokens + cacheWriteTokens;
  const excludesCached =
    cached > input || (totalTokens !== undefined && totalTokens === input + output + cached);
  return {
    input_tokens: excludesCached ? input + cached : input,
    output_tokens: output,
    cached_input_tokens: cachedInputTokens,
    cache_write_tokens: cacheWriteTokens,
    reasoning_tokens: reasoningTokens,
  };
}
