/** Token counts as they are sent: whether they agree with each other, and what follows where some are left out. */
import { invalid } from '../refusal.js';
import { compileRecord } from '../compiled.js';
import { sentField } from '../record.js';
import { TOKEN_NAMES, type Tokens, TOKENS } from '../tokens.js';
import { MAX_TOKENS } from '../types.js';
import type { Usage } from './execution.js';

type SentTokens = { [K in keyof Tokens]?: number | null } & { total_tokens?: number | null };

const readTokens = compileRecord<SentTokens, Tokens>(TOKENS.all.map(sentField));
const hasCounts = (sent: SentTokens): boolean => TOKEN_NAMES.some((name) => sent[name] != null);

/** Those of an execution itself. A total alone, beside the usages that it is the total of, is no count of its own. */
export function ownTokens(sent: SentTokens, usages: readonly Usage[] | undefined): Tokens | null {
  const { total_tokens } = sent;
  if (hasCounts(sent) || (total_tokens != null && usages === undefined)) {
    return agreeing(readTokens(sent), total_tokens, '');
  }
  if (total_tokens == null || usages === undefined) return null;
  const { input, output } = sumOf(usages);
  if (total_tokens !== input + output) {
    throw invalid(
      `total_tokens must be those of token_usages together, ${input + output}, not ${total_tokens}`,
    );
  }
  return null;
}

/**
 * The same counts.
 * @throws Refusal where the parts exceed the whole, or the total that was sent is another
 */
export function agreeing<T extends Tokens>(tokens: T, total: number | null | undefined, where: string): T {
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
  if (total != null && total !== input + output) {
    throw invalid(
      `${where}total_tokens must be input_tokens and output_tokens together, ${input + output}, not ${total}`,
    );
  }
  return tokens;
}

function sumOf(usages: readonly Usage[]): { input: number; output: number } {
  let [input, output] = [0, 0];
  for (const usage of usages) {
    input += usage.input_tokens;
    output += usage.output_tokens;
  }
  return { input, output };
}

export const TOO_MANY_TOKENS = `the token usages of an execution may have at most ${MAX_TOKENS} input and as many output tokens in all`;

/** The sum of an execution is a number of its own, and has to be one that can be read again. */
export function areTooMany(usages: readonly Usage[]): boolean {
  const { input, output } = sumOf(usages);
  return input > MAX_TOKENS || output > MAX_TOKENS;
}
