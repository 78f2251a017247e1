/** Texts of which only the beginning is kept; the cut is marked. */
import { storableText } from './text.js';

/** Characters of a query's preview that are kept. */
export const PREVIEW_CHARACTERS = 100;
/** Bytes of a step's content that are kept. */
export const CONTENT_BYTES = 16 * 1024;
/** Ends a text that was cut. */
const CUT = '…';

const MAX_UNITS_A_CHARACTER = 2;

/** A query's preview. */
export function cutCharacters(text: string): string {
  if (text.length <= PREVIEW_CHARACTERS) return text;
  const characters = [...text.slice(0, (PREVIEW_CHARACTERS + 1) * MAX_UNITS_A_CHARACTER)];
  return characters.length <= PREVIEW_CHARACTERS
    ? text
    : characters.slice(0, PREVIEW_CHARACTERS - CUT.length).join('') + CUT;
}

/** A step's content, in the form that the database gives back. */
export function cutBytes(text: string): string {
  const whole = storableText(text);
  if (Buffer.byteLength(whole) <= CONTENT_BYTES) return whole;
  const bytes = Buffer.from(whole);
  let end = CONTENT_BYTES - Buffer.byteLength(CUT);
  while (isContinuation(bytes[end]!)) end -= 1;
  return bytes.toString('utf8', 0, end) + CUT;
}

/** Whether a byte continues a character of several bytes, which a cut before it would split. */
const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;
