/** The user's question in the attributes and events of a span, wherever an instrumentation writes it. */
import type { Attributes, AttributeValue } from './attributes.js';
import { askedIn } from './messages.js';

/** Attributes that hold messages or a question, those that say most first. */
export const QUESTION_ATTRIBUTES = [
  'gen_ai.input.messages',
  'pydantic_ai.all_messages',
  'ai.prompt.messages',
  'ai.prompt',
  'llm.input_messages',
  'input_messages',
  'request_data',
  'all_messages_events',
  'events',
  'gen_ai.prompt',
  'gcp.vertex.agent.llm_request',
  'langfuse.observation.input',
  'mlflow.spanInputs',
  'input.value',
  'input',
  'question',
  'traceloop.entity.input',
  'langfuse.trace.input',
  'ai.value',
  'ai.values',
  'prompt',
] as const;

/** Attributes of messages end like this, whatever library they are of. */
const MESSAGES = /\.input[._]messages$/;
/** Messages that are flattened into one attribute for each of their members. */
const FLATTENED =
  /^(?:llm\.input_messages|gen_ai\.prompt|llm\.prompts)\.(\d{1,6})\.(?:message\.)?(role|content|contents\.\d+\.message_content\.text|prompt\.text)$/;
/** Texts of embeddings. */
const EMBEDDED = 'embedding.embeddings.0.embedding.text';

const NAMED: ReadonlySet<string> = new Set([...QUESTION_ATTRIBUTES, EMBEDDED]);

/** Whether an attribute may hold the question. */
export const isQuestion = (attribute: string): boolean => NAMED.has(attribute) || MESSAGES.test(attribute);

/** An event of a span, of those that hold content. */
export interface ContentEvent {
  name: string;
  attributes: Attributes;
}

/** Undefined if none was sent, or if it was withheld. */
export function questionOf(attributes: Attributes, events: readonly ContentEvent[]): string | undefined {
  return (
    askedInFlattened(attributes) ??
    askedInNamed(attributes) ??
    askedInEvents(events) ??
    askedIn(attributes.get(EMBEDDED))
  );
}

function askedInNamed(attributes: Attributes): string | undefined {
  for (const name of QUESTION_ATTRIBUTES) {
    const asked = askedIn(attributes.get(name));
    if (asked !== undefined) return asked;
  }
  for (const [name, value] of attributes) {
    const asked = MESSAGES.test(name) ? askedIn(value) : undefined;
    if (asked !== undefined) return asked;
  }
  return undefined;
}

function askedInFlattened(attributes: Attributes): string | undefined {
  const messages = new Map<number, { role: string; content: AttributeValue[] }>();
  for (const [name, value] of attributes) {
    // Most attributes are neither, and the pattern takes longer.
    if (!name.startsWith('llm.') && !name.startsWith('gen_ai.prompt.')) continue;
    const [, number, member] = FLATTENED.exec(name) ?? [];
    if (member === undefined) continue;
    const index = Number(number);
    const message = messages.get(index) ?? { role: 'user', content: [] };
    if (member === 'role') message.role = String(value);
    else message.content.push(value);
    messages.set(index, message);
  }
  const inOrder = [...messages].sort(([a], [b]) => a - b).map(([, message]) => message);
  return inOrder.length === 0 ? undefined : askedIn(inOrder);
}

const USER_EVENT = 'gen_ai.user.message';

/** Of the events of the conventions, in each of their versions. */
function askedInEvents(events: readonly ContentEvent[]): string | undefined {
  for (const { name, attributes } of events.toReversed()) {
    const content =
      name === USER_EVENT
        ? (attributes.get('content') ?? attributes.get('gen_ai.event.content'))
        : (attributes.get('gen_ai.prompt') ?? attributes.get('gen_ai.input.messages'));
    const asked = askedIn(content);
    if (asked !== undefined) return asked;
  }
  return undefined;
}

/** What a tool was called with and what it answered, in the events of a span. */
export function toolContentOf(events: readonly ContentEvent[]): { input?: string; output?: string } {
  const last = (name: string, member: string): string | undefined => {
    const value = events.findLast((event) => event.name === name)?.attributes.get(member);
    return typeof value === 'string' ? value : undefined;
  };
  const input = last('gen_ai.tool.message', 'content');
  const output = last('gen_ai.choice', 'message');
  return { ...(input !== undefined && { input }), ...(output !== undefined && { output }) };
}
