/** Token counts as they are sent: whether they agree with each other, and what is not sent of them. */
import { addTokens, type Tokens } from '../../costs/tokens.js';
import type { Usage } from './execution.js';
import { invalid } from '../refusal.js';
import { MAX_TOKENS } from './schema.js';

interface SentTokens {
  input_tokens?: number | null;
  output_tokens?: number | null;
  total_tokens?: number | null;
  cached_input_tokens?: number | null;
  cache_write_tokens?: number | null;
  reasoning_tokens?: number | null;
}

/** Those of an execution itself. A total alone, beside the usages that it is the total of, is no count of its own. */
export function ownTokens(sent: SentTokens, usages: readonly Usage[] | undefined): Tokens | null {
  const { total_tokens, ...parts } = sentTokens(sent);
  if (total_tokens == null || usages === undefined || Object.values(parts).some((count) => count != null)) {
    return tokensOf(sent, '');
  }
  const { input, output } = addTokens(usages.map(({ tokens }) => tokens));
  if (total_tokens !== input + output) {
    throw invalid(
      `total_tokens must be those of token_usages together, ${input + output}, not ${total_tokens}`,
    );
  }
  return null;
}

const sentTokens = ({
  input_tokens,
  output_tokens,
  total_tokens,
  cached_input_tokens,
  cache_write_tokens,
  reasoning_tokens,
}: SentTokens): SentTokens => ({
  input_tokens,
  output_tokens,
  total_tokens,
  cached_input_tokens,
  cache_write_tokens,
  reasoning_tokens,
});

/** Null where no count at all was sent. */
export function tokensOf(sent: SentTokens, where: string): Tokens | null {
  if (Object.values(sentTokens(sent)).every((count) => count == null)) return null;
  const { input_tokens, output_tokens, total_tokens } = sent;
  const tokens: Tokens = {
    input: input_tokens ?? 0,
    output: output_tokens ?? 0,
    cachedInput: sent.cached_input_tokens ?? 0,
    cacheWrite: sent.cache_write_tokens ?? 0,
    reasoning: sent.reasoning_tokens ?? 0,
  };
  if (tokens.cachedInput + tokens.cacheWrite > tokens.input) {
    throw invalid(
      `${where}cached_input_tokens and cache_write_tokens are part of input_tokens: ` +
        `${tokens.cachedInput} and ${tokens.cacheWrite} exceed ${tokens.input}`,
    );
  }
  if (tokens.reasoning > tokens.output) {
    throw invalid(
      `${where}reasoning_tokens are part of output_tokens: ${tokens.reasoning} exceed ${tokens.output}`,
    );
  }
  if (total_tokens != null && total_tokens !== tokens.input + tokens.output) {
    throw invalid(
      `${where}total_tokens must be input_tokens and output_tokens together, ${tokens.input + tokens.output}, not ${total_tokens}`,
    );
  }
  return tokens;
}

export const TOO_MANY_TOKENS = `the token usages of an execution may have at most ${MAX_TOKENS} input and as many output tokens in all`;

/** The sum of an execution is a number of its own, and has to be one that can be read again. */
export function areTooMany(usages: readonly Usage[]): boolean {
  const { input, output } = addTokens(usages.map(({ tokens }) => tokens));
  return input > MAX_TOKENS || output > MAX_TOKENS;
}
