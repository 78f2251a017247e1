/**
 * The types of an event's columns: the schema of each, for the documentation, and the same check by hand. Events are the
 * most frequent of all facts, and a compiled schema takes twice as long.
 */
import { Type } from 'typebox';
import { ID_PATTERN, isId, isUuid } from '../../ids.js';
import { parseTime, TIME_WANTED } from '../../time.js';
import type { ColumnType } from '../column.js';
import * as types from '../types.js';

/** A type that checks what is sent by itself. */
export interface CheckedType<Sent, Value, Stored, Shown> extends ColumnType<Sent, Value, Stored, Shown> {
  /** The value of what is sent, or undefined where that is none. */
  read(sent: unknown): Value | undefined;
  /** What it must be, in words. */
  wanted: string;
}

export const id: CheckedType<string, string, string, string> = {
  ...types.id,
  sent: Type.String({ pattern: ID_PATTERN }),
  read: (sent) => (isId(sent) ? sent : undefined),
  wanted: '1 to 128 printable characters without white space, or null',
};

export const uuid: CheckedType<string, string, string, string> = {
  ...types.uuid,
  sent: Type.String({ format: 'uuid' }),
  read: (sent) => (isUuid(sent) ? sent.toLowerCase() : undefined),
  wanted: 'a UUID such as 01890a5d-ac96-774b-bcce-b302099a8057',
};

export const time: CheckedType<string, number, Date, string> = {
  ...types.time,
  read: (sent) => (typeof sent === 'string' ? parseTime(sent) : undefined),
  wanted: TIME_WANTED,
};

export function oneOf<const Word extends string>(
  words: readonly Word[],
): CheckedType<Word, Word, Word, Word> {
  const known: ReadonlyMap<unknown, Word> = new Map(words.map((word) => [word, word]));
  return {
    ...types.oneOf(words),
    read: (sent) => known.get(sent),
    wanted: `one of ${words.join(', ')}`,
  };
}

export function text(limits: {
  minLength?: number;
  maxLength: number;
}): CheckedType<string, string, string, string> {
  const { minLength = 0, maxLength } = limits;
  const length = minLength === 0 ? `at most ${maxLength}` : `${minLength} to ${maxLength}`;
  const isText = (sent: unknown): sent is string =>
    typeof sent === 'string' && sent.length >= minLength && sent.length <= maxLength && !sent.includes('\0');
  return {
    ...types.text(),
    sent: Type.String(limits),
    read: (sent) => (isText(sent) ? sent : undefined),
    wanted: `a string of ${length} characters, without U+0000`,
  };
}

type Range = { minimum: number; maximum: number };

type NumberType = ColumnType<number, number, number, number>;
type CheckedNumber = CheckedType<number, number, number, number>;

const isWithin = (sent: unknown, { minimum, maximum }: Range): sent is number =>
  typeof sent === 'number' && sent >= minimum && sent <= maximum;

export const wholeNumber = (type: NumberType, range: Range): CheckedNumber => ({
  ...type,
  sent: Type.Integer(range),
  read: (sent) => (isWithin(sent, range) && Number.isInteger(sent) ? sent : undefined),
  wanted: `a whole number from ${range.minimum} to ${range.maximum}`,
});

export const milliseconds = (range: Range): CheckedNumber => ({
  ...types.milliseconds,
  sent: Type.Number(range),
  read: (sent) => (isWithin(sent, range) ? sent : undefined),
  wanted: `a number of milliseconds from ${range.minimum} to ${range.maximum}`,
});
