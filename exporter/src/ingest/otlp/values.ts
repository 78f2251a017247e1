/** Converts attribute values to the type of their field. Invalid values, such as a negative count, are ignored. */
import { isId } from '../../ids.js';
import { storableText } from '../../facts/text.js';
import type { AttributeValue, Kind } from './attributes.js';
import { errorTypeIn, errorTypeOfMessage } from './errors.js';
import { TIER_WORDS } from './token-mapping.js';

/** Maximum length of a name, in UTF-16 units. */
export const MAX_WORD = 256;
const MAX_ID = 128;
/** Maximum per model call. The sum over all spans of a trace is still a safe integer. */
const MAX_COUNT = 1e9;
const MAX_COST = 1e9;

/** Matches names that need no conversion, which are most. */
const PLAIN_WORD = new RegExp(`^[!-~]{1,${MAX_WORD}}$`);

const numberOf = (value: AttributeValue): number | undefined => {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' ? number : undefined;
};

export function read(value: AttributeValue | undefined, kind: Kind): string | number | undefined {
  if (value === undefined) return undefined;
  switch (kind) {
    case 'text': {
      if (typeof value === 'string' && PLAIN_WORD.test(value)) return value;
      const text =
        typeof value === 'string' ? value.trim() : Number.isSafeInteger(value) ? String(value) : '';
      return text === '' || text.includes('\0') ? undefined : storableText(text, MAX_WORD);
    }
    case 'content': {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return text === '' ? undefined : text;
    }
    case 'count': {
      const count = numberOf(value);
      return count !== undefined && Number.isInteger(count) && count >= 0 && count <= MAX_COUNT
        ? count
        : undefined;
    }
    case 'money': {
      // Emitters that know no price report a cost of 0.
      const amount = numberOf(typeof value === 'string' ? value.replace(/^\s*\$/, '') : value);
      return amount !== undefined && amount > 0 && amount <= MAX_COST ? amount : undefined;
    }
    case 'error': {
      const type = read(value, 'text');
      return type === undefined ? undefined : (errorTypeIn(String(type)) ?? errorTypeOfMessage(String(type)));
    }
    case 'tier':
      return typeof value === 'string' ? TIER_WORDS.get(value.trim().toLowerCase()) : undefined;
  }
}

/** A text that stands in an attribute as JSON, as MLflow writes all of them, or the value as it is. */
export function unquoted(value: string): string;
export function unquoted(value: AttributeValue): AttributeValue;
export function unquoted(value: AttributeValue): AttributeValue {
  if (typeof value !== 'string' || !QUOTED.test(value)) return value;
  try {
    return JSON.parse(value) as string;
  } catch {
    return value;
  }
}

const QUOTED = /^".*"$/s;

/** Converts a name to an id, which cannot contain white space. */
export function idFrom(name: string | undefined): string | null {
  if (name === undefined) return null;
  // As unknown, because the type guard would otherwise narrow the other branch to never.
  if (isId(name as unknown)) return name;
  const id = storableText(name.replace(/[\p{C}\p{Z}]+/gu, '-'), MAX_ID);
  return isId(id) ? id : null;
}
