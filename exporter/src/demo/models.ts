/** The models that the demo's agents use. */

export interface Model {
  provider: string;
  name: string;
  /** Median duration of a call, in milliseconds. */
  medianMs: number;
  /** Median tokens per call. */
  input: number;
  output: number;
}

export const MODELS = {
  gpt4o: { provider: 'openai', name: 'gpt-4o', medianMs: 1_900, input: 5_200, output: 420 },
  gpt4oMini: { provider: 'openai', name: 'gpt-4o-mini', medianMs: 900, input: 3_800, output: 260 },
  sonnet: { provider: 'anthropic', name: 'claude-sonnet-4-0', medianMs: 3_400, input: 9_500, output: 900 },
  haiku: {
    provider: 'anthropic',
    name: 'claude-3-5-haiku-latest',
    medianMs: 1_100,
    input: 4_100,
    output: 350,
  },
  flash: { provider: 'google', name: 'gemini-2.5-flash', medianMs: 800, input: 6_000, output: 380 },
  // A self-hosted model without a list price, so its executions are unpriced until someone sets one.
  house: { provider: 'in-house', name: 'house-7b', medianMs: 2_600, input: 2_900, output: 300 },
} as const satisfies Record<string, Model>;
