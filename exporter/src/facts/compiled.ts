/**
 * Functions over the columns of a fact that are compiled, as a schema is compiled into a check: a loop over the columns
 * takes half as long again, because its code meets every property of every kind of fact, and these functions run for
 * every fact that comes in. The names in their code are those of the declarations, never anything that is sent.
 */

/** @param constants by the name that the code has for each */
function compile<F>(constants: ReadonlyMap<string, unknown>, code: string): F {
  return (new Function(...constants.keys(), `return ${code};`) as (...values: unknown[]) => F)(
    ...constants.values(),
  );
}

/** A property of an object, in code. */
const property = (object: string, key: string): string => `${object}[${JSON.stringify(key)}]`;

/** A property of a record: where it comes from, how its value is read, and what stands for a missing one. */
export interface Field {
  key: string;
  from: string;
  read?(value: unknown): unknown;
  /** Throws, where `read` answers undefined. */
  refuse?(): never;
  /** Which values are missing ones. */
  missing: 'null or undefined' | 'undefined' | 'none';
  absent?: unknown;
}

const IS_MISSING = { 'null or undefined': '== null', undefined: '=== undefined' } as const;

/**
 * Makes such a record of an object.
 * @param given properties that the record takes from the second argument as they are
 */
export function compileRecord<Source, Result, Given = object>(
  fields: readonly Field[],
  given: readonly string[] = [],
): (source: Source, given?: Given) => Result {
  const properties = [
    ...given.map((key) => `${JSON.stringify(key)}: ${property('given', key)}`),
    ...fields.map((field, i) => `${JSON.stringify(field.key)}: ${fieldCode(field, i)}`),
  ];
  const constants = fields.flatMap(({ read, refuse, absent }, i): [string, unknown][] => [
    [`read${i}`, read],
    [`refuse${i}`, refuse],
    [`absent${i}`, absent],
  ]);
  return compile(
    new Map(constants),
    `(source, given) => { let value; return { ${properties.join(', ')} }; }`,
  );
}

function fieldCode({ from, read, refuse, missing }: Field, i: number): string {
  const valueOf = (sent: string): string => {
    if (read === undefined) return sent;
    return refuse === undefined
      ? `read${i}(${sent})`
      : `(value = read${i}(${sent})) === undefined ? refuse${i}() : value`;
  };
  const source = property('source', from);
  if (missing === 'none') return valueOf(source);
  return `(value = ${source}) ${IS_MISSING[missing]} ? absent${i} : ${valueOf('value')}`;
}

/** Takes one value of each row: the property at the end of the path. */
export const compilePluck = (path: readonly string[]): ((rows: readonly object[]) => unknown[]) =>
  compile(new Map(), `(rows) => rows.map((row) => ${path.reduce(property, 'row')})`);

/** A part of a text: that of a property by `text`, or of the whole record. */
export type TextPart<T> =
  { key: keyof T & string; text: (value: unknown) => string } | ((record: T) => string);

/** Joins the texts of a record's parts. */
export function compileText<T extends object>(parts: readonly TextPart<T>[]): (record: T) => string {
  const constants = parts.map((part, i): [string, unknown] => [
    `text${i}`,
    typeof part === 'function' ? part : part.text,
  ]);
  const codes = parts.map((part, i) =>
    typeof part === 'function' ? `text${i}(record)` : `text${i}(${property('record', part.key)})`,
  );
  return compile(new Map(constants), `(record) => ${codes.join(' + ')}`);
}
