/** Reads lines from a file (decompressed if its name ends in .gz) or standard input, in constant memory. */
import { createReadStream, ReadStream, statSync } from 'node:fs';
import { addAbortSignal, pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

export interface Line {
  /** From 1. */
  number: number;
  /** Without the line ending; undefined if longer than MAX_LINE bytes. */
  text: string | undefined;
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
const LINE_FEED = 0x0a;
const CHUNK = 256 * 1024;

/**
 * @param file a path, or `-` for standard input
 * @param signal ends the lines early
 */
export function openLines(file: string, signal: AbortSignal, stdin: Readable = process.stdin): LineSource {
  const size = file === '-' ? undefined : sizeOf(file);
  const raw = file === '-' ? stdin : createReadStream(file, { highWaterMark: CHUNK });
  return {
    size,
    read: () => (raw instanceof ReadStream ? raw.bytesRead : 0),
    lines: async function* () {
      const text = file.endsWith('.gz') ? gunzip(raw) : raw;
      addAbortSignal(signal, text);
      try {
        yield* splitLines(text);
      } catch (error) {
        if (signal.aborted) return;
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

export async function* splitLines(source: AsyncIterable<unknown>): AsyncGenerator<Line[]> {
  let rest: Buffer[] = [];
  let restSize = 0;
  let number = 0;
  const take = (end: Buffer): Line[] => {
    number += 1;
    const size = restSize + end.length;
    const text =
      size > MAX_LINE
        ? undefined
        : (rest.length === 0 ? end : Buffer.concat([...rest, end])).toString('utf8');
    rest = [];
    restSize = 0;
    const trimmed = (number === 1 ? text?.replace(/^\uFEFF/, '') : text)?.replace(/\r$/, '');
    return trimmed === undefined || trimmed.trim() !== '' ? [{ number, text: trimmed }] : [];
  };
  for await (const item of source) {
    const chunk = Buffer.isBuffer(item) ? item : Buffer.from(String(item));
    const lines: Line[] = [];
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      lines.push(...take(chunk.subarray(from, end)));
      from = end + 1;
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
