/** Extracts the user's question from messages, in the formats that instrumentations write. */

/** Longer content is not parsed: a preview is not worth the time. */
const MAX_PARSED = 64 * 1024;

/** The text of the user's last message; the content itself if it contains no messages. */
export function questionOf(content: string): string {
  if (!/^\s*[[{]/.test(content) || content.length > MAX_PARSED) return content;
  try {
    return askedIn(JSON.parse(content)) ?? content;
  } catch {
    return content;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function askedIn(content: unknown): string | undefined {
  if (isObject(content))
    return typeof content.prompt === 'string' ? content.prompt : askedIn(content.messages);
  if (!Array.isArray(content)) return undefined;
  const asked: unknown = content.findLast((message) => isObject(message) && message.role === 'user');
  return isObject(asked) ? textOf(asked.parts ?? asked.content) : undefined;
}

/** OpenTelemetry puts the text of a part into `content`, the APIs of providers into `text`. */
function textOf(parts: unknown): string | undefined {
  if (typeof parts === 'string') return parts === '' ? undefined : parts;
  if (!Array.isArray(parts)) return undefined;
  const texts = parts
    .map((part: unknown) => (isObject(part) ? (part.content ?? part.text) : part))
    .filter((text) => typeof text === 'string');
  return texts.length === 0 ? undefined : texts.join('\n');
}
