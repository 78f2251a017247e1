/** What tokens cost at given prices. */
import type { Tokens } from '../facts/tokens.js';
import { perMillion, type Usd } from '../money.js';

/** USD per million tokens. */
export interface Rates {
  input: Usd;
  output: Usd;
  cachedInput: Usd;
  cacheWrite: Usd;
}

/** Cached tokens are part of the input, but have prices of their own. */
export function costAt({ input, output, cachedInput, cacheWrite }: Rates, tokens: Tokens): Usd {
  const uncached = tokens.input_tokens - tokens.cached_input_tokens - tokens.cache_write_tokens;
  return (
    perMillion(uncached, input) +
    perMillion(tokens.cached_input_tokens, cachedInput) +
    perMillion(tokens.cache_write_tokens, cacheWrite) +
    perMillion(tokens.output_tokens, output)
  );
}
