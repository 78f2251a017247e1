/** Token counts as the field's conventions have them: the parts are contained in input and output, never added. */
export interface Tokens {
  /** With cachedInput and cacheWrite. */
  input: number;
  /** With reasoning. */
  output: number;
  cachedInput: number;
  cacheWrite: number;
  reasoning: number;
}

export function addTokens(all: readonly Tokens[]): Tokens {
  const sum: Tokens = { input: 0, output: 0, cachedInput: 0, cacheWrite: 0, reasoning: 0 };
  for (const tokens of all) {
    sum.input += tokens.input;
    sum.output += tokens.output;
    sum.cachedInput += tokens.cachedInput;
    sum.cacheWrite += tokens.cacheWrite;
    sum.reasoning += tokens.reasoning;
  }
  return sum;
}
