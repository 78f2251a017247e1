/** JSON of large values: written in parts that let other work go on, and not beyond a limit. */
import { isObject } from '../json.js';
import { Pauses } from '../pause.js';

/** Elements that are written at once. */
const SLICE = 250;
/** Levels below which a value is written at once. */
const MAX_LEVEL = 8;

/**
 * The same bytes as those of `JSON.stringify`.
 * @param tooLarge the error if there are more than `maxBytes`
 */
export async function jsonBytes(value: object, maxBytes: number, tooLarge: () => Error): Promise<Buffer> {
  const pauses = new Pauses();
  const parts: Buffer[] = [];
  let waiting: string[] = [];
  let characters = 0;
  let bytes = 0;
  const flush = (): void => {
    const part = Buffer.from(waiting.join(''));
    bytes += part.length;
    if (bytes > maxBytes) throw tooLarge();
    parts.push(part);
    waiting = [];
    characters = 0;
  };
  for (const text of textsOf(value, 0)) {
    waiting.push(text);
    characters += text.length;
    if (characters > 64 * 1024) flush();
    if (pauses.isDue) await pauses.take();
  }
  flush();
  return Buffer.concat(parts);
}

function* textsOf(value: unknown, level: number): Generator<string, void, undefined> {
  if (Array.isArray(value) && (value.length > SLICE || level < MAX_LEVEL)) yield* arrayTexts(value, level);
  else if (isObject(value) && level < MAX_LEVEL && !('toJSON' in value)) yield* objectTexts(value, level);
  else yield JSON.stringify(value) ?? 'null';
}

function* arrayTexts(values: readonly unknown[], level: number): Generator<string, void, undefined> {
  yield '[';
  if (values.length <= SLICE && values.some((value) => typeof value === 'object')) {
    for (const [i, value] of values.entries()) {
      if (i > 0) yield ',';
      yield* textsOf(value, level + 1);
    }
  } else {
    for (let start = 0; start < values.length; start += SLICE) {
      const text = JSON.stringify(values.slice(start, start + SLICE)).slice(1, -1);
      yield start > 0 ? `,${text}` : text;
    }
  }
  yield ']';
}

function* objectTexts(object: Record<string, unknown>, level: number): Generator<string, void, undefined> {
  let before = '{';
  for (const [name, value] of Object.entries(object)) {
    if (value === undefined) continue;
    yield `${before}${JSON.stringify(name)}:`;
    yield* textsOf(value, level + 1);
    before = ',';
  }
  yield before === '{' ? '{}' : '}';
}
