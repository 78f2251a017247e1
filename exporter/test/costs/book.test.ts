/** The price book knows providers by other names as well. */
import { bookCost } from './book-cost.js';
import { NO_TOKENS } from '../../src/facts/tokens.js';
import { formatUsd } from '../../src/money.js';

const AT = Date.parse('2026-03-18T09:00:00Z');
const MILLION = { ...NO_TOKENS, input_tokens: 1_000_000 };
const costOf = (provider: string | null, model: string): string | null => {
  const cost = bookCost(MILLION, provider, model, AT);
  return cost === null ? null : formatUsd(cost);
};

it.each([
  ['openai', 'gpt-4o', '2.5'],
  ['OpenAI', 'gpt-4o', '2.5'],
  ['X_AI', 'grok-3', '3'],
  ['azure.ai.inference', 'gpt-4o', '2.5'],
  ['azure.ai.openai', 'gpt-4o', '2.5'],
  ['az.ai.inference', 'gpt-4o', '2.5'],
  ['az.ai.openai', 'gpt-4o', '2.5'],
  ['anthropic', 'claude-3-5-sonnet-20241022', '3'],
  ['aws.bedrock', 'anthropic.claude-3-5-sonnet-20241022-v2:0', '3'],
  ['gcp.gen_ai', 'gemini-2.0-flash', '0.1'],
  ['gcp.gemini', 'gemini-2.0-flash', '0.1'],
  ['gcp.vertex_ai', 'gemini-2.0-flash', '0.1'],
  ['vertex_ai', 'gemini-2.0-flash', '0.1'],
  ['x_ai', 'grok-3', '3'],
  ['xai', 'grok-3', '3'],
  ['mistral_ai', 'mistral-large-latest', '2'],
  ['cohere', 'command-r', '0.15'],
  ['deepseek', 'deepseek-chat', expect.any(String)],
  ['groq', 'llama-3.3-70b-versatile', '0.59'],
  ['perplexity', 'sonar', '1'],
])('the provider %s of OpenTelemetry’s registry has the model %s at %s', (provider, model, wanted) => {
  expect(costOf(provider, model)).toEqual(wanted);
});

it.each(['constructor', '__proto__', 'toString', 'acme'])(
  '%s is an unknown model, and hides no other one as a provider',
  (name) => {
    expect(costOf(name, 'gpt-4o')).toBe('2.5');
    expect(costOf('openai', name)).toBeNull();
  },
);
