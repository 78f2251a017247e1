/** Providers as instrumentations, gateways and people write them, read as those of the price book. */

/** Letters and digits only: `azure.ai.openai`, `Azure OpenAI` and `azure-ai-openai` differ in nothing else. */
export const collapsed = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** What a collapsed name begins with, contains, or is. */
interface Pattern {
  is?: readonly string[];
  begins?: readonly string[];
  contains?: readonly string[];
}

/**
 * By the id of the book. The first one that fits counts: a host stands before the maker whose name its own contains, as
 * in `azure_openai` and `google-vertex-anthropic`.
 */
const PROVIDERS: readonly (Pattern & { id: string })[] = [
  { id: 'openrouter', contains: ['openrouter'] },
  { id: 'github-copilot', contains: ['copilot'] },
  { id: 'azure', contains: ['azure'], begins: ['azai'] },
  { id: 'aws', is: ['aws'], contains: ['bedrock', 'amazon'] },
  { id: 'google', is: ['genai'], begins: ['gcp'], contains: ['vertex', 'gemini', 'google'] },
  { id: 'cloudflare', contains: ['cloudflare', 'workersai'] },
  { id: 'anthropic', is: ['claude'], contains: ['anthropic'] },
  { id: 'openai', contains: ['openai'] },
  { id: 'mistral', contains: ['mistral'] },
  { id: 'cohere', contains: ['cohere'] },
  { id: 'deepseek', contains: ['deepseek'] },
  { id: 'groq', contains: ['groq'] },
  { id: 'cerebras', contains: ['cerebras'] },
  { id: 'fireworks', contains: ['fireworks'] },
  { id: 'together', is: ['together', 'togethercomputer'], contains: ['togetherai'] },
  { id: 'perplexity', is: ['pplx'], contains: ['perplexity'] },
  { id: 'moonshotai', contains: ['moonshot'] },
  { id: 'minimax', contains: ['minimax'] },
  { id: 'voyageai', contains: ['voyage'] },
  { id: 'x-ai', is: ['xai', 'grok'], begins: ['xai', 'chatxai'] },
  { id: 'zhipuai', is: ['bigmodel'], contains: ['zhipu'] },
  { id: 'zai', is: ['zai', 'zaiorg'] },
  { id: 'baseten', contains: ['baseten'] },
  { id: 'novita', contains: ['novita'] },
  { id: 'ovhcloud', contains: ['ovh'] },
];

/** Servers of one's own. No book knows what a token costs there, whatever the name of the model. */
const SELF_HOSTED: Pattern = {
  is: ['local', 'localhost', 'llamacpp', 'mlx', 'tgi', 'jan', 'transformers', 'huggingfacelocal'],
  contains: [
    'ollama',
    'lmstudio',
    'vllm',
    'llamafile',
    'localai',
    'gpt4all',
    'sglang',
    'koboldcpp',
    'xinference',
  ],
};

/** Frameworks and gateways, which say nothing about who runs the model. */
const INTERMEDIARIES: Pattern = {
  is: ['', 'gateway', 'aigateway', 'none', 'null', 'unknown', 'agno', 'dspy'],
  contains: [
    ...[
      'langchain',
      'langgraph',
      'llamaindex',
      'haystack',
      'crewai',
      'autogen',
      'agentframework',
      'semantickernel',
    ],
    ...[
      'strands',
      'smolagents',
      'pydanticai',
      'litellm',
      'vercel',
      'portkey',
      'helicone',
      'traceloop',
      'openllmetry',
    ],
  ],
};

const fits = (name: string, { is = [], begins = [], contains = [] }: Pattern): boolean =>
  is.includes(name) ||
  begins.some((part) => name.startsWith(part)) ||
  contains.some((part) => name.includes(part));

/**
 * - `known`: the book has it
 * - `self-hosted`: only an own price can be right
 * - `intermediary`: it says nothing about the price, as if no provider had been sent
 * - `unknown`: it may be anybody, and has the prices of its models unless the tenant has its own
 */
type ProviderKind = 'known' | 'self-hosted' | 'intermediary' | 'unknown';

export interface ReadProvider {
  /** Of the book where it is known, otherwise the collapsed name. */
  id: string;
  kind: ProviderKind;
}

export function readProvider(sent: string | null): ReadProvider {
  const name = collapsed(sent ?? '');
  // An intermediary may be named after its parts, as in `langchain-openai`: then it does say who runs the model.
  const known = SELF_HOSTED.is!.includes(name) ? undefined : PROVIDERS.find((each) => fits(name, each));
  if (fits(name, SELF_HOSTED)) return { id: name, kind: 'self-hosted' };
  if (known !== undefined) return { id: known.id, kind: 'known' };
  if (fits(name, INTERMEDIARIES)) return { id: name, kind: 'intermediary' };
  return { id: name, kind: 'unknown' };
}

/** Clients and gateways of these providers also reach the models of others, which then have the prices of those. */
export const REACHES_OTHERS: readonly string[] = ['openai', 'anthropic', 'openrouter'];

/** Who makes models and sells them, in the order in which they are asked for a model of which no provider is known. */
export const MAKERS: readonly string[] = [
  ...[
    'openai',
    'anthropic',
    'google',
    'mistral',
    'cohere',
    'x-ai',
    'deepseek',
    'moonshotai',
    'minimax',
    'zhipuai',
  ],
  ...['zai', 'perplexity', 'voyageai'],
];
