/**
 * Usage, cost and model inside attributes that hold an object of the provider, as JSON or as Python writes it. They are
 * searched instead of parsed, because only a few members matter, at whatever depth they stand.
 */
import type { Attributes, Kind } from './attributes.js';
import type { MappedTokens, TokenFields } from './token-mapping.js';
import { read } from './values.js';

interface UsageMember {
  field: MappedTokens['field'];
  kind: Kind;
  /** Alternatives, the first that is there. */
  members: readonly string[];
}

const CACHED: UsageMember = {
  field: 'cachedInputTokens',
  kind: 'count',
  members: [
    'cache_read_input_tokens',
    'cacheReadInputTokens',
    'cached_tokens',
    'cachedTokens',
    'cachedPromptTokens',
    'cachedContentTokenCount',
    'promptCacheHitTokens',
    'input_cached_tokens',
    'input_cache_read',
    'cache_read',
    'cache_read_tokens',
  ],
};
const WRITTEN: UsageMember = {
  field: 'cacheWriteTokens',
  kind: 'count',
  members: [
    'cache_creation_input_tokens',
    'cacheCreationInputTokens',
    'cacheWriteInputTokens',
    'input_cache_creation',
    'cache_creation',
    'cache_write',
    'cache_write_tokens',
  ],
};
const WRITTEN_1H: UsageMember = {
  field: 'cacheWrite1hTokens',
  kind: 'count',
  members: ['ephemeral_1h_input_tokens', 'ephemeral1hInputTokens', 'input_cache_creation_1h'],
};
const REASONING: UsageMember = {
  field: 'reasoningTokens',
  kind: 'count',
  members: [
    'reasoning_tokens',
    'reasoningTokens',
    'thoughtsTokenCount',
    'output_reasoning_tokens',
    'output_reasoning',
    'reasoning',
  ],
};
const TIER: UsageMember = { field: 'serviceTier', kind: 'tier', members: ['service_tier', 'serviceTier'] };

/** By attribute, those that say most about a call first. */
const USAGE_OBJECTS: Readonly<Record<string, readonly UsageMember[]>> = {
  'ai.response.providerMetadata': [
    CACHED,
    WRITTEN,
    WRITTEN_1H,
    REASONING,
    TIER,
    { field: 'totalTokens', kind: 'count', members: ['totalTokenCount'] },
    { field: 'costUsd', kind: 'money', members: ['cost'] },
  ],
  'langfuse.observation.usage_details': [
    { field: 'uncachedInputTokens', kind: 'count', members: ['input', 'input_tokens', 'prompt_tokens'] },
    { field: 'outputTokens', kind: 'count', members: ['output', 'output_tokens', 'completion_tokens'] },
    { field: 'totalTokens', kind: 'count', members: ['total', 'total_tokens'] },
    CACHED,
    WRITTEN,
    WRITTEN_1H,
    REASONING,
  ],
  'mlflow.chat.tokenUsage': [
    { field: 'inputTokens', kind: 'count', members: ['input_tokens'] },
    { field: 'outputTokens', kind: 'count', members: ['output_tokens'] },
    { field: 'totalTokens', kind: 'count', members: ['total_tokens'] },
    CACHED,
    WRITTEN,
  ],
  'mlflow.llm.cost': [{ field: 'costUsd', kind: 'money', members: ['total_cost'] }],
  'langfuse.observation.cost_details': [{ field: 'costUsd', kind: 'money', members: ['total'] }],
  'gen_ai.usage.input_token_details': [
    CACHED,
    WRITTEN,
    WRITTEN_1H,
    { field: 'inputAudioTokens', kind: 'count', members: ['audio'] },
  ],
  'gen_ai.usage.output_token_details': [
    REASONING,
    { field: 'outputAudioTokens', kind: 'count', members: ['audio'] },
  ],
  'metadata.usage_object': [CACHED, WRITTEN, WRITTEN_1H, REASONING],
  'llm.anthropic.usage': [CACHED, WRITTEN, WRITTEN_1H, TIER],
  'llm.openai.usage': [CACHED, REASONING],
};

/** Whole requests to the API of a provider, if their type says so: otherwise it may be what a user has written. */
const REQUEST = 'input.value';
const REQUEST_TYPE = 'input.mime_type';
/** What a request has beside the model. */
const ASKED = ['messages', 'input', 'prompt', 'contents', 'inputText'];

/** Where the model stands if it stands nowhere else, as for calls that failed. */
const MODEL_OBJECTS: Readonly<Record<string, readonly string[]>> = {
  'llm.invocation_parameters': ['model', 'model_name', 'model_id', 'modelId', 'deployment_name'],
  'embedding.invocation_parameters': ['model', 'model_name', 'model_id', 'modelId'],
  metadata: ['ls_model_name'],
  'langfuse.observation.model.parameters': ['model'],
  [REQUEST]: ['model', 'modelId'],
};
const PROVIDER_OBJECTS: Readonly<Record<string, readonly string[]>> = { metadata: ['ls_provider'] };

/** Attributes that this file reads. */
export const OBJECT_ATTRIBUTES: readonly string[] = [
  ...Object.keys(USAGE_OBJECTS),
  ...Object.keys(MODEL_OBJECTS),
  REQUEST_TYPE,
];

/** UTF-16 units of an object that are searched. */
const MAX_SEARCHED = 64 * 1024;

const PATTERNS = new Map<string, RegExp>();
function patternOf(member: string): RegExp {
  let pattern = PATTERNS.get(member);
  if (pattern === undefined) {
    pattern = new RegExp(
      `["']${member}["']\\s{0,9}:\\s{0,9}(?:["']([^"'\\\\]{1,256})["']|([\\d.]+(?:[eE][-+]?\\d+)?))`,
    );
    PATTERNS.set(member, pattern);
  }
  return pattern;
}

/** The value of the first of the members that the object has. */
function memberOf(object: string, members: readonly string[], kind: Kind): string | number | undefined {
  for (const member of members) {
    const [, text, number] = patternOf(member).exec(object) ?? [];
    const value = read(text ?? number, kind);
    if (value !== undefined) return value;
  }
  return undefined;
}

function objectIn(attributes: Attributes, name: string): string | undefined {
  const value = attributes.get(name);
  if (value === undefined || typeof value === 'number' || typeof value === 'boolean') return undefined;
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, MAX_SEARCHED);
}

/** Adds what the objects say of the usage, where no attribute says it. */
export function addUsageIn(attributes: Attributes, fields: TokenFields): void {
  const known = fields as Record<string, string | number | undefined>;
  const hasInput = fields.inputTokens !== undefined;
  for (const [name, members] of Object.entries(USAGE_OBJECTS)) {
    const object = objectIn(attributes, name);
    if (object === undefined) continue;
    for (const { field, kind, members: alternatives } of members) {
      if (field === 'uncachedInputTokens' && hasInput) continue;
      known[field] ??= memberOf(object, alternatives, kind);
    }
  }
}

/** What a provider calls input in the metadata that the Vercel AI SDK passes on: it never includes cached tokens. */
const RAW_INPUT =
  /"(?:anthropic|bedrock)"\s*:\s*\{\s*"usage"\s*:\s*\{[^{}]*?"(?:input_tokens|inputTokens)"\s*:\s*(\d+)/;

/** Whether the input leaves out cached tokens, if the provider's own usage stands beside it. */
export function rawInputIn(attributes: Attributes): number | undefined {
  const [, raw] = RAW_INPUT.exec(objectIn(attributes, 'ai.response.providerMetadata') ?? '') ?? [];
  return raw === undefined ? undefined : Number(raw);
}

export const modelIn = (attributes: Attributes): string | undefined => wordIn(attributes, MODEL_OBJECTS);
export const providerIn = (attributes: Attributes): string | undefined =>
  wordIn(attributes, PROVIDER_OBJECTS);

/** The first of the members of the objects themselves: what stands deeper may be content. */
function wordIn(
  attributes: Attributes,
  objects: Readonly<Record<string, readonly string[]>>,
): string | undefined {
  for (const [name, members] of Object.entries(objects)) {
    const object = objectIn(attributes, name);
    if (object === undefined) continue;
    const found = membersOf(object);
    if (name === REQUEST && !isRequest(attributes, found)) continue;
    for (const member of members) {
      const word = read(found.get(member), 'text');
      if (word !== undefined) return word as string;
    }
  }
  return undefined;
}

const isRequest = (attributes: Attributes, found: ReadonlyMap<string, string>): boolean =>
  attributes.get(REQUEST_TYPE) === 'application/json' && ASKED.some((member) => found.has(member));

/**
 * The members of an object in JSON or as Python writes it, which may have been cut. The value is that of a text, and empty
 * for any other.
 */
function membersOf(object: string): Map<string, string> {
  const members = new Map<string, string>();
  let depth = 0;
  let name: string | undefined;
  for (let i = 0; i < object.length; i += 1) {
    const character = object[i]!;
    if (character === '"' || character === "'") {
      const end = endOfText(object, i);
      const text = object.slice(i + 1, end);
      i = end;
      if (depth !== 1) continue;
      if (name === undefined) name = text;
      else if (members.get(name) === '') members.set(name, text.includes('\\') ? '' : text);
    } else if (character === ':' && depth === 1 && name !== undefined) members.set(name, '');
    else if (character === ',' && depth === 1) name = undefined;
    else if ('{[('.includes(character)) depth += 1;
    else if ('}])'.includes(character)) depth -= 1;
    if (depth === 0) break;
  }
  return members;
}

/** Where the text that begins here ends. */
function endOfText(object: string, from: number): number {
  for (let i = from + 1; i < object.length; i += 1) {
    if (object[i] === '\\') i += 1;
    else if (object[i] === object[from]) return i;
  }
  return object.length;
}
