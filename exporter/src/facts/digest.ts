/**
 * Digests of what was sent, by which a fact that is sent again unchanged is recognised. They are stored, and an older
 * release may write beside this one, so that a digest must not change with the declaration: which values it is made of,
 * and in which order, is written out for those of the first release. A column that was declared later enters with its
 * name, and only where it has a value, so that whatever does not have it keeps its digest.
 */
import { hash } from 'node:crypto';
import { uuidOfHex } from '../ids.js';
import { absentOf, type NamedColumn } from './column.js';
import { compileText } from './compiled.js';

const DIGEST_DIGITS = 32;

/** In the form of a UUID. */
export const digestOf = (text: string): string =>
  // SHA-256 has the processor's help: it takes less time than older and shorter ones.
  uuidOfHex(hash('sha256', text).slice(0, DIGEST_DIGITS));

/** The text of an object: different for different values. */
export type Text<T> = (value: T) => string;

/** Different texts for different values: lengths tell where one ends, with less work than JSON's escapes. */
export function textOf(value: unknown): string {
  if (value === null) return '~';
  if (typeof value === 'string') return `${value.length}:${value}`;
  if (Array.isArray(value)) return listText(value, textOf);
  return `${String(value)};`;
}

export function listText<T>(values: readonly T[], text: Text<T>): string {
  let all = '[';
  for (const value of values) all += text(value);
  return `${all}]`;
}

/**
 * @param columns those that the text is made of
 * @param first what the first release made it of, in its order: properties, or texts of several
 */
export function recordText<T extends object>(
  columns: readonly NamedColumn[],
  first: readonly ((keyof T & string) | Text<T>)[],
): Text<T> {
  const later = columns
    .map((column) => ({ key: column.key as keyof T & string, absent: absentOf(column) }))
    .filter(({ key }) => !first.includes(key))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const text = compileText<T>([
    ...first.map((part) => (typeof part === 'function' ? part : { key: part, text: textOf })),
    ...later.map(({ key, absent }) => ({ key, text: laterText(key, absent) })),
  ]);
  return (record) => `[${text(record)}]`;
}

const laterText = (key: string, absent: unknown) => {
  const name = textOf(key);
  return (value: unknown): string => (isAbsent(value, absent) ? '' : name + textOf(value));
};

const isAbsent = (value: unknown, absent: unknown): boolean =>
  value === absent || value === null || (Array.isArray(value) && value.length === 0);
