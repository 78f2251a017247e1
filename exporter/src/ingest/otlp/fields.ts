/** What the attributes and the name of a span say, by the mapping. */
import { CONTENT_BYTES } from '../../facts/cut.js';
import { storableText } from '../../facts/text.js';
import {
  ENTITY_NAME,
  type Fields,
  isGenAi,
  type Mapped,
  MAPPING,
  type Role,
  ROLE_ATTRIBUTES,
  ROLES,
} from './mapping.js';
import type { RawSpan } from './protocol.js';
import { questionOf } from './question.js';
import { MAX_WORD, read } from './values.js';

/** UTF-16 units; a step shows no more. */
const MAX_CONTENT = CONTENT_BYTES;

/** By attribute: a span has fewer attributes than there are names for them. The lesser rank goes first. */
const BY_ATTRIBUTE = new Map<string, (Pick<Mapped, 'field' | 'kind'> & { index: number; rank: number })[]>();
MAPPING.forEach(({ field, kind, attributes }, index) =>
  attributes.forEach((attribute, rank) => {
    const others = BY_ATTRIBUTE.get(attribute) ?? [];
    BY_ATTRIBUTE.set(attribute, [...others, { field, kind, index, rank }]);
  }),
);

/** The Vercel AI SDK names the interface beside the provider: `groq.chat`. */
const INTERFACE = /\.(?:chat|completion|embedding|messages|responses)$/;

/** What the mapping finds in a span; a value that makes no sense, such as a negative count, is as if it were not there. */
export function fieldsOf(span: RawSpan): Fields {
  const found: Fields = {};
  const fields = found as Record<string, string | number>;
  const ranks: number[] = [];
  for (const [attribute, sent] of span.attributes) {
    for (const { field, kind, index, rank } of BY_ATTRIBUTE.get(attribute) ?? []) {
      const value = rank < (ranks[index] ?? Infinity) ? read(sent, kind) : undefined;
      if (value === undefined) continue;
      fields[field] = value;
      ranks[index] = rank;
    }
  }
  const said = saidBy(span);
  const role = roleOf(span, said, fields);
  if (role !== undefined) found.role = role;
  if (found.provider !== undefined) found.provider = found.provider.toLowerCase().replace(INTERFACE, '');
  // Content is shown of a tool's call, as a step, and otherwise as far as a preview goes.
  if (role === 'tool') {
    if (found.input !== undefined) found.input = storableText(found.input, MAX_CONTENT);
    if (found.output !== undefined) found.output = storableText(found.output, MAX_CONTENT);
  } else {
    if (found.input !== undefined) found.input = storableText(questionOf(found.input), MAX_WORD);
    delete found.output;
  }
  if (role === 'tool') found.tool ??= nameOf(span, said);
  if (role === 'agent') found.agentName ??= nameOf(span, said);
  if (role === 'workflow') found.workflow ??= nameOf(span, said);
  return found;
}

/** What a span says that it is, in whichever convention. */
function saidBy({ attributes }: RawSpan): string[] {
  const said: string[] = [];
  for (const attribute of ROLE_ATTRIBUTES) {
    const word = attributes.get(attribute);
    if (typeof word === 'string') said.push(word);
  }
  return said;
}

function roleOf(span: RawSpan, said: readonly string[], fields: Record<string, unknown>): Role | undefined {
  for (const word of said) {
    const role = roleNamed(word);
    if (role !== undefined) return role;
  }
  const named = span.name.includes(' ') ? roleNamed(firstWord(span.name)) : undefined;
  if (said.length === 0 && named !== undefined && [...span.attributes.keys()].some(isGenAi)) return named;
  if (COUNTS.some((field) => fields[field] !== undefined)) return 'counted';
  // One that names a model has called it, unless it says that it is something else.
  return said.length === 0 && fields.model !== undefined ? 'model' : undefined;
}

const firstWord = (text: string): string => text.split(' ', 1)[0]!;

function roleNamed(word: string): Role | undefined {
  const name = word.toLowerCase();
  return Object.hasOwn(ROLES, name) ? ROLES[name] : undefined;
}

const COUNTS = ['inputTokens', 'outputTokens', 'totalTokens'] as const satisfies readonly (keyof Fields)[];

/** `execute_tool search` is of the tool `search`; a name that does not begin with the operation is one as a whole. */
function nameOf(span: RawSpan, said: readonly string[]): string | undefined {
  const entity = read(span.attributes.get(ENTITY_NAME), 'text') as string | undefined;
  if (entity !== undefined) return entity;
  const first = firstWord(span.name);
  // Only OpenTelemetry's names begin with it: of OpenInference's agents one may be called "agent".
  const isOperation = said.length === 0 || span.attributes.get('gen_ai.operation.name') === first;
  return read(isOperation ? span.name.slice(first.length) : span.name, 'text') as string | undefined;
}
