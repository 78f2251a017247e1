/**
 * Own patterns of endpoints. They are no regular expressions, so that none can take long: a path such as
 * `/v1/things/{id}`, or without a slash a segment such as `inv-*`.
 */

export interface EndpointPatterns {
  /** The name of a path, without query and fragment, if a pattern has one for it. */
  nameOf(method: string, path: string): string | undefined;
  /** Whether the segment between two places of a path is one of those that become `{id}`. */
  isVariable(path: string, start: number, end: number): boolean;
  /** Differs if the patterns do. */
  readonly text: string;
}

const MAX_PATTERNS = 100;
const MAX_LENGTH = 256;
/** Placeholders of a segment, or `*` in a pattern of segments. */
const PLACEHOLDER = /\{[\w.-]{1,64}\}/g;

interface Template {
  /** With a space, as it stands before a path; empty for any. */
  method: string;
  /** Undefined for a placeholder alone. */
  segments: readonly (readonly string[] | undefined)[];
  path: string;
}

/** @throws Error that says which pattern is wrong */
export function endpointPatterns(list: string): EndpointPatterns {
  const patterns = list
    .split(',')
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '');
  if (patterns.length > MAX_PATTERNS) throw new Error(`has more than ${MAX_PATTERNS} patterns`);
  const templates = patterns.filter((pattern) => pattern.includes('/')).map(templateOf);
  const globs = patterns.filter((pattern) => !pattern.includes('/')).map(globOf);
  return {
    text: patterns.join(),
    nameOf(method, path) {
      if (templates.length === 0) return undefined;
      const segments = path.split('/');
      const found = templates.find(
        (template) =>
          (template.method === '' || template.method === method) &&
          template.segments.length === segments.length &&
          template.segments.every((parts, i) =>
            parts === undefined ? segments[i] !== '' : matches(segments[i]!, parts),
          ),
      );
      return found === undefined ? undefined : method + found.path;
    },
    isVariable(path, start, end) {
      if (globs.length === 0) return false;
      const segment = path.slice(start, end);
      return globs.some((parts) => matches(segment, parts));
    },
  };
}

export const NO_PATTERNS = endpointPatterns('');

function templateOf(pattern: string): Template {
  const [, method = '', path] = /^([A-Za-z]{1,32} )?(\/.*)$/.exec(pattern) ?? [];
  if (
    path === undefined ||
    pattern.length > MAX_LENGTH ||
    /[?#\s]/.test(path) ||
    /[{}]/.test(path.replaceAll(PLACEHOLDER, ''))
  ) {
    throw new Error(`"${pattern}" is no path such as /v1/things/{id}`);
  }
  const segments = path.split('/').map((segment) => {
    const parts = segment.split(PLACEHOLDER);
    return parts.length === 2 && parts.every((part) => part === '') ? undefined : parts;
  });
  return { method: method.toUpperCase(), segments, path };
}

function globOf(pattern: string): string[] {
  const parts = pattern.split('*');
  if (
    pattern.length > MAX_LENGTH ||
    parts.length < 2 ||
    parts.every((part) => part === '') ||
    /[\s{}?#]/.test(pattern)
  ) {
    throw new Error(`"${pattern}" is neither a path such as /v1/things/{id} nor a segment such as inv-*`);
  }
  return parts;
}

/** Whether the parts stand in the text in this order, the first at its start and the last at its end. */
function matches(text: string, parts: readonly string[]): boolean {
  const last = parts.length - 1;
  if (last === 0) return text === parts[0];
  if (!text.startsWith(parts[0]!)) return false;
  let at = parts[0]!.length;
  for (const part of parts.slice(1, last)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  // A placeholder stands for at least one character.
  return text.length > at + parts[last]!.length && text.endsWith(parts[last]!);
}
