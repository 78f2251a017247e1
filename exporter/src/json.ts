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
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const [OPEN_ARRAY, OPEN_OBJECT] = [0x5b, 0x7b];
const [CLOSE_ARRAY, CLOSE_OBJECT] = [0x5d, 0x7d];

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
  let [depth, containers, values] = [0, 0, 0];
  for (let i = 0; i < body.length; i += 1) {
    const byte = body[i]!;
    if (byte === QUOTE) {
      for (i += 1; i < body.length && body[i] !== QUOTE; i += 1) if (body[i] === BACKSLASH) i += 1;
    } else if (byte === COMMA || byte === COLON) {
      values += 1;
      if (values > limits.values) return tooMany(limits.values, 'values and names');
    } else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      depth += 1;
      containers += 1;
      if (depth > limits.depth) {
        return { isDepth: true, message: `it is nested more deeply than ${limits.depth} levels` };
      }
      if (containers > limits.containers) return tooMany(limits.containers, 'objects and arrays');
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
      depth -= 1;
    }
  }
  return undefined;
}

const tooMany = (limit: number, what: string): JsonProblem => ({
  isDepth: false,
  message: `it has more than ${limit} ${what}`,
});
