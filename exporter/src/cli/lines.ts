/** Reads lines from a file (decompressed if its name ends in .gz) or standard input, in constant memory. */
import { isUtf8 } from 'node:buffer';
import { createReadStream, ReadStream, statSync } from 'node:fs';
import { addAbortSignal, pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { decode, EncodingError } from './encoding.js';

export interface Line {
  /** From 1. */
  number: number;
  /** Without the line ending; undefined if it cannot be read. */
  text: string | undefined;
  /** Why it cannot be read. */
  problem?: string;
}

export interface TextOptions {
  /** Default: UTF-8, or what a byte order mark says. */
  encoding?: string;
  /** Lines that are not UTF-8 cannot be read. Default: their other bytes become U+FFFD, as in the log of a scanner. */
  strict?: boolean;
}

export interface LineSource {
  /** Size in bytes; undefined for standard input. */
  size: number | undefined;
  /** Bytes read so far. */
  read(): number;
  /** Yields chunks of lines without the empty ones. @throws UnreadableError if the source cannot be read to its end */
  lines(): AsyncGenerator<Line[]>;
}

/** The source ended early, for example because an archive is damaged. */
export class UnreadableError extends Error {}

export const MAX_LINE = 1024 * 1024;
const CHUNK = 256 * 1024;

/**
 * @param file a path, or `-` for standard input
 * @param signal ends the lines early
 */
export function openLines(
  file: string,
  signal: AbortSignal,
  options: TextOptions = {},
  stdin: Readable = process.stdin,
): LineSource {
  const size = file === '-' ? undefined : sizeOf(file);
  const raw = file === '-' ? stdin : createReadStream(file, { highWaterMark: CHUNK });
  return {
    size,
    read: () => (raw instanceof ReadStream ? raw.bytesRead : 0),
    lines: async function* () {
      const text = file.endsWith('.gz') ? gunzip(raw) : raw;
      addAbortSignal(signal, text);
      try {
        const { bytes, lineEnd } = await decode(text, options.encoding);
        yield* splitLines(bytes, { ...options, lineEnd });
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof EncodingError) throw new Error(`${file}: ${error.message}`, { cause: error });
        throw new UnreadableError(`${file}: ${(error as Error).message}`, { cause: error });
      } finally {
        raw.destroy();
      }
    },
  };
}

/** Errors of both streams are raised to the reader of the returned one. */
function gunzip(raw: Readable): Readable {
  const unpacked = createGunzip();
  pipeline(raw, unpacked, () => undefined);
  return unpacked;
}

function sizeOf(file: string): number {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) throw new Error(`${file}: no such file`);
  if (stat.isDirectory()) throw new Error(`${file}: is a directory`);
  return stat.size;
}

/** Why a line is not read. */
const TOO_LONG = 'is longer than 1 MiB';
const NOT_UTF8 =
  'is not UTF-8; say what it is with --encoding, such as windows-1252 for a file of an older spreadsheet';

export async function* splitLines(
  source: AsyncIterable<unknown>,
  { strict = false, lineEnd = '\n' }: TextOptions & { lineEnd?: '\n' | '\r' } = {},
): AsyncGenerator<Line[]> {
  const end = lineEnd.charCodeAt(0);
  let rest: Buffer[] = [];
  let restSize = 0;
  let number = 0;
  const take = (last: Buffer): Line[] => {
    number += 1;
    const size = restSize + last.length;
    const bytes = size > MAX_LINE ? undefined : rest.length === 0 ? last : Buffer.concat([...rest, last]);
    rest = [];
    restSize = 0;
    if (bytes === undefined) return [{ number, text: undefined, problem: TOO_LONG }];
    if (strict && !isUtf8(bytes)) return [{ number, text: undefined, problem: NOT_UTF8 }];
    const text = bytes.toString('utf8');
    const trimmed = (number === 1 ? text.replace(/^\uFEFF/, '') : text).replace(/\r$/, '');
    return trimmed.trim() !== '' ? [{ number, text: trimmed }] : [];
  };
  for await (const item of source) {
    const chunk = Buffer.isBuffer(item) ? item : Buffer.from(String(item));
    const lines: Line[] = [];
    let from = 0;
    for (let at = chunk.indexOf(end); at >= 0; at = chunk.indexOf(end, from)) {
      lines.push(...take(chunk.subarray(from, at)));
      from = at + 1;
    }
    const tail = chunk.subarray(from);
    restSize += tail.length;
    // Only the length of an overlong line is kept.
    if (restSize <= MAX_LINE) rest.push(tail);
    else rest = [];
    yield lines;
  }
  if (restSize > 0) yield take(Buffer.alloc(0));
}
