/** Reads the fields of a span from its attributes and its name, by the mapping. */
import { CONTENT_BYTES } from '../../facts/cut.js';
import { storableText } from '../../facts/text.js';
import type { Content } from '../content.js';
import type { Attributes } from './attributes.js';
import { leftOutBy } from './emitters.js';
import { errorTypeOfMessage, isTimeout, TIMEOUT } from './errors.js';
import {
  COUNTING,
  ENTITY_NAME,
  type Fields,
  isGenAi,
  type Mapped,
  MAPPING,
  type Role,
  ROLE_ATTRIBUTES,
  ROLES,
} from './mapping.js';
import { askedIn } from './messages.js';
import { type RawSpan, STATUS_ERROR } from './protocol.js';
import { questionOf, toolContentOf } from './question.js';
import { addUsageIn, modelIn, providerIn, rawInputIn } from './usage-objects.js';
import { MAX_WORD, read } from './values.js';

/** In UTF-16 units. Steps store no more than this. */
const MAX_CONTENT = CONTENT_BYTES;

/** The mapping by attribute, because a span has fewer attributes than the mapping has names. The lower rank wins. */
const BY_ATTRIBUTE = new Map<string, (Pick<Mapped, 'field' | 'kind'> & { index: number; rank: number })[]>();
MAPPING.forEach(({ field, kind, attributes }, index) =>
  attributes.forEach((attribute, rank) => {
    const others = BY_ATTRIBUTE.get(attribute) ?? [];
    BY_ATTRIBUTE.set(attribute, [...others, { field, kind, index, rank }]);
  }),
);

/** More than the attributes of any field. */
const AFTER_OTHERS = 1_000;

/** The Vercel AI SDK appends the API to the provider: `groq.chat`. */
const INTERFACE = /\.(?:chat|completion|embedding|messages|responses)$/;

/** Invalid values, such as a negative count, are ignored. */
export function fieldsOf(span: RawSpan, content: Content): Fields {
  const found: Fields = {};
  const fields = found as Record<string, string | number>;
  const ranks: number[] = [];
  for (const [attribute, sent] of span.attributes) {
    for (const { field, kind, index, rank } of BY_ATTRIBUTE.get(attribute) ?? []) {
      const value = rank < (ranks[index] ?? Infinity) ? read(sent, kind) : undefined;
      if (value === undefined) continue;
      // Some emitters write 0 for what another attribute counts.
      const its = value === 0 ? rank + AFTER_OTHERS : rank;
      if (its >= (ranks[index] ?? Infinity)) continue;
      fields[field] = value;
      ranks[index] = its;
    }
  }
  const kinds = kindsOf(span);
  const role = roleOf(span, kinds, fields);
  if (role !== undefined) found.role = role;
  if (role === 'model') {
    found.model ??= modelIn(span.attributes);
    found.provider ??= providerIn(span.attributes);
  }
  if (found.provider !== undefined) found.provider = found.provider.toLowerCase().replace(INTERFACE, '');
  if (role === 'model' || role === 'counted' || role === 'agent') addUsage(span, found);
  readErrorType(span, found, content);
  readContent(span, found, content);
  if (role === 'tool') found.tool ??= nameOf(span, kinds);
  if (role === 'agent') found.agentName ??= nameOf(span, kinds);
  if (role === 'workflow') found.workflow ??= nameOf(span, kinds);
  return found;
}

/** A tool call is stored as a step with its content. Of other spans only a preview is needed. */
function readContent({ attributes, events }: RawSpan, found: Fields, content: Content): void {
  if (found.role === 'tool') {
    const { input = toolContentOf(events).input, output = toolContentOf(events).output } = found;
    found.input = kept(input && content.step(input), MAX_CONTENT);
    found.output = kept(output && content.step(output), MAX_CONTENT);
    return;
  }
  const question = questionOf(attributes, events) ?? askedIn(found.input);
  found.input = kept(question && content.preview(question), MAX_WORD);
  delete found.output;
}

const kept = (text: string | undefined, units: number): string | undefined =>
  text === undefined ? undefined : storableText(text, units);

/** Without its message, the type also has to tell whether it is a timeout. */
function readErrorType({ statusCode, statusMessage }: RawSpan, found: Fields, content: Content): void {
  if (statusCode === STATUS_ERROR) {
    const read = errorTypeOfMessage(statusMessage);
    const isHidden = content.capture === 'none' && read === TIMEOUT;
    found.errorType = isHidden && !isTimeout(found.errorType ?? '') ? TIMEOUT : (found.errorType ?? read);
  }
  if (found.errorType !== undefined) found.errorType = content.text(found.errorType);
}

/** Reads further usage, and what input and output leave out. */
function addUsage({ scope, attributes }: RawSpan, found: Fields): void {
  addUsageIn(attributes, found);
  const { inputCostUsd, outputCostUsd } = found;
  if (inputCostUsd !== undefined && outputCostUsd !== undefined) {
    found.costUsd ??= inputCostUsd + outputCostUsd;
  }
  const leftOut = leftOutBy(scope, attributes.keys(), found);
  const said = saidOfCached(attributes, found);
  const cached = said ?? leftOut?.includes('cached');
  if (cached !== undefined) found.leavesOutCached = cached;
  if (leftOut !== undefined) found.leavesOutReasoning = leftOut.includes('reasoning');
}

/** Whether cached tokens are left out of the input, if another attribute counts the input without them. */
function saidOfCached(
  attributes: Attributes,
  { inputTokens, uncachedInputTokens }: Fields,
): boolean | undefined {
  const uncached = uncachedInputTokens ?? rawInputIn(attributes);
  return uncached === undefined || inputTokens === undefined ? undefined : inputTokens === uncached;
}

/** The kinds that a span declares, in any of the conventions. */
function kindsOf({ attributes }: RawSpan): string[] {
  const kinds: string[] = [];
  for (const attribute of ROLE_ATTRIBUTES) {
    const word = attributes.get(attribute);
    if (typeof word === 'string') kinds.push(word);
  }
  return kinds;
}

function roleOf(span: RawSpan, kinds: readonly string[], fields: Record<string, unknown>): Role | undefined {
  if (span.attributes.has(COUNTING)) return 'counted';
  for (const word of kinds) {
    const role = roleNamed(word);
    if (role !== undefined) return role;
  }
  const named = span.name.includes(' ') ? roleNamed(firstWord(span.name)) : undefined;
  if (kinds.length === 0 && named !== undefined && [...span.attributes.keys()].some(isGenAi)) return named;
  if (COUNTS.some((field) => fields[field] !== undefined)) return 'counted';
  // A span with a model is a model call, unless it declares another kind.
  return kinds.length === 0 && fields.model !== undefined ? 'model' : undefined;
}

const firstWord = (text: string): string => text.split(' ', 1)[0]!;

function roleNamed(word: string): Role | undefined {
  const name = word.toLowerCase();
  return Object.hasOwn(ROLES, name) ? ROLES[name] : undefined;
}

const COUNTS = ['inputTokens', 'outputTokens', 'totalTokens'] as const satisfies readonly (keyof Fields)[];

/** `execute_tool search` → `search`. A span name that does not begin with the operation is used as a whole. */
function nameOf(span: RawSpan, kinds: readonly string[]): string | undefined {
  const entity = read(span.attributes.get(ENTITY_NAME), 'text') as string | undefined;
  if (entity !== undefined) return entity;
  const first = firstWord(span.name);
  // Only OpenTelemetry puts the operation first; an OpenInference agent may well be called "agent".
  const isOperation = kinds.length === 0 || span.attributes.get('gen_ai.operation.name') === first;
  return read(isOperation ? span.name.slice(first.length) : span.name, 'text') as string | undefined;
}
