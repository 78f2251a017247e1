/** Reads the fields of a span from its attributes and its name, by the mapping. */
import { CONTENT_BYTES } from '../../facts/cut.js';
import { storableText } from '../../facts/text.js';
import { type Fields, type Mapped, MAPPING } from './mapping.js';
import type { RawSpan } from './protocol.js';
import { questionOf } from './question.js';
import { addNames, kindsOf, roleOf } from './roles.js';
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

/** The Vercel AI SDK appends the API to the provider: `groq.chat`. */
const INTERFACE = /\.(?:chat|completion|embedding|messages|responses)$/;

/** Invalid values, such as a negative count, are ignored. */
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
  const kinds = kindsOf(span.attributes);
  const role = roleOf(span, kinds, found);
  if (role !== undefined) found.role = role;
  if (found.provider !== undefined) found.provider = found.provider.toLowerCase().replace(INTERFACE, '');
  // A tool call is stored as a step with its content. Of other spans only a preview is needed.
  if (role === 'tool') {
    if (found.input !== undefined) found.input = storableText(found.input, MAX_CONTENT);
    if (found.output !== undefined) found.output = storableText(found.output, MAX_CONTENT);
  } else {
    if (found.input !== undefined) found.input = storableText(questionOf(found.input), MAX_WORD);
    delete found.output;
  }
  addNames(span, kinds, found);
  return found;
}
