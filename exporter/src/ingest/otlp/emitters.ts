/**
 * What is known of the libraries that emit spans: which counts they leave out of input and output, although the GenAI
 * conventions include them. The first entry that fits a span decides.
 */
import type { Fields } from './mapping.js';

type LeftOut = 'cached' | 'reasoning';

interface Emitter {
  library: string;
  /** Beginning of the name of the instrumentation scope. Without one, any scope. */
  scope?: string;
  /** Beginning of an attribute that the span has. */
  having?: string;
  provider?: RegExp;
  model?: RegExp;
  leavesOut: readonly LeftOut[];
}

/** Gemini's counts of candidates, which several libraries pass on as output, do not include its thoughts. */
const GOOGLE = /google|gemini|vertex/;
/** Claude's and Bedrock's counts of input, which several libraries pass on, do not include cached tokens. */
const ANTHROPIC = /anthropic|claude|bedrock/;

/** Input and output together, which only OpenLIT writes under the name of a metric. */
const OPENLIT = 'gen_ai.client.token.usage';

export const EMITTERS: readonly Emitter[] = [
  { library: 'Vercel AI SDK 6', having: 'ai.usage.inputTokenDetails.', leavesOut: [] },
  { library: 'Vercel AI SDK 6', having: 'ai.usage.outputTokenDetails.', leavesOut: [] },
  { library: 'Vercel AI SDK 5', having: 'ai.operationId', provider: ANTHROPIC, leavesOut: ['cached'] },
  { library: 'Vercel AI SDK 5', having: 'ai.operationId', provider: GOOGLE, leavesOut: ['reasoning'] },
  { library: 'Vercel AI SDK 7', scope: 'gen_ai', leavesOut: [] },
  { library: 'Pydantic AI', scope: 'pydantic-ai', leavesOut: [] },
  { library: 'OpenInference', scope: 'openinference.instrumentation', leavesOut: [] },
  {
    library: 'OpenLLMetry, Bedrock',
    scope: 'opentelemetry.instrumentation.bedrock',
    leavesOut: ['cached'],
  },
  {
    library: 'OpenLLMetry, Gemini',
    scope: 'opentelemetry.instrumentation.google_generativeai',
    leavesOut: ['reasoning'],
  },
  {
    library: 'OpenLLMetry, Vertex AI',
    scope: 'opentelemetry.instrumentation.vertexai',
    leavesOut: ['reasoning'],
  },
  {
    library: 'Strands Agents',
    scope: 'strands.telemetry.tracer',
    model: /anthropic|claude|amazon\.nova/,
    leavesOut: ['cached'],
  },
  { library: 'OpenLIT', having: OPENLIT, provider: ANTHROPIC, leavesOut: ['cached'] },
  { library: 'OpenLIT', having: OPENLIT, provider: GOOGLE, leavesOut: ['reasoning'] },
  // OpenLLMetry behind a collector that drops the scope: the conventions themselves have no total.
  {
    library: 'OpenLLMetry, Bedrock',
    having: 'gen_ai.usage.total_tokens',
    provider: /^aws[._]bedrock$|^bedrock$/,
    leavesOut: ['cached'],
  },
];

/** What an emitter leaves out, of a span with this scope and these attributes. */
export function leftOutBy(
  scope: string,
  attributes: Iterable<string>,
  { provider = '', model = '' }: Pick<Fields, 'provider' | 'model'>,
): readonly LeftOut[] | undefined {
  const names = [...attributes];
  return EMITTERS.find(
    (emitter) =>
      (emitter.scope === undefined || scope.startsWith(emitter.scope)) &&
      (emitter.provider?.test(provider) ?? true) &&
      (emitter.model?.test(model.toLowerCase()) ?? true) &&
      (emitter.having === undefined || names.some((name) => name.startsWith(emitter.having!))),
  )?.leavesOut;
}

/** Providers whose total includes reasoning tokens that are reported nowhere else. */
export const TOTAL_HAS_REASONING = /google|gemini|vertex|^x[_.-]?ai/;
