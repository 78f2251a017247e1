/** Values of parsed JSON, and what is checked before it is parsed. */
export type JsonObject = Record<string, unknown>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export interface JsonLimits {
  /** Levels of objects and arrays within each other. */
  depth: number;
  /** Objects and arrays. */
  containers: number;
  /** Values of every kind, and names. */
  values: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** What a byte outside of texts is, by its value: every other one is OTHER. One lookup is faster than a comparison each. */
const [OTHER, TEXT, SEPARATOR, OPEN, CLOSE] = [0, 1, 2, 3, 4];
const KINDS = new Uint8Array(256).fill(OTHER);
for (const [characters, kind] of [
  ['"', TEXT],
  [',:', SEPARATOR],
  ['[{', OPEN],
  [']}', CLOSE],
] as const) {
  for (const byte of Buffer.from(characters)) KINDS[byte] = kind;
}

interface JsonProblem {
  /** Whether it is nested too deeply, rather than too long. */
  isDepth: boolean;
  message: string;
}

export interface JsonScan {
  /** What is too much. */
  problem?: JsonProblem;
  /** Whether a name may be `__proto__` or `constructor`. Always so where there are escapes. */
  mayNamePrototype: boolean;
}

/**
 * What is in a body, as far as it takes to decide how it is parsed. A few bytes can hold many values, which take memory
 * and time each; so they are counted first, in one pass that stops at the limit. Whether it is JSON is left to the parser.
 */
export function scanJson(body: Uint8Array, limits: JsonLimits): JsonScan {
  const { length } = body;
  const view = new DataView(body.buffer, body.byteOffset, length);
  let [depth, containers, values] = [0, 0, 0];
  let mayNamePrototype = false;
  for (let i = 0; i < length; i += 1) {
    const kind = KINDS[body[i]!];
    if (kind === OTHER) continue;
    if (kind === TEXT) {
      const start = i + 1;
      let byte;
      for (i = start; ; i += 2) {
        // Four bytes at once, as long as none of them ends the text or escapes another.
        while (i + 4 <= length && !hasEnd(view.getInt32(i, true))) i += 4;
        while (i < length && (byte = body[i]) !== QUOTE && byte !== BACKSLASH) i += 1;
        if (byte !== BACKSLASH || i >= length) break;
        mayNamePrototype = true;
      }
      mayNamePrototype ||= isPrototypeName(body[start]!, i - start);
    } else if (kind === SEPARATOR) {
      values += 1;
      if (values > limits.values) return tooMany(limits.values, 'values and names');
    } else if (kind === OPEN) {
      depth += 1;
      containers += 1;
      if (depth > limits.depth) return tooDeep(limits.depth);
      if (containers > limits.containers) return tooMany(limits.containers, 'objects and arrays');
    } else depth -= 1;
  }
  return { mayNamePrototype };
}

const tooDeep = (limit: number): JsonScan => ({
  problem: { isDepth: true, message: `it is nested more deeply than ${limit} levels` },
  mayNamePrototype: true,
});

const tooMany = (limit: number, what: string): JsonScan => ({
  problem: { isDepth: false, message: `it has more than ${limit} ${what}` },
  mayNamePrototype: true,
});

/** `__proto__` or `constructor`, by the first byte and the length. */
const isPrototypeName = (first: number, length: number): boolean =>
  (first === UNDERSCORE && length === '__proto__'.length) || (first === C && length === 'constructor'.length);
const UNDERSCORE = 0x5f;
const C = 0x63;

const QUOTES = 0x22222222;
const BACKSLASHES = 0x5c5c5c5c;

/** Whether one of four bytes is a quote or a backslash. */
function hasEnd(word: number): boolean {
  const [quotes, backslashes] = [word ^ QUOTES, word ^ BACKSLASHES];
  return (
    ((((quotes - 0x01010101) & ~quotes) | ((backslashes - 0x01010101) & ~backslashes)) & 0x80808080) !== 0
  );
}
