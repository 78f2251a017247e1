/** Token counts as the field's conventions have them: the parts are contained in input and output, never added. */
import { column, factTable } from './column.js';
import { tokens } from './types.js';

/** The columns of counts that executions and token usages share. */
export const TOKEN_COLUMNS = {
  input_tokens: column(tokens, {
    absent: 0,
    accepted: 'Including tokens read from and written to a cache.',
    shown: 'Including cached tokens.',
    exported: 16,
  }),
  output_tokens: column(tokens, {
    absent: 0,
    accepted: 'Including reasoning tokens.',
    shown: 'Including reasoning tokens.',
    exported: 17,
  }),
};

/** Those that are part of the input or of the output. */
export const TOKEN_PART_COLUMNS = {
  cached_input_tokens: column(tokens, {
    absent: 0,
    accepted: 'Part of the input, read from a cache.',
    shown: 'Tokens read from a cache.',
    exported: 19,
  }),
  cache_write_tokens: column(tokens, {
    absent: 0,
    accepted: 'Part of the input, written to a cache.',
    shown: 'Tokens written to a cache.',
    exported: 20,
  }),
  reasoning_tokens: column(tokens, {
    absent: 0,
    accepted: 'Part of the output.',
    shown: 'Reasoning tokens.',
    exported: 21,
  }),
  cache_write_1h_tokens: column(tokens, {
    absent: 0,
    accepted: 'Part of the tokens written to a cache: those that it keeps for an hour.',
    shown: 'Tokens written to a cache for an hour.',
    exported: 41,
  }),
  input_audio_tokens: column(tokens, {
    absent: 0,
    accepted: 'Part of the input that is audio.',
    shown: 'Input tokens that are audio.',
    exported: 42,
  }),
  output_audio_tokens: column(tokens, {
    absent: 0,
    accepted: 'Part of the output that is audio.',
    shown: 'Output tokens that are audio.',
    exported: 43,
  }),
};

/** What both show of the sum of input and output, which is accepted to be checked. */
export const TOTAL_TOKENS = {
  absent: 0,
  accepted: 'Sum of input and output; checked if it is sent.',
  shown: 'Sum of input and output.',
} as const;

type TokenName = keyof typeof TOKEN_COLUMNS | keyof typeof TOKEN_PART_COLUMNS;
export type Tokens = Record<TokenName, number>;

/** The counts by themselves, which are the same in both tables. */
export const TOKENS = factTable('token counts', { ...TOKEN_COLUMNS, ...TOKEN_PART_COLUMNS });
export const TOKEN_NAMES = Object.keys(TOKENS.columns) as TokenName[];

export const NO_TOKENS: Readonly<Tokens> = {
  input_tokens: 0,
  output_tokens: 0,
  cached_input_tokens: 0,
  cache_write_tokens: 0,
  reasoning_tokens: 0,
  cache_write_1h_tokens: 0,
  input_audio_tokens: 0,
  output_audio_tokens: 0,
};

export function addTokens(all: readonly Tokens[]): Tokens {
  const sum = { ...NO_TOKENS };
  for (const tokens of all) for (const name of TOKEN_NAMES) sum[name] += tokens[name];
  return sum;
}
