/** Texts of which only the beginning is kept; the cut is marked. */
import { storableText } from '../text.js';
import { CONTENT_BYTES, CUT, PREVIEW_CHARACTERS } from './schema.js';

const MAX_UNITS_A_CHARACTER = 2;

/** A query's preview. */
export function cutCharacters(text: string | null): string | null {
  if (text === null || text.length <= PREVIEW_CHARACTERS) return text;
  const characters = [...text.slice(0, (PREVIEW_CHARACTERS + 1) * MAX_UNITS_A_CHARACTER)];
  return characters.length <= PREVIEW_CHARACTERS
    ? text
    : characters.slice(0, PREVIEW_CHARACTERS - CUT.length).join('') + CUT;
}

/** A step's content, in the form that the database gives back. */
export function cutBytes(text: string | null): string | null {
  if (text === null) return null;
  const whole = storableText(text);
  if (Buffer.byteLength(whole) <= CONTENT_BYTES) return whole;
  const bytes = Buffer.from(whole);
  let end = CONTENT_BYTES - Buffer.byteLength(CUT);
  while (isContinuation(bytes[end]!)) end -= 1;
  return bytes.toString('utf8', 0, end) + CUT;
}

/** Of a character of several bytes, each but the first: a cut before one would part it. */
const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;
