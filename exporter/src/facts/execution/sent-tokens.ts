/** Token counts as they are sent: whether they agree with each other, and what follows where some are left out. */
import { invalid } from '../refusal.js';
import { addTokens, NO_TOKENS, TOKEN_NAMES, type Tokens } from '../tokens.js';
import { MAX_TOKENS } from '../types.js';
import type { Usage } from './execution.js';

type SentTokens = { [K in keyof Tokens]?: number | null } & { total_tokens?: number | null };

const hasCounts = (sent: SentTokens): boolean => TOKEN_NAMES.some((name) => sent[name] != null);

/** Those of an execution itself. A total alone, beside the usages that it is the total of, is no count of its own. */
export function ownTokens(sent: SentTokens, usages: readonly Usage[] | undefined): Tokens | null {
  const { total_tokens } = sent;
  if (total_tokens == null || usages === undefined || hasCounts(sent)) return tokensOf(sent, '');
  const { input_tokens, output_tokens } = addTokens(usages);
  const sum = input_tokens + output_tokens;
  if (total_tokens !== sum) {
    throw invalid(`total_tokens must be those of token_usages together, ${sum}, not ${total_tokens}`);
  }
  return null;
}

/** Null where no count at all was sent. */
export function tokensOf(sent: SentTokens, where: string): Tokens | null {
  const { total_tokens } = sent;
  if (total_tokens == null && !hasCounts(sent)) return null;
  const tokens = { ...NO_TOKENS };
  for (const name of TOKEN_NAMES) tokens[name] = sent[name] ?? 0;
  const { input_tokens: input, output_tokens: output, reasoning_tokens: reasoning } = tokens;
  const { cached_input_tokens: cached, cache_write_tokens: written } = tokens;
  if (cached + written > input) {
    throw invalid(
      `${where}cached_input_tokens and cache_write_tokens are part of input_tokens: ` +
        `${cached} and ${written} exceed ${input}`,
    );
  }
  if (reasoning > output) {
    throw invalid(`${where}reasoning_tokens are part of output_tokens: ${reasoning} exceed ${output}`);
  }
  if (total_tokens != null && total_tokens !== input + output) {
    throw invalid(
      `${where}total_tokens must be input_tokens and output_tokens together, ${input + output}, not ${total_tokens}`,
    );
  }
  return tokens;
}

export const TOO_MANY_TOKENS = `the token usages of an execution may have at most ${MAX_TOKENS} input and as many output tokens in all`;

/** The sum of an execution is a number of its own, and has to be one that can be read again. */
export function areTooMany(usages: readonly Usage[]): boolean {
  const { input_tokens, output_tokens } = addTokens(usages);
  return input_tokens > MAX_TOKENS || output_tokens > MAX_TOKENS;
}
