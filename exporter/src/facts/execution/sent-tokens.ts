/** Token counts as they are sent: whether they agree with each other, and what follows where some are left out. */
import { invalid } from '../refusal.js';
import { compileRecord } from '../compiled.js';
import { sentField } from '../record.js';
import { TOKEN_NAMES, type Tokens, TOKENS } from '../tokens.js';
import { MAX_TOKENS } from '../types.js';
import type { Usage } from './execution.js';

type SentTokens = { [K in keyof Tokens]?: number | null } & { total_tokens?: number | null };

/** Counts that are part of another one. */
const PARTS: readonly (readonly [part: keyof Tokens, whole: keyof Tokens])[] = [
  ['reasoning_tokens', 'output_tokens'],
  ['cache_write_1h_tokens', 'cache_write_tokens'],
  ['input_audio_tokens', 'input_tokens'],
  ['output_audio_tokens', 'output_tokens'],
];

const readTokens = compileRecord<SentTokens, Tokens>(TOKENS.all.map(sentField));
export const hasCounts = (sent: SentTokens): boolean => TOKEN_NAMES.some((name) => sent[name] != null);

/** Those of an execution itself. A total alone, beside the usages that it is the total of, is no count of its own. */
export function ownTokens(sent: SentTokens, usages: readonly Usage[] | undefined): Tokens | null {
  const { total_tokens } = sent;
  if (hasCounts(sent) || (total_tokens != null && usages === undefined)) {
    return agreeing(readTokens(sent), sent, '');
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
 * The same counts; cache writes are at least those for an hour where only these were sent.
 * @param sent what they were read of
 * @throws Refusal where the parts exceed the whole, or the total that was sent is another
 */
export function agreeing<T extends Tokens>(tokens: T, sent: SentTokens, where: string): T {
  if (sent.cache_write_tokens == null) tokens.cache_write_tokens = tokens.cache_write_1h_tokens;
  const { input_tokens: input, output_tokens: output, cached_input_tokens: cached } = tokens;
  const { cache_write_tokens: written } = tokens;
  const { total_tokens: total } = sent;
  if (cached + written > input) {
    throw invalid(
      `${where}cached_input_tokens and cache_write_tokens are part of input_tokens: ` +
        `${cached} and ${written} exceed ${input}`,
    );
  }
  for (const [part, whole] of PARTS) {
    if (tokens[part] <= tokens[whole]) continue;
    throw invalid(`${where}${part} are part of ${whole}: ${tokens[part]} exceed ${tokens[whole]}`);
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
