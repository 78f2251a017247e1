/** The encoding of a text file: by its byte order mark, as it was told, otherwise UTF-8. */
import { isUtf8 } from 'node:buffer';

/** Why a file cannot be read as it was asked for. */
export class EncodingError extends Error {}

export interface Decoded {
  /** In UTF-8. Bytes that were meant as UTF-8 are passed on unchecked, so that each line can be checked. */
  bytes: AsyncIterable<Buffer>;
  /** `\r` where the file has no other line end. */
  lineEnd: '\n' | '\r';
}

/** What is looked at before anything is decided. */
const HEAD_BYTES = 64 * 1024;
const LINE_FEED = 0x0a;
const MARKS: readonly (readonly [encoding: string, mark: readonly number[]])[] = [
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
  ['utf-8', [0xef, 0xbb, 0xbf]],
];

/** How files that are no text begin, and what to do with them. */
const BINARY: readonly (readonly [bytes: readonly number[], problem: string])[] = [
  [[0x1f, 0x8b], 'is compressed with gzip; let its name end in .gz, or decompress it'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'is compressed with Zstandard; decompress it'],
  [[0x50, 0x4b, 0x03, 0x04], 'is a ZIP archive or a workbook; unpack it, or save it as CSV'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'is a workbook; save it as CSV'],
  [[0x50, 0x41, 0x52, 0x31], 'is a Parquet file; convert it to text'],
];

/** The name of an encoding as the decoder knows it. @throws EncodingError for an unknown one */
export function encodingName(label: string): string {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    throw new EncodingError(
      `"${label}" is no known encoding; there are utf-8, utf-16le, windows-1252, iso-8859-2 and others`,
    );
  }
}

/**
 * @param encoding default: UTF-8
 * @throws EncodingError if the bytes are in another encoding
 */
export async function decode(source: AsyncIterable<unknown>, encoding?: string): Promise<Decoded> {
  const chunks = buffersOf(source);
  const head: Buffer[] = [];
  let size = 0;
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    head.push(next.value);
    size += next.value.length;
    // A line is enough, so that lines of standard input are read as they come.
    if (size >= HEAD_BYTES || next.value.includes(LINE_FEED)) break;
  }
  const first = Buffer.concat(head);
  const begins = (bytes: readonly number[]): boolean => bytes.every((byte, i) => first[i] === byte);
  const binary = BINARY.find(([bytes]) => begins(bytes));
  if (binary !== undefined) throw new EncodingError(binary[1]);
  const marked = MARKS.find(([, mark]) => begins(mark))?.[0];
  const name = marked ?? (encoding === undefined ? 'utf-8' : encodingName(encoding));
  const all = withHead(first, chunks);
  if (name === 'utf-8') {
    if (first.includes(0) && looksLikeUtf16(first)) {
      throw new EncodingError(
        'looks like UTF-16 without a byte order mark; try --encoding utf-16le or utf-16be',
      );
    }
    return { bytes: all, lineEnd: lineEndOf(first.toString('latin1')) };
  }
  if (marked === undefined && !name.startsWith('utf-16') && isMultiByteUtf8(first)) {
    throw new EncodingError(`is UTF-8, not ${name}; leave --encoding out`);
  }
  const text = new TextDecoder(name, { fatal: true }).decode(first, { stream: true });
  return { bytes: transcoded(all, name), lineEnd: lineEndOf(text) };
}

async function* buffersOf(source: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
  for await (const item of source) yield Buffer.isBuffer(item) ? item : Buffer.from(String(item));
}

async function* withHead(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  yield* rest;
}

async function* transcoded(bytes: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  for await (const chunk of bytes) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}

const lineEndOf = (text: string): Decoded['lineEnd'] =>
  text.includes('\r') && !text.includes('\n') ? '\r' : '\n';

/** Half of the bytes of ASCII text in UTF-16 are 0. */
const looksLikeUtf16 = (bytes: Buffer): boolean =>
  bytes.filter((byte) => byte === 0).length > bytes.length / 4;

/** Whether there are characters beyond ASCII, all of them in UTF-8. The last one may be cut off. */
function isMultiByteUtf8(bytes: Buffer): boolean {
  if (!bytes.some((byte) => byte > 0x7f)) return false;
  return [0, 1, 2, 3].some((cut) => isUtf8(bytes.subarray(0, bytes.length - cut)));
}
