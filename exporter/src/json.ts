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

/**
 * What is too much in a body, or undefined. A few bytes can hold many values, which take memory and time each; so they
 * are counted first, in one pass that stops at the limit. Whether it is JSON is left to the parser.
 */
export function jsonProblem(body: Uint8Array, limits: JsonLimits): JsonProblem | undefined {
  const { length } = body;
  let [depth, containers, values] = [0, 0, 0];
  for (let i = 0; i < length; i += 1) {
    const kind = KINDS[body[i]!];
    if (kind === OTHER) continue;
    if (kind === TEXT) {
      for (i += 1; i < length; i += 1) {
        const byte = body[i];
        if (byte === QUOTE) break;
        if (byte === BACKSLASH) i += 1;
      }
    } else if (kind === SEPARATOR) {
      values += 1;
      if (values > limits.values) return tooMany(limits.values, 'values and names');
    } else if (kind === OPEN) {
      depth += 1;
      containers += 1;
      if (depth > limits.depth) {
        return { isDepth: true, message: `it is nested more deeply than ${limits.depth} levels` };
      }
      if (containers > limits.containers) return tooMany(limits.containers, 'objects and arrays');
    } else depth -= 1;
  }
  return undefined;
}

const tooMany = (limit: number, what: string): JsonProblem => ({
  isDepth: false,
  message: `it has more than ${limit} ${what}`,
});
