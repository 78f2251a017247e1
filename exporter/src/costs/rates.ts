/** What tokens cost at given prices. */
import type { Tokens } from '../facts/tokens.js';
import { perMillion, type Usd } from '../money.js';

/** USD per million tokens. */
export interface Rate {
  usd: Usd;
  /** For calls with more input tokens than these, in their order. */
  above?: readonly { tokens: number; usd: Usd }[];
}

/** A rate that is left out is not known. */
export interface Rates {
  input: Rate;
  output: Rate;
  cachedInput?: Rate | undefined;
  cacheWrite?: Rate | undefined;
  cacheWrite1h?: Rate | undefined;
  inputAudio?: Rate | undefined;
  cachedAudio?: Rate | undefined;
  outputAudio?: Rate | undefined;
  /** Default: that of output. */
  reasoning?: Rate | undefined;
  /** Nothing is paid for this model. */
  isFree?: boolean;
}

/** What the tokens are of: one call, or an execution of which only the sum of its calls is known. */
export type Scope = 'call' | 'sum';

export interface Priced {
  usd: Usd;
  /** What has to be known about the cost. */
  note: string | null;
}
/** Why there is no cost. */
export interface Unpriced {
  usd: null;
  note: string;
}

const unpriced = (note: string): Unpriced => ({ usd: null, note });

/** Cached and audio tokens are part of the input or the output, but have prices of their own. */
export function costAt(rates: Rates, tokens: Tokens, scope: Scope): Priced | Unpriced {
  const { input_tokens: input, output_tokens: output, cached_input_tokens: cached } = tokens;
  const { cache_write_tokens: written, cache_write_1h_tokens: written1h } = tokens;
  const { input_audio_tokens: audio, output_audio_tokens: spoken, reasoning_tokens: reasoning } = tokens;
  if (rates.isFree === true) return { usd: 0n, note: null };
  const unknown = unknownRate(rates, tokens);
  if (unknown !== null) return unpriced(`no price is known for ${unknown}`);
  // The sum of many short calls is not one long call.
  const length = scope === 'call' ? input : 0;
  const cost = (count: number, rate: Rate | undefined): Usd =>
    count === 0 || rate === undefined ? 0n : perMillion(count, usdOf(rate, length));
  const cachedAudio = cachedAudioOf(rates, tokens);
  if (cachedAudio === null) {
    return unpriced('how many of the cached tokens are audio is not known, and audio has a price of its own');
  }
  const thought = rates.reasoning === undefined ? 0 : Math.min(reasoning, output - spoken);
  const usd =
    cost(input - cached - written - (audio - cachedAudio), rates.input) +
    cost(cached - cachedAudio, rates.cachedInput) +
    cost(written - written1h, rates.cacheWrite) +
    cost(written1h, rates.cacheWrite1h) +
    cost(audio - cachedAudio, rates.inputAudio) +
    cost(cachedAudio, rates.cachedAudio ?? rates.cachedInput) +
    cost(output - spoken - thought, rates.output) +
    cost(thought, rates.reasoning) +
    cost(spoken, rates.outputAudio);
  return { usd, note: scope === 'sum' ? noteOnLength(rates, input) : null };
}

/** Which of the tokens have a rate that is not known. */
function unknownRate(rates: Rates, tokens: Tokens): string | null {
  if (tokens.cached_input_tokens > 0 && rates.cachedInput === undefined) return 'cached input';
  if (tokens.cache_write_tokens > tokens.cache_write_1h_tokens && rates.cacheWrite === undefined) {
    return 'cache writes';
  }
  if (tokens.cache_write_1h_tokens > 0 && rates.cacheWrite1h === undefined) return 'cache writes for an hour';
  if (tokens.input_audio_tokens > 0 && rates.inputAudio === undefined) return 'audio input';
  if (tokens.output_audio_tokens > 0 && rates.outputAudio === undefined) return 'audio output';
  return null;
}

/** How many of the audio tokens are cached ones; null where that is not known and matters. */
function cachedAudioOf(rates: Rates, tokens: Tokens): number | null {
  const { input_tokens: input, cached_input_tokens: cached, cache_write_tokens: written } = tokens;
  const audio = tokens.input_audio_tokens;
  const [least, most] = [Math.max(0, audio - (input - cached - written)), Math.min(audio, cached)];
  if (least === most) return least;
  const { input: text, cachedInput = text, inputAudio = text, cachedAudio = cachedInput } = rates;
  // One more cached token that is audio is one fewer of text, and the other way round for those not cached.
  return text.usd + cachedAudio.usd === cachedInput.usd + inputAudio.usd ? least : null;
}

function usdOf({ usd, above }: Rate, length: number): Usd {
  if (above === undefined) return usd;
  let rate = usd;
  for (const step of above) if (length > step.tokens) rate = step.usd;
  return rate;
}

/** Where long calls cost more, the sum of an execution does not say what it costs. */
function noteOnLength(rates: Rates, input: number): string | null {
  const [first] = rates.input.above ?? rates.output.above ?? [];
  if (first === undefined || input <= first.tokens) return null;
  return (
    `priced at the rates of calls of up to ${first.tokens} input tokens: longer calls cost more, and of this execution ` +
    'only the sum of its calls is known'
  );
}
