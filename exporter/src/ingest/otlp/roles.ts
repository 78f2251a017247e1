/** The role of a span, and the names of agents, workflows and tools, from what it declares and from what it is called. */
import type { Attributes, AttributeValue } from './attributes.js';
import {
  AGENT_ATTRIBUTES,
  COUNTING,
  ENTITY_NAME,
  type Fields,
  isGenAi,
  PRODUCT_ROLE_ATTRIBUTES,
  type Role,
  ROLE_ATTRIBUTES,
  ROLES,
} from './mapping.js';
import type { RawSpan } from './protocol.js';
import { read, unquoted } from './values.js';

/** The kinds that a span declares, in any of the conventions. */
export function kindsOf(attributes: Attributes): string[] {
  const kinds: string[] = [];
  for (const attribute of ROLE_ATTRIBUTES) {
    const word = attributes.get(attribute);
    if (typeof word === 'string') kinds.push(word.toLowerCase());
  }
  for (const attribute of PRODUCT_ROLE_ATTRIBUTES) {
    const word = attributes.get(attribute);
    const kind = typeof word === 'string' ? unquoted(word).toLowerCase() : undefined;
    if (kind !== undefined && roleNamed(kind) !== undefined) kinds.push(kind);
  }
  return kinds;
}

const COUNTS = ['inputTokens', 'outputTokens', 'totalTokens'] as const satisfies readonly (keyof Fields)[];

/** Google ADK 1 declares nothing: `agent_run [weather]`. */
const AGENT_RUN = /^agent_run \[(.+)\]$/;
/** Models are named by requests that call none, too. */
const NO_CALL = /count_?tokens/i;
/** Another agent goes on, which is no tool; OpenInference declares it as one. */
const HANDOFF = /^handoff to /i;
/** Kinds of spans that are no part of a run. */
const NO_RUN: ReadonlySet<string> = new Set(['create_agent']);

/** @param found fields that have been read */
export function roleOf(span: RawSpan, kinds: readonly string[], found: Fields): Role | undefined {
  if (span.attributes.has(COUNTING)) return 'chain';
  const declared = kinds.map(roleNamed).filter((role) => role !== undefined);
  if (declared.length > 0) {
    const role = strongest(declared);
    return role === 'tool' && found.tool === undefined && HANDOFF.test(span.name) ? 'chain' : role;
  }
  if (kinds.length === 0) {
    const named = span.name.includes(' ') ? roleNamed(firstWord(span.name).toLowerCase()) : undefined;
    if (named !== undefined && [...span.attributes.keys()].some(isGenAi)) return named;
    if (AGENT_RUN.test(span.name)) return 'agent';
  }
  if (COUNTS.some((field) => found[field] !== undefined)) return 'counted';
  // A span with a model is a model call, unless it declares another kind.
  if (kinds.length === 0) {
    if (found.model === undefined) return undefined;
    return NO_CALL.test(span.name) ? 'chain' : 'model';
  }
  return kinds.some((kind) => NO_RUN.has(kind)) ? undefined : 'chain';
}

/** OpenLLMetry declares a workflow as an agent too; a chain may be declared as anything more precise. */
function strongest(roles: readonly Role[]): Role {
  if (roles.includes('workflow')) return 'workflow';
  return roles.find((role) => role !== 'chain') ?? 'chain';
}

const roleNamed = (word: string): Role | undefined => (Object.hasOwn(ROLES, word) ? ROLES[word] : undefined);

const firstWord = (text: string): string => text.split(' ', 1)[0]!;

/** Names a span by its role. */
export function addNames(span: RawSpan, kinds: readonly string[], found: Fields): void {
  switch (found.role) {
    case 'tool':
      found.tool ??= entityOf(span) ?? calledOf(span, kinds) ?? titleOf(span, kinds);
      return;
    case 'workflow':
      nameWorkflow(span, kinds, found);
      return;
    case 'agent':
      nameAgent(span, kinds, found);
      return;
    case 'chain':
      nameChain(span, found);
  }
}

/** A workflow of LangChain that is called as the agent is that agent. */
function nameWorkflow(span: RawSpan, kinds: readonly string[], found: Fields): void {
  found.workflow ??= entityOf(span) ?? calledOf(span, kinds) ?? titleOf(span, kinds);
  const agent = langChainAgentOf(span.attributes);
  delete found.agentId;
  delete found.agentName;
  if (agent === undefined || agent !== found.workflow) return;
  found.role = 'agent';
  found.agentName = agent;
}

function nameAgent(span: RawSpan, kinds: readonly string[], found: Fields): void {
  const { attributes } = span;
  const called = calledOf(span, kinds);
  found.agentName ??=
    langChainAgentOf(attributes) ??
    textOf(attributes.get(AGENT_ATTRIBUTES.node)) ??
    entityOf(span) ??
    AGENT_RUN.exec(span.name)?.[1] ??
    // The Vercel AI SDK names the model after the operation.
    (called === found.model ? undefined : called);
  const title = titleOf(span, kinds);
  if (found.agentName !== undefined || title === undefined) return;
  const method = withoutMethod(title);
  if (method === title) found.label = title;
  else found.agentName = method;
}

/** The names of agents on most chains are those of the spans around them. */
function nameChain({ name, attributes }: RawSpan, found: Fields): void {
  const isVercel = attributes.has('ai.operationId');
  const agent = isVercel ? (found.agentName ?? textOf(attributes.get(AGENT_ATTRIBUTES.resource))) : undefined;
  delete found.agentId;
  delete found.agentName;
  const named = agent ?? langChainAgentOf(attributes);
  if (named !== undefined) found.agentName = named;
  const label = textOf(withoutMethod(name));
  if (label !== undefined && !isVercel) found.label = label;
}

/** `news_crew.kickoff` → `news_crew`: frameworks append the method that was called. */
const withoutMethod = (name: string): string =>
  name.replace(
    /\.(?:_?execute_core|a?(?:kickoff|run|invoke|stream|chat)(?:_async)?|workflow|agent|task)$/,
    '',
  );

const textOf = (value: AttributeValue | undefined): string | undefined =>
  read(value, 'text') as string | undefined;

const entityOf = ({ attributes }: RawSpan): string | undefined => textOf(attributes.get(ENTITY_NAME));

/** `execute_tool search` → `search`, if the name begins with the operation. */
function calledOf({ name, attributes }: RawSpan, kinds: readonly string[]): string | undefined {
  const first = firstWord(name);
  return isOperation(first, attributes, kinds) ? textOf(name.slice(first.length)) : undefined;
}

/** The name of a span that does not begin with the operation. */
function titleOf({ name, attributes }: RawSpan, kinds: readonly string[]): string | undefined {
  return isOperation(firstWord(name), attributes, kinds) ? undefined : textOf(name);
}

/** Only OpenTelemetry puts the operation first; an OpenInference agent may well be called "agent". */
const isOperation = (word: string, attributes: Attributes, kinds: readonly string[]): boolean =>
  kinds.length === 0 || attributes.get('gen_ai.operation.name') === word;

/** LangChain has the name of the agent in its metadata, which is JSON. */
function langChainAgentOf(attributes: Attributes): string | undefined {
  const own = textOf(attributes.get(AGENT_ATTRIBUTES.langChain));
  if (own !== undefined) return own;
  const metadata = attributes.get(AGENT_ATTRIBUTES.metadata);
  if (typeof metadata === 'object' && !Array.isArray(metadata)) return textOf(metadata.lc_agent_name);
  // Only the one name is read: the metadata may be long.
  const [, name] = typeof metadata === 'string' ? (LC_AGENT_NAME.exec(metadata) ?? []) : [];
  return name === undefined ? undefined : textOf(JSON.parse(name) as string);
}

const LC_AGENT_NAME = /"lc_agent_name":\s*("(?:[^"\\\p{Cc}]|\\["\\/bfnrt]|\\u[\da-fA-F]{4})*")/u;
