/** Names of models as instrumentations, gateways and clouds write them, read as names that a price can have. */
import { collapsed, readProvider } from './providers.js';

export interface ReadName {
  /** Providers that the name itself tells: by its prefix, such as `azure/`, or its form, such as an ARN of Bedrock. */
  providers: readonly string[];
  /** The same model, written in other ways; the first one is the name as it was sent, in lower case. */
  spellings: readonly string[];
  /** Names that cover the model and more: without region, variant or date. From the narrowest to the widest. */
  wider: readonly string[];
}

/** Geographic prefixes of inference profiles. */
const REGION = /^(?:us-gov|us|eu|apac|jp|au|ca|in|sa|me|af|global)\.(?=[a-z0-9-]+\.)/;
/** Vendors of models on Bedrock. */
const VENDOR =
  /^(?:anthropic|amazon|meta|mistral|cohere|ai21|deepseek|openai|qwen|google|nvidia|writer|stability|minimax|moonshotai?)\./;
/** Revision of a model on Bedrock. */
const REVISION = /(?:-v\d+)?:\d+(?::\w+)?$/;
/** Routes of OpenRouter, and the long context of Claude Code (`[1m]`), which have the price of the model. */
const ROUTE = /(?::(?:nitro|free|floor|online|exacto|thinking|beta|extended|latest|default)|\[1m\])$/;
const DATE = /[-@](?:20\d{2}-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01]))$/;
const LATEST = /[-@](?:latest|default)$/;
/** Numbered releases of models on Vertex AI. */
const RELEASE = /[-@]00\d$/;

/** Where the id of a model stands in an ARN. The id of an application's own profile says nothing. */
const ARN = /^arn:[\w-]+:bedrock:[^/]*:(?:foundation-model|inference-profile)\/(.+)$/;
const VERTEX = /(?:^|\/)publishers\/[^/]+\/models\//;

export function readName(sent: string): ReadName {
  const name = sent.trim().toLowerCase();
  const providers: string[] = [];
  const spellings = new Set([name]);
  const told = ARN.exec(name)?.[1] ?? name;
  if (told !== name) {
    providers.push('aws');
    spellings.add(told);
  }
  if (VERTEX.test(told)) providers.push('google');
  const last = withoutPrefixes(told, providers, spellings);
  for (const spelling of spellingsOf(last)) spellings.add(spelling);
  if (isOfBedrock(last)) providers.unshift('aws');
  const routed = [...spellings].map((each) => each.replace(ROUTE, ''));
  const wider = new Set([...routed, ...widerOf(last), ...routed.flatMap(undated)]);
  return {
    providers: [...new Set(providers)],
    spellings: [...spellings],
    wider: [...wider].filter((each) => each !== '' && !spellings.has(each)),
  };
}

/** Each prefix is one more name that prices are asked under. The longest form, that of Vertex AI, has seven. */
const MAX_PREFIXES = 8;

/** Takes off what stands before a slash, or a provider before a colon, and adds what is left each time. */
function withoutPrefixes(name: string, providers: string[], spellings: Set<string>): string {
  let rest = name;
  for (let taken = 0; taken < MAX_PREFIXES; taken += 1) {
    const slash = rest.indexOf('/');
    const end = slash >= 0 ? slash : providerBeforeColon(rest);
    if (end < 0 || end === rest.length - 1) return rest;
    const { id, kind } = readProvider(rest.slice(0, end));
    if (kind === 'known') providers.push(id);
    rest = rest.slice(end + 1);
    spellings.add(rest);
  }
  return rest;
}

/** Providers that stand before a colon, collapsed. After another word it begins a variant, or the size of a model. */
const BEFORE_COLON = new Set([
  ...['openai', 'openaichat', 'openairesponses', 'azure', 'azureopenai', 'azureai', 'anthropic', 'claude'],
  ...['google', 'googlegla', 'googlevertex', 'googlegenai', 'googlevertexai', 'vertexai', 'gemini'],
  ...[
    'bedrock',
    'bedrockconverse',
    'awsbedrock',
    'mistral',
    'mistralai',
    'cohere',
    'deepseek',
    'groq',
    'xai',
    'grok',
  ],
  ...[
    'openrouter',
    'together',
    'togetherai',
    'fireworks',
    'fireworksai',
    'cerebras',
    'perplexity',
    'moonshotai',
  ],
]);

function providerBeforeColon(name: string): number {
  const colon = name.indexOf(':');
  return colon >= 0 && BEFORE_COLON.has(collapsed(name.slice(0, colon))) ? colon : -1;
}

const isOfBedrock = (name: string): boolean => REGION.test(name) || VENDOR.test(name);

function* spellingsOf(name: string): Generator<string> {
  const words = name.replace(/\s+/g, '-');
  yield words;
  yield words.replace(/^gpt-35(?=-|$)/, 'gpt-3.5');
  if (words.indexOf('@') > 0) yield words.replace('@', '-');
  if (!REGION.test(name) && VENDOR.test(name)) yield* unrevised(name.replace(VENDOR, ''));
}

function* unrevised(name: string): Generator<string> {
  yield name;
  yield name.replace(REVISION, '');
}

/** `ft:gpt-4o:acme:bot:9xYz` → `ft:gpt-4o`: a fine-tuned model has another price than the one that it is made of. */
const fineTunedOf = (name: string): string => name.split(':').slice(0, 2).join(':');

function* widerOf(name: string): Generator<string> {
  if (name.startsWith('ft:')) {
    yield fineTunedOf(name);
    return;
  }
  const plain = name.replace(/\s+/g, '-').replace(ROUTE, '');
  yield plain;
  const placeless = plain.replace(REGION, '');
  yield placeless;
  yield* unrevised(placeless.replace(VENDOR, ''));
  yield plain.replace(RELEASE, '');
}

/** Without a date at the end, and without what stands for the latest. */
function undated(name: string): string[] {
  const bare = name.replace(ROUTE, '').replace(REVISION, '').replace(REGION, '').replace(VENDOR, '');
  const base = name.startsWith('ft:') ? fineTunedOf(name) : bare;
  const without = base.replace(DATE, '').replace(LATEST, '');
  return without === base ? [] : [without];
}
