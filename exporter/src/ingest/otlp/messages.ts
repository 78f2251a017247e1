/** The question of a user within the messages of a model call, in the forms that libraries write them. */
import { isObject } from '../../json.js';

/** Depth to which content is searched. */
const MAX_DEPTH = 8;

/** Members that hold what a user has asked, those that say most first. */
const ASKED = [
  'messages',
  'contents',
  'input_messages',
  'prompt',
  'question',
  'query',
  'user_input',
  'user_prompt',
  'user_message',
  'task',
  'input',
  'inputs',
  'text',
  'message',
  'content',
  'kwargs',
] as const;

const USER = /^(?:user|human|humanmessage(?:chunk)?|messagerole\.user)$/i;
const ROLE = /^(?:human|ai|system|tool|function|user|assistant)$/i;
/** Kinds of parts whose text was written by the user. */
const TEXT_PART = /^(?:text|input_text|human|user)$/i;

/** The text of the last message of a user, or else the only text. */
export function askedIn(value: unknown, depth = 0): string | undefined {
  if (depth > MAX_DEPTH) return undefined;
  if (typeof value === 'string') return plainText(value, depth);
  if (Array.isArray(value)) return askedInList(value, depth);
  if (!isObject(value)) return undefined;
  const role = roleOf(value);
  if (role !== undefined) return USER.test(role) ? textOf(value, depth) : undefined;
  for (const name of ASKED) {
    const asked = value[name] === undefined ? undefined : askedIn(value[name], depth + 1);
    if (asked !== undefined) return asked;
  }
  const { args } = value;
  const first = Array.isArray(args) ? askedIn(args[0], depth + 1) : undefined;
  return first ?? onlyText(value, depth);
}

/** Members that are texts, but no questions. */
const NO_QUESTION = /^(?:model|type|name|kind|status|mode|format|.*id|.*_format|.*_type|model_name)$/i;

/** The only text of an object: the variable of a template, such as `{"q": "Hello"}`. */
function onlyText(value: Record<string, unknown>, depth: number): string | undefined {
  const [only, ...others] = Object.entries(value).filter(([, member]) => typeof member === 'string');
  return only === undefined || others.length > 0 || NO_QUESTION.test(only[0])
    ? undefined
    : plainText(only[1] as string, depth);
}

function askedInList(sent: readonly unknown[], depth: number): string | undefined {
  const list = sent.map(messageOfPair);
  if (list.some((item) => isObject(item) && roleOf(item) !== undefined)) {
    for (const message of list.toReversed()) {
      const asked =
        isObject(message) && USER.test(roleOf(message) ?? '') ? textOf(message, depth) : undefined;
      if (asked !== undefined) return asked;
    }
    return undefined;
  }
  const parts = textOfParts(list, depth);
  if (parts !== undefined) return parts;
  for (const item of list) {
    const asked = typeof item === 'string' ? undefined : askedIn(item, depth + 1);
    if (asked !== undefined) return asked;
  }
  return undefined;
}

/** `["human", "Hello"]`: a message as a pair. */
const messageOfPair = (item: unknown): unknown =>
  Array.isArray(item) && item.length === 2 && ROLE.test(String(item[0]))
    ? { role: String(item[0]), content: item[1] as unknown }
    : item;

/** Whose message it is. LangChain names the class of a message. */
function roleOf(message: Record<string, unknown>): string | undefined {
  const { role, id, type, data, kwargs } = message;
  if (typeof role === 'string') return role;
  if (Array.isArray(id) && isObject(kwargs)) {
    const name: unknown = id.at(-1);
    return typeof name === 'string' && /Message(?:Chunk)?$/.test(name) ? name : undefined;
  }
  const isMessage = isObject(data) || 'content' in message;
  return typeof type === 'string' && isMessage && ROLE.test(type) ? type : undefined;
}

function textOf(message: Record<string, unknown>, depth: number): string | undefined {
  for (const held of [message, message.data, message.kwargs]) {
    if (!isObject(held)) continue;
    const text = textOfParts(held.parts ?? held.content ?? held.contents ?? held.text ?? held.message, depth);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** OpenTelemetry puts the text of a part into `content`, the APIs of providers into `text`. */
function textOfParts(parts: unknown, depth: number): string | undefined {
  if (typeof parts === 'string') return plainText(parts, depth);
  if (isObject(parts)) return textOfParts([parts], depth);
  if (!Array.isArray(parts)) return undefined;
  const texts = parts.flatMap((part: unknown) => {
    if (typeof part === 'string') return plainText(part, depth) ?? [];
    if (!isObject(part)) return [];
    const { type } = part;
    if (typeof type === 'string' && !TEXT_PART.test(type)) return [];
    const text = part.content ?? part.text;
    return typeof text === 'string' ? (plainText(text, depth) ?? []) : [];
  });
  return texts.length === 0 ? undefined : texts.join('\n');
}

/** Words for content that must not leave the process. */
const GONE = '(?:redacted|elided|omitted|masked|hidden|withheld|filtered|scrubbed|removed|not captured)';
/** What libraries write in its place: `[REDACTED]`, `<elided 99 characters>`, `Content not captured`, `*****`. */
const WITHHELD = [
  String.raw`[\W_]*${GONE}[\W_]*`,
  String.raw`[<([{*_]+\s*${GONE}\b[^\])}>]{0,200}[\])}>*_]+`,
  String.raw`\W*(?:content|prompt|input|message) (?:is |was |has been )?${GONE}\W*`,
  '(?:redacted|elided|withheld|scrubbed) (?:by|for|due to) .{0,100}',
  '[*\u2022\u2588]{3,}',
].map((source) => new RegExp(`^${source}$`, 'i'));
/** How Python and JavaScript write objects, tuples and bytes, also within lists. */
const REPRESENTATIONS = [
  /^[[({\s]*(?:<?[A-Za-z_][\w.]*\(\w+=|<[\w.]+ object at 0x|\[object )/,
  /^[[{\s]*\(\s*(['"]).{0,100}?\1\s*,/,
  /^(?:args|kwargs)=[({[]/,
  /^b(['"])[\s\S]*\1$/,
  /^(?:null|None|undefined)$/,
];
/** Images, audio and files within a text. */
const BINARY = [
  /^data:[\w.+-]+\/[\w.+-]+[;,]/,
  /^(?=[^]{0,99}\d)(?=[^]{0,99}[A-Z])[A-Za-z\d+/\r\n]{100,}={0,2}$/,
];

const isNoText = (text: string): boolean =>
  [...WITHHELD, ...REPRESENTATIONS, ...BINARY].some((pattern) => pattern.test(text));

/** A text; or what is asked in it, if it is JSON. Never the JSON itself. */
function plainText(text: string, depth: number): string | undefined {
  const trimmed = text.trim();
  if (trimmed === '' || isNoText(trimmed)) return undefined;
  if (!/^[[{"]/.test(trimmed)) return trimmed;
  const parsed = parseJson(trimmed);
  if (parsed !== undefined) return askedIn(parsed, depth + 1);
  return isStructured(trimmed) ? undefined : trimmed;
}

/** Longer content is not parsed: a preview is not worth the time. */
const MAX_PARSED = 1024 * 1024;

function parseJson(text: string): unknown {
  if (text.length > MAX_PARSED) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return isStructured(text) ? parseCut(text) : undefined;
  }
}

/** Objects of JSON, JavaScript and Python. A sentence may begin with a bracket, too. */
const isStructured = (text: string): boolean =>
  /^\s*(?:[[{]\s*)+["'\]}]/.test(text) ||
  /^(?:\[\s*)?\{\s*[\w$]+\s*:/.test(text) ||
  /^[[{][\s\S]*["']\s*:/.test(text);

/** Without blanks, commas and colons at its end. A regular expression would begin a search at each blank. */
function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && /[\s,:]/.test(text[end - 1]!)) end -= 1;
  return text.slice(0, end);
}

/** JSON whose end was cut, as limits of SDKs do: what was open is closed. */
function parseCut(text: string): unknown {
  const open: string[] = [];
  let isString = false;
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i];
    if (isString) {
      if (character === '\\') i += 1;
      else if (character === '"') isString = false;
    } else if (character === '"') isString = true;
    else if (character === '{') open.push('}');
    else if (character === '[') open.push(']');
    else if (character === '}' || character === ']') open.pop();
  }
  const whole = isString ? `${text.replace(/\\(?:u[\da-f]{0,3})?$/i, '')}"` : withoutEnd(text);
  const end = open.reverse().join('');
  // The last member may have a name only.
  for (const candidate of [whole + end, `${whole}:null${end}`]) {
    try {
      return JSON.parse(candidate) as unknown;
    } catch {
      // The next one, or none.
    }
  }
  return undefined;
}
