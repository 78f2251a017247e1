/**
 * What the attributes of a span mean, as data: OpenTelemetry's GenAI conventions first, then the names that OpenInference,
 * OpenLLMetry (Traceloop) and older versions of the conventions have for the same. The first name that is there counts.
 */
import { isId } from '../../ids.js';
import { CONTENT_BYTES } from '../executions/schema.js';
import { storableText } from '../text.js';
import type { AttributeValue, RawSpan } from './protocol.js';

/** What a span is within an execution. */
export type Role = 'agent' | 'workflow' | 'model' | 'tool';

export interface Fields {
  role?: Role;
  provider?: string;
  model?: string;
  inputTokens?: number;
  outputTokens?: number;
  /** Both together; only for what those two leave open. */
  totalTokens?: number;
  cachedInputTokens?: number;
  cacheWriteTokens?: number;
  reasoningTokens?: number;
  costUsd?: number;
  agentId?: string;
  agentName?: string;
  workflow?: string;
  session?: string;
  user?: string;
  tool?: string;
  input?: string;
  output?: string;
  errorType?: string;
}

type Kind = 'text' | 'count' | 'money' | 'content';

export interface Mapped {
  field: Exclude<keyof Fields, 'role'>;
  kind: Kind;
  attributes: readonly string[];
}

export const MAPPING: readonly Mapped[] = [
  {
    field: 'provider',
    kind: 'text',
    attributes: ['gen_ai.provider.name', 'gen_ai.system', 'llm.provider', 'llm.system', 'llm.vendor'],
  },
  {
    field: 'model',
    kind: 'text',
    attributes: [
      'gen_ai.response.model',
      'gen_ai.request.model',
      'llm.response.model',
      'llm.model_name',
      'llm.request.model',
      'embedding.model_name',
    ],
  },
  {
    field: 'inputTokens',
    kind: 'count',
    attributes: [
      'gen_ai.usage.input_tokens',
      'gen_ai.usage.prompt_tokens',
      'llm.token_count.prompt',
      'llm.usage.prompt_tokens',
    ],
  },
  {
    field: 'outputTokens',
    kind: 'count',
    attributes: [
      'gen_ai.usage.output_tokens',
      'gen_ai.usage.completion_tokens',
      'llm.token_count.completion',
      'llm.usage.completion_tokens',
    ],
  },
  {
    field: 'totalTokens',
    kind: 'count',
    attributes: ['gen_ai.usage.total_tokens', 'llm.token_count.total', 'llm.usage.total_tokens'],
  },
  {
    field: 'cachedInputTokens',
    kind: 'count',
    attributes: [
      'gen_ai.usage.cache_read.input_tokens',
      'gen_ai.usage.cache_read_input_tokens',
      'gen_ai.usage.input_tokens.cached',
      'llm.token_count.prompt_details.cache_read',
      'llm.usage.cache_read_input_tokens',
    ],
  },
  {
    field: 'cacheWriteTokens',
    kind: 'count',
    attributes: [
      'gen_ai.usage.cache_creation.input_tokens',
      'gen_ai.usage.cache_creation_input_tokens',
      'llm.token_count.prompt_details.cache_write',
      'llm.usage.cache_creation_input_tokens',
    ],
  },
  {
    field: 'reasoningTokens',
    kind: 'count',
    attributes: [
      'gen_ai.usage.reasoning.output_tokens',
      'gen_ai.usage.output_tokens.reasoning',
      'gen_ai.usage.reasoning_tokens',
      'llm.token_count.completion_details.reasoning',
      'llm.usage.reasoning_tokens',
    ],
  },
  {
    field: 'costUsd',
    kind: 'money',
    attributes: ['gen_ai.usage.cost', 'gen_ai.usage.total_cost', 'llm.cost.total'],
  },
  { field: 'agentId', kind: 'text', attributes: ['gen_ai.agent.id', 'agent.id'] },
  { field: 'agentName', kind: 'text', attributes: ['gen_ai.agent.name', 'agent.name'] },
  { field: 'workflow', kind: 'text', attributes: ['gen_ai.workflow.name', 'traceloop.workflow.name'] },
  {
    field: 'session',
    kind: 'text',
    attributes: [
      'gen_ai.conversation.id',
      'session.id',
      'gen_ai.session.id',
      'traceloop.association.properties.session_id',
    ],
  },
  {
    field: 'user',
    kind: 'text',
    attributes: ['user.id', 'enduser.id', 'gen_ai.user.id', 'traceloop.association.properties.user_id'],
  },
  { field: 'tool', kind: 'text', attributes: ['gen_ai.tool.name', 'tool.name'] },
  {
    field: 'input',
    kind: 'content',
    attributes: [
      'gen_ai.tool.call.arguments',
      'gen_ai.input.messages',
      'input.value',
      'tool.parameters',
      'traceloop.entity.input',
      'gen_ai.prompt',
    ],
  },
  {
    field: 'output',
    kind: 'content',
    attributes: [
      'gen_ai.tool.call.result',
      'gen_ai.output.messages',
      'output.value',
      'traceloop.entity.output',
      'gen_ai.completion',
    ],
  },
  { field: 'errorType', kind: 'text', attributes: ['error.type', 'exception.type'] },
];

/** Attributes that say what a span is, and what their values (in lower case) mean. */
export const ROLE_ATTRIBUTES = [
  'gen_ai.operation.name',
  'openinference.span.kind',
  'traceloop.span.kind',
  'llm.request.type',
] as const;
export const ROLES: Readonly<Record<string, Role>> = {
  chat: 'model',
  text_completion: 'model',
  generate_content: 'model',
  embeddings: 'model',
  completion: 'model',
  llm: 'model',
  embedding: 'model',
  rerank: 'model',
  execute_tool: 'tool',
  tool: 'tool',
  invoke_agent: 'agent',
  agent: 'agent',
  invoke_workflow: 'workflow',
  workflow: 'workflow',
};

const MAX_WORD = 256;
/** UTF-16 units; a step shows no more. */
const MAX_CONTENT = CONTENT_BYTES;
const MAX_COUNT = 1e12;
const MAX_COST = 1e9;

/** What the mapping finds in a span; a value that makes no sense, such as a negative count, is as if it were not there. */
export function fieldsOf(span: RawSpan): Fields {
  const fields: Record<string, string | number> = {};
  for (const { field, kind, attributes } of MAPPING) {
    for (const name of attributes) {
      const value = read(span.attributes.get(name), kind);
      if (value === undefined) continue;
      fields[field] = value;
      break;
    }
  }
  const role = roleOf(span, fields);
  const found = { ...fields, ...(role && { role }) } as Fields;
  if (found.provider !== undefined) found.provider = found.provider.toLowerCase();
  // Content is shown of a tool's call, as a step, and otherwise as far as a preview goes.
  const shown = role === 'tool' ? MAX_CONTENT : MAX_WORD;
  if (found.input !== undefined) found.input = storableText(found.input, shown);
  if (role !== 'tool') delete found.output;
  else if (found.output !== undefined) found.output = storableText(found.output, shown);
  if (role === 'tool') found.tool ??= entityName(span) ?? afterFirstWord(span.name);
  if (role === 'agent') found.agentName ??= entityName(span) ?? afterFirstWord(span.name);
  if (role === 'workflow') found.workflow ??= entityName(span) ?? afterFirstWord(span.name);
  return found;
}

function roleOf({ attributes, name }: RawSpan, fields: Record<string, unknown>): Role | undefined {
  const said = ROLE_ATTRIBUTES.map((attribute) => attributes.get(attribute)).filter(
    (value) => typeof value === 'string',
  );
  const known = said.map((value) => ROLES[value.toLowerCase()]).find((role) => role !== undefined);
  if (known !== undefined) return known;
  const [first = ''] = name.split(' ');
  const named = name.includes(' ') ? ROLES[first.toLowerCase()] : undefined;
  const isGenAi = [...attributes.keys()].some((key) => key.startsWith('gen_ai.') || key.startsWith('llm.'));
  if (said.length === 0 && named !== undefined && isGenAi) return named;
  // One that counts tokens has called a model, and so has one that names it and does not say that it is something else.
  const counts = COUNTS.some((field) => fields[field] !== undefined);
  return counts || (said.length === 0 && fields.model !== undefined) ? 'model' : undefined;
}

const COUNTS = ['inputTokens', 'outputTokens', 'totalTokens'] as const satisfies readonly (keyof Fields)[];

const entityName = ({ attributes }: RawSpan): string | undefined =>
  read(attributes.get('traceloop.entity.name'), 'text') as string | undefined;

/** `execute_tool search` is of the tool `search`. */
function afterFirstWord(name: string): string | undefined {
  const rest = name.slice(name.indexOf(' ') + 1).trim();
  return rest === '' ? undefined : storableText(rest, MAX_WORD);
}

function read(value: AttributeValue | undefined, kind: Kind): string | number | undefined {
  if (value === undefined) return undefined;
  switch (kind) {
    case 'text': {
      const text =
        typeof value === 'string' ? value.trim() : Number.isSafeInteger(value) ? String(value) : '';
      return text === '' || text.includes('\0') ? undefined : storableText(text, MAX_WORD);
    }
    case 'content': {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return text === '' ? undefined : text;
    }
    case 'count': {
      const count = typeof value === 'string' && value !== '' ? Number(value) : value;
      return typeof count === 'number' && Number.isInteger(count) && count >= 0 && count <= MAX_COUNT
        ? count
        : undefined;
    }
    case 'money':
      return typeof value === 'number' && value >= 0 && value <= MAX_COST ? value : undefined;
  }
}

/** Names become ids: white space is not allowed in one. */
export function idFrom(name: string | undefined): string | null {
  if (name === undefined) return null;
  const id = name.replace(/[\p{C}\p{Z}]+/gu, '-').slice(0, 128);
  return isId(id) ? id : null;
}
