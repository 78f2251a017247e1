/** Reads the fields of a span from its attributes and its name, by the mapping. */
import { CONTENT_BYTES } from '../../facts/cut.js';
import { storableText } from '../../facts/text.js';
import type { Content } from '../content.js';
import type { Attributes } from './attributes.js';
import { leftOutBy } from './emitters.js';
import { errorTypeOfMessage, isTimeout, TIMEOUT } from './errors.js';
import { type Fields, type Mapped, MAPPING } from './mapping.js';
import { askedIn } from './messages.js';
import { type RawSpan, STATUS_ERROR } from './protocol.js';
import { questionOf, toolContentOf } from './question.js';
import { addNames, kindsOf, roleOf } from './roles.js';
import { addUsageIn, modelIn, providerIn, rawInputIn } from './usage-objects.js';
import { MAX_WORD, read, unquoted } from './values.js';

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

/** Attributes whose texts are JSON. */
const WRITES_JSON = 'mlflow.';

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
      if (rank >= (ranks[index] ?? Infinity)) continue;
      const value = read(attribute.startsWith(WRITES_JSON) ? unquoted(sent) : sent, kind);
      if (value === undefined) continue;
      // Some emitters write 0 for what another attribute counts.
      const its = value === 0 ? rank + AFTER_OTHERS : rank;
      if (its >= (ranks[index] ?? Infinity)) continue;
      fields[field] = value;
      ranks[index] = its;
    }
  }
  const kinds = kindsOf(span.attributes);
  const role = roleOf(span, kinds, found);
  if (role !== undefined) found.role = role;
  if (role === 'model') {
    found.model ??= modelIn(span.attributes);
    found.provider ??= providerIn(span.attributes);
  }
  if (found.provider !== undefined) found.provider = found.provider.toLowerCase().replace(INTERFACE, '');
  if (role !== undefined && role !== 'tool') addUsage(span, found);
  readErrorType(span, found, content);
  readContent(span, found, content);
  addNames(span, kinds, found);
  return found;
}

/** A tool call is stored as a step with its content. Of other spans only a preview is needed. */
function readContent({ attributes, events }: RawSpan, found: Fields, content: Content): void {
  if (found.role === 'tool') {
    const { input, output } = { ...toolContentOf(events), ...found };
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
